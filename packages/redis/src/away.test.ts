import type { PrivateRedis } from '@switchyard/test-services'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RedisSharing } from './connect-redis.ts'
import { SilentProxy } from './silent-proxy.fixture.ts'
import type { SimulatedTime } from './simulated-time.fixture.ts'
import { limit, pause, TestFleet, until } from './test-fleet.fixture.ts'

// servers that start and connections that end take a while on a busy machine
vi.setConfig({ testTimeout: 30_000 })

let fleet: TestFleet
let server: PrivateRedis
let time: SimulatedTime
let members: RedisSharing[]
let sent: number[]

beforeEach(async context => {
  fleet = await TestFleet.start(context)
  ;({ server, time, members, sent } = fleet)
})

afterEach(async () => {
  await fleet?.[Symbol.asyncDispose]()
})

const join: TestFleet['join'] = (...given) => fleet.join(...given)
const take = (member: RedisSharing): Promise<boolean> => fleet.take(member)
const takes = (member: RedisSharing, times: number): Promise<number> => fleet.takes(member, times)
const busiestMinute = (): number => fleet.busiestMinute
const withheld = (share: number): Promise<void> =>
  fleet.untilRedisSays(['HGET', '{switchyard}:fleet', '#withheld'], share)
const all = (state: RedisSharing['state']) => () => members.every(member => member.state === state)

describe('while Redis is away, a process', () => {
  it('goes on with its part of what the fleet had not used', async () => {
    const [one, two] = [await join(), await join()]
    expect(await takes(one, 20)).toBe(20)
    expect(await takes(two, 20)).toBe(20)
    await fleet.heartbeats()
    await server.kill()
    const alone = [await takes(one, 100), await takes(two, 100)]
    expect(Math.min(...alone)).toBeGreaterThan(0)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })

  it('of four has a quarter of half of what was left', async () => {
    const four = [await join(), await join(), await join(), await join()]
    expect(await takes(four[0] as RedisSharing, 60)).toBe(60)
    for (const member of four) await member.limits.take([{ ...limit, amount: 0 }])
    // shares shrink one after the other
    await fleet.heartbeats()
    await fleet.heartbeats()
    await server.kill()
    const alone: number[] = []
    for (const member of four) alone.push(await takes(member, 100))
    expect(alone).toEqual([5, 5, 5, 5])
  })

  it('has nothing where another has all that was left', async () => {
    const one = await join({}, { heartbeatMs: 600_000 })
    await one.limits.take([{ ...limit, amount: 0 }])
    const two = await join()
    await two.limits.take([{ ...limit, amount: 0 }])
    // a quarter each
    await fleet.untilRedisSays(['HGET', '{switchyard}:limit:tier:requests', 'e'], 50)
    await fleet.heartbeats(1)
    expect(await takes(two, 75)).toBe(75)
    await fleet.heartbeats(1)
    await server.kill()
    expect(await takes(two, 100)).toBe(0)
    expect(await takes(one, 100)).toBeGreaterThan(0)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })

  it('that is alone has half of what was left, since another may have come', async () => {
    const one = await join()
    expect(await takes(one, 40)).toBe(40)
    await fleet.heartbeats()
    await server.kill()
    expect(await takes(one, 100)).toBe(30)
    time.advance(70_000)
    expect(await takes(one, 200)).toBe(100)
  })

  it('has its share of the limit, no less and no more, once nothing else is in the window', async () => {
    const [one, two] = [await join(), await join()]
    await takes(one, 100)
    await server.kill()
    expect([await takes(one, 10), await takes(two, 10)]).toEqual([0, 0])
    time.advance(70_000)
    expect([await takes(one, 100), await takes(two, 100)]).toEqual([50, 50])
    time.advance(30_000)
    expect([await takes(one, 100), await takes(two, 100)]).toEqual([0, 0])
    time.advance(31_000)
    expect([await takes(one, 100), await takes(two, 100)]).toEqual([50, 50])
    expect(busiestMinute()).toBe(100)
  })

  it('refuses everything where it is told to', async () => {
    const one = await join({ whenAway: 'refuse' })
    await server.kill()
    const answer = await one.limits.take([{ ...limit, amount: 1 }])
    expect(answer).toEqual({ taken: false, key: limit.key, retryAfterMs: 1_000 })
  })

  it('says that what is larger than a limit never fits', async () => {
    const one = await join()
    await server.kill()
    await takes(one, 1)
    expect(await one.limits.take([{ ...limit, amount: 101 }])).toMatchObject({ taken: false, retryAfterMs: undefined })
  })

  it('tells what is left to it, and corrects what it took', async () => {
    const one = await join()
    await takes(one, 10)
    await fleet.heartbeats()
    await server.kill()
    const answer = await one.limits.take([{ ...limit, amount: 30 }])
    if (!answer.taken) throw new Error('Refused.')
    expect(await one.limits.left(limit)).toBe(15)
    await one.limits.correct([{ ...limit, at: answer.at, by: -20 }])
    expect(await one.limits.left(limit)).toBe(35)
    await one.limits.correct([{ ...limit, at: answer.at, by: 5 }])
    expect(await one.limits.left(limit)).toBe(30)
    time.advance(70_000)
    expect(await one.limits.left(limit)).toBe(100)
  })

  it('takes of all limits or of none', async () => {
    const one = await join()
    const other = { key: 'other', limit: 5, windowMs: 60_000 }
    await one.limits.take([
      { ...limit, amount: 1 },
      { ...other, amount: 1 },
    ])
    await fleet.heartbeats()
    await server.kill()
    await takes(one, 1)
    const before = await one.limits.left(limit)
    const answer = await one.limits.take([
      { ...limit, amount: 1 },
      { ...other, amount: 5 },
    ])
    expect(answer).toMatchObject({ taken: false, key: 'other' })
    expect(await one.limits.left(limit)).toBe(before)
  })
})

describe('an answer', () => {
  // what waits for Redis would wait until the test's end
  const bounded = async (member: RedisSharing): Promise<void> => {
    await Promise.all(Array.from({ length: 50 }, () => take(member)))
    expect(member.state).toBe('away')
  }

  it('comes though Redis stands still, and the fleet comes back', async () => {
    const [one] = [await join(), await join()]
    await takes(one, 10)
    server.pause()
    await bounded(one)
    server.resume()
    await until(all('shared'))
    for (const member of members) await takes(member, 100)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })

  it('comes though the way to Redis falls silent, and a new connection is made', async () => {
    await using proxy = await SilentProxy.start(server.url)
    const [one, two] = [await join({ url: proxy.url }), await join()]
    await takes(one, 10)
    await fleet.heartbeats()
    proxy.silent = true
    await bounded(one)
    // the others are not told of it at once, and must not take what it may take
    await takes(two, 200)
    await takes(one, 200)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
    proxy.silent = false
    await until(all('shared'))
    for (const member of members) await takes(member, 100)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })
})

describe('when Redis is back', () => {
  it('what was used meanwhile is told before anything is taken', async () => {
    await using proxy = await SilentProxy.start(server.url)
    const [one, two] = [await join({ url: proxy.url }), await join({ url: proxy.url })]
    await takes(one, 10)
    await fleet.heartbeats()
    proxy.silent = true
    const alone = (await takes(one, 30)) + (await takes(two, 30))
    proxy.silent = false
    expect(alone).toBeGreaterThan(0)
    await until(all('shared'))
    expect(await one.limits.left(limit)).toBe(100 - sent.length)
    await takes(two, 200)
    await takes(one, 200)
    expect(sent).toHaveLength(100)
  })

  it('and has forgotten everything, each tells what it used', async () => {
    const [one, two] = [await join(), await join()]
    await takes(one, 40)
    await takes(two, 40)
    await server.command('FLUSHALL')
    await Promise.all([takes(one, 100), takes(two, 100)])
    await until(all('shared'))
    await Promise.all([takes(one, 100), takes(two, 100)])
    expect(sent.length).toBeGreaterThan(90)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })

  it('after a restart nothing is believed to be unused', async () => {
    const [one, two] = [await join(), await join()]
    await takes(one, 70)
    await server.kill()
    await takes(two, 100)
    await server.restart()
    await until(all('shared'))
    await takes(one, 100)
    await takes(two, 100)
    expect(sent).toHaveLength(100)
  })

  it('but one process does not come, the others keep to their share until its use has left the window', async () => {
    const [one, two] = [await join(), await join()]
    await takes(one, 60)
    await fleet.heartbeats()
    await server.kill()
    // as if it had died: it neither leaves nor comes back
    const dead = members.splice(0, 1)[0] as RedisSharing
    const disposing = dead.dispose()
    await server.restart()
    await pause(500)
    expect(two.state).toBe('away')
    await takes(two, 100)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
    time.advance(70_000)
    await until(() => two.state === 'shared')
    expect(await takes(two, 200)).toBe(100)
    await disposing
  })
})

describe('the shares of a fleet', () => {
  it('of one that left go to the others', async () => {
    const [one, two] = [await join(), await join()]
    await takes(one, 1)
    await until(() => one.members === 2)
    await two.dispose()
    await until(() => one.members === 1)
    await server.kill()
    time.advance(70_000)
    expect(await takes(one, 200)).toBe(100)
  })

  it('of one that fell silent are kept for it, though never more than half, and then given to the others', async () => {
    await using proxy = await SilentProxy.start(server.url)
    const [one, two] = [await join({ url: proxy.url }), await join()]
    await takes(one, 1)
    await fleet.heartbeats()
    proxy.silent = true
    await until(() => one.state === 'away')
    for (let step = 0; step < 30; step++) {
      time.advance(2_500)
      await fleet.heartbeats(1)
      await take(one)
      await take(two)
      await take(two)
    }
    expect(busiestMinute()).toBeLessThanOrEqual(100)
    time.advance(35_000)
    await fleet.heartbeats(1)
    await takes(two, 200)
    await takes(one, 200)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
    proxy.silent = false
    await until(all('shared'))
    await takes(two, 200)
    await takes(one, 200)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })

  it('of one that was silent for two minutes are given to the others', async () => {
    await using proxy = await SilentProxy.start(server.url)
    const [one, two] = [await join({ url: proxy.url }), await join()]
    await takes(one, 1)
    await fleet.heartbeats()
    proxy.silent = true
    await until(() => one.state === 'away')
    time.advance(100_000)
    await withheld(500_000)
    expect(await takes(two, 200)).toBe(50)
    time.advance(62_000)
    await withheld(0)
    expect(await takes(two, 200)).toBe(100)
  })

  it('are given to one that replaces another that was killed', async () => {
    await using proxy = await SilentProxy.start(server.url)
    const one = await join({ url: proxy.url })
    await takes(one, 10)
    proxy.silent = true
    time.advance(3_100)
    const two = await join()
    expect(two.state).toBe('shared')
    expect(await takes(two, 200)).toBe(40)
    time.advance(125_000)
    await withheld(0)
    expect(await takes(two, 200)).toBe(100)
  })

  it('stay its own though it sleeps in the middle of a heartbeat', async () => {
    const [one] = [await join(), await join()]
    for (let nap = 0; nap < 20; nap++) {
      time.advance(10_000)
      await pause(nap)
    }
    await withheld(0)
    expect(await takes(one, 200)).toBe(100)
  })

  it('are nobody’s where Redis was never there', async () => {
    await server.kill()
    const one = await join()
    expect(one.state).toBe('joining')
    expect(await take(one)).toBe(false)
    await server.restart()
    await until(() => one.state === 'shared')
    expect(await take(one)).toBe(true)
  })
})
