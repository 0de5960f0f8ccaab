import { describe, expect, it, vi } from 'vitest'
import { limit, TestFleet, until } from './test-fleet.fixture.ts'

// servers that start and connections that end take a while on a busy machine
vi.setConfig({ testTimeout: 30_000 })

const day = { key: 'tier:day', limit: 100, windowMs: 86_400_000 }

describe('a Redis that comes back with what it had saved', () => {
  it('is told what it had not, so that nothing is taken twice', async context => {
    await using fleet = await TestFleet.start(context)
    const [one, two] = [await fleet.join(), await fleet.join()]
    expect(await fleet.takes(one, 30)).toBe(30)
    await fleet.server.command('SAVE')
    expect((await fleet.takes(two, 30)) + (await fleet.takes(one, 30))).toBe(60)
    await fleet.server.restart()
    await fleet.all('away')
    await fleet.all('shared')
    await fleet.takes(one, 100)
    await fleet.takes(two, 100)
    expect(fleet.sent).toHaveLength(100)
  })

  it('does not count again what it had', async context => {
    await using fleet = await TestFleet.start(context)
    const [one, two] = [await fleet.join(), await fleet.join()]
    expect((await fleet.takes(two, 20)) + (await fleet.takes(one, 20))).toBe(40)
    await fleet.server.command('SAVE')
    await fleet.server.restart()
    await fleet.all('away')
    await fleet.all('shared')
    expect(await one.limits.left(limit)).toBe(60)
    expect(await two.limits.left(limit)).toBe(60)
  })

  it('keeps what a process used that has ended since', async context => {
    await using fleet = await TestFleet.start(context)
    const [one, two] = [await fleet.join(), await fleet.join()]
    expect(await fleet.take(two, { ...day, amount: 50 })).toBe(true)
    expect(await fleet.take(one, { ...day, amount: 10 })).toBe(true)
    await fleet.members.pop()?.dispose()
    await fleet.server.command('SAVE')
    // in the bucket that was being saved, what ended processes used and what is told cannot be told apart
    fleet.time.advance(1_800_000)
    await until(() => one.state === 'shared')
    expect(await fleet.take(one, { ...day, amount: 10 })).toBe(true)
    await fleet.server.restart()
    await fleet.all('away')
    await fleet.all('shared')
    expect(await one.limits.left(day)).toBe(30)
  })
})

describe('a Redis whose clock is set back', () => {
  it('by much holds up nobody for longer than a window, and forgets nothing', async context => {
    await using fleet = await TestFleet.start(context)
    let back = 0
    const times = { now: () => fleet.time.monotonic() - back }
    const one = await fleet.join({}, times)
    expect(await fleet.takes(one, 100)).toBe(100)
    back = 3_600_000
    expect(await fleet.takes(one, 10)).toBe(0)
    expect(await one.limits.take([{ ...limit, amount: 1 }])).toMatchObject({ taken: false, retryAfterMs: 61_000 })
    fleet.time.advance(62_000)
    await until(async () => (await one.limits.left(limit)) === 100)
    expect(await fleet.takes(one, 200)).toBe(100)
    expect(fleet.busiestMinute).toBe(100)
  })

  it('gives on the share of a process that died before', async context => {
    await using fleet = await TestFleet.start(context)
    let back = 0
    const times = { now: () => fleet.time.monotonic() - back }
    const one = await fleet.join({}, times)
    await fleet.takes(one, 1)
    // as one that died in an hour that is yet to come
    await fleet.server.command('HSET', '{switchyard}:fleet', 'm:dead', `${fleet.time.monotonic()} 500000`)
    back = 3_600_000
    const fleetKey = ['HGET', '{switchyard}:fleet'] as const
    await fleet.untilRedisSays([...fleetKey, 'm:dead'], `${fleet.time.monotonic() - back} 500000`)
    fleet.time.advance(125_000)
    await until(async () => (await fleet.server.command(...fleetKey, 'm:dead')) === '$-1\r\n')
    expect(await fleet.takes(one, 200)).toBe(100)
  })

  it('keeps circuits open no longer than they were told to be, and a dead prober no longer than its lease', async context => {
    await using fleet = await TestFleet.start(context)
    let back = 0
    const times = { now: () => fleet.time.monotonic() - back }
    const [one, two] = [await fleet.join({}, times), await fleet.join({}, times)]
    const circuit = { name: 'open', remainingMs: 5_000, retryAfterMs: 0, failedProbes: 0 } as const
    one.circuits.tell('openai', circuit, 'outcome')
    await until(async () => !(await two.circuits.probe('openai', 60_000, false)).granted)
    back = 3_600_000
    expect(await two.circuits.probe('openai', 60_000, false)).toEqual({ granted: false, retryAfterMs: 5_000 })
    expect(await two.circuits.probe('openai', 60_000, true)).toEqual({ granted: true })
    back = 2 * 3_600_000
    expect(await one.circuits.probe('openai', 60_000, true)).toEqual({ granted: true })
  })
})
