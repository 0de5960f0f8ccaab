import type { PrivateRedis } from '@switchyard/test-services'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { joinFleet, type RedisSharing } from './connect-redis.ts'
import { ownRedis } from './own-redis.fixture.ts'
import type { RedisOptions, RedisTimes } from './redis-options.ts'
import { SilentProxy } from './silent-proxy.fixture.ts'
import { SimulatedTime } from './simulated-time.fixture.ts'

// servers that start and connections that end take a while on a busy machine
vi.setConfig({ testTimeout: 30_000 })

const limit = { key: 'tier:requests', limit: 100, windowMs: 60_000 }

let server: PrivateRedis
let time: SimulatedTime
let members: RedisSharing[]
/** When a request was let through, by whomever. */
let sent: number[]

beforeEach(async context => {
  time = new SimulatedTime()
  members = []
  sent = []
  server = await ownRedis(context)
})

afterEach(async () => {
  await Promise.all(members.map(member => member.dispose()))
  await server?.stop()
})

async function join(options: Partial<RedisOptions> = {}, times: Partial<RedisTimes> = {}): Promise<RedisSharing> {
  const member = await joinFleet(
    { url: server.url, clock: time, timeoutMs: 300, ...options },
    { settleMs: 0, heartbeatMs: 50, now: () => time.monotonic(), ...times },
  )
  members.push(member)
  return member
}

async function take(member: RedisSharing): Promise<boolean> {
  const { taken } = await member.limits.take([{ ...limit, amount: 1 }])
  if (taken) sent.push(time.monotonic())
  return taken
}

/** How many of so many takes were granted. */
async function takes(member: RedisSharing, times: number): Promise<number> {
  let granted = 0
  for (let done = 0; done < times; done++) if (await take(member)) granted++
  return granted
}

/** The most that was let through in any 60 seconds. */
function busiestMinute(): number {
  const times = sent.toSorted((one, other) => one - other)
  let most = 0
  let from = 0
  for (let to = 0; to < times.length; to++) {
    while ((times[to] as number) - (times[from] as number) >= 60_000) from++
    most = Math.max(most, to - from + 1)
  }
  return most
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries > 500) throw new Error('It never came to that.')
    await pause(10)
  }
}

/** Waits until the fleet holds back this share, in millionths, for processes that are silent. */
async function withheld(share: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await server.command('HGET', '{switchyard}:fleet', '#withheld')
    if (answer.endsWith(`\r\n${share}\r\n`)) return
    if (tries > 500) throw new Error(`It holds back ${JSON.stringify(answer)}.`)
    await pause(10)
  }
}

const all = (state: RedisSharing['state']) => () => members.every(member => member.state === state)

describe('while Redis is away, a process', () => {
  it('goes on with its part of what the fleet had not used', async () => {
    const [one, two] = [await join(), await join()]
    expect(await takes(one, 20)).toBe(20)
    expect(await takes(two, 20)).toBe(20)
    await pause(150)
    await server.kill()
    const alone = [await takes(one, 100), await takes(two, 100)]
    expect(Math.min(...alone)).toBeGreaterThan(0)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })

  it('that is alone has half of what was left, since another may have come', async () => {
    const one = await join()
    expect(await takes(one, 40)).toBe(40)
    await pause(150)
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
    await pause(100)
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
    await pause(100)
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
  const bounded = async (member: RedisSharing): Promise<void> => {
    const started = performance.now()
    await Promise.all(Array.from({ length: 50 }, () => take(member)))
    expect(performance.now() - started).toBeLessThan(2_000)
  }

  it('comes though Redis is paused, and the fleet comes back', async () => {
    const [one] = [await join(), await join()]
    await takes(one, 10)
    await server.command('CLIENT', 'PAUSE', '1500', 'ALL')
    await bounded(one)
    expect(one.state).toBe('away')
    await until(all('shared'))
    for (const member of members) await takes(member, 100)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  })

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
    await pause(150)
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
    const [one, two] = [await join(), await join()]
    await takes(one, 10)
    await pause(150)
    await server.command('CLIENT', 'PAUSE', '1500', 'ALL')
    const alone = (await takes(one, 30)) + (await takes(two, 30))
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
    await pause(150)
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
    await pause(150)
    proxy.silent = true
    await until(() => one.state === 'away')
    for (let second = 0; second < 75; second++) {
      time.advance(1_000)
      await pause(60)
      await take(one)
      await take(two)
      await take(two)
    }
    expect(busiestMinute()).toBeLessThanOrEqual(100)
    time.advance(35_000)
    await pause(120)
    await takes(two, 200)
    await takes(one, 200)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
    proxy.silent = false
    await until(all('shared'))
    await takes(two, 200)
    await takes(one, 200)
    expect(busiestMinute()).toBeLessThanOrEqual(100)
  }, 20_000)

  it('of one that was silent for two minutes are given to the others', async () => {
    await using proxy = await SilentProxy.start(server.url)
    const [one, two] = [await join({ url: proxy.url }), await join()]
    await takes(one, 1)
    await pause(150)
    proxy.silent = true
    await until(() => one.state === 'away')
    time.advance(100_000)
    await withheld(500_000)
    expect(await takes(two, 200)).toBe(50)
    time.advance(62_000)
    await withheld(0)
    expect(await takes(two, 200)).toBe(100)
  }, 20_000)

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
    const started = performance.now()
    const one = await join()
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(one.state).toBe('joining')
    expect(await take(one)).toBe(false)
    await server.restart()
    await until(() => one.state === 'shared')
    expect(await take(one)).toBe(true)
  })
})
