import { isDeepStrictEqual } from 'node:util'
import {
  type AttemptInfo,
  BreakerBoard,
  type CircuitSharing,
  type SharedCircuit,
  SwitchyardError,
  systemClock,
} from '@switchyard/core'
import { SharedCircuits } from '@switchyard/core/testing'
import { findRedis } from '@switchyard/test-services'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { joinFleet, type RedisSharing } from './connect-redis.ts'
import { ownRedis } from './own-redis.fixture.ts'
import { SilentProxy } from './silent-proxy.fixture.ts'
import { SimulatedTime } from './simulated-time.fixture.ts'

// servers that start and connections that end take a while on a busy machine
vi.setConfig({ testTimeout: 30_000 })

const redis = await findRedis()
const opened: RedisSharing[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map(member => member.dispose()))
})

async function join(url: string, prefix: string, time: SimulatedTime, heartbeatMs = 50): Promise<RedisSharing> {
  const options = { url, prefix, clock: time, timeoutMs: 1_000 }
  const member = await joinFleet(options, { settleMs: 0, heartbeatMs, now: () => time.monotonic() })
  opened.push(member)
  return member
}

/** What one process heard, the latest of each circuit. */
function hearing(sharing: CircuitSharing): Map<string, SharedCircuit> {
  const heard = new Map<string, SharedCircuit>()
  sharing.listen((key, circuit) => heard.set(key, circuit))
  return heard
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    if (tries > 2_000) throw new Error('It never came to that.')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

const open = (remainingMs: number, retryAfterMs = 0, failedProbes = 0): SharedCircuit => ({
  name: 'open',
  remainingMs,
  retryAfterMs,
  failedProbes,
})

interface Bench {
  readonly time: SimulatedTime
  /** Another process of the fleet. */
  join(): Promise<CircuitSharing>
}

const benches: readonly [string, boolean, () => Bench][] = [
  [
    'memory',
    true,
    () => {
      const time = new SimulatedTime()
      const circuits = new SharedCircuits(time)
      return { time, join: async () => circuits.join() }
    },
  ],
  [
    'Redis',
    redis !== undefined,
    () => {
      const time = new SimulatedTime()
      const prefix = `test-${crypto.randomUUID()}`
      return { time, join: async () => (await join(redis as string, prefix, time)).circuits }
    },
  ],
]

for (const [name, there, bench] of benches) {
  describe.skipIf(!there)(`circuits shared in ${name}`, () => {
    it('are told to all the others, and not to the one who tells', async () => {
      const fleet = bench()
      const [one, two, three] = [await fleet.join(), await fleet.join(), await fleet.join()]
      const heard = [one, two, three].map(hearing)
      one.tell('openai/gpt', open(10_000, 4_000, 2), 'outcome')
      await until(() => heard[1]?.size === 1 && heard[2]?.size === 1)
      expect(heard[1]?.get('openai/gpt')).toEqual(open(10_000, 4_000, 2))
      expect(heard[0]?.size).toBe(0)
    })

    it('are told to one that comes later, with the time that is left', async () => {
      const fleet = bench()
      const one = await fleet.join()
      one.tell('openai', open(10_000, 6_000), 'outcome')
      fleet.time.advance(4_000)
      const heard = hearing(await fleet.join())
      await until(() => heard.size === 1)
      expect(heard.get('openai')).toEqual(open(6_000, 2_000))
    })

    it('end at the later of two deadlines', async () => {
      const fleet = bench()
      const [one, two] = [await fleet.join(), await fleet.join()]
      const heard = hearing(one)
      two.tell('openai', open(20_000, 15_000, 1), 'outcome')
      await until(() => heard.size === 1)
      const other = hearing(two)
      one.tell('openai', open(5_000, 0, 0), 'outcome')
      await until(() => other.has('openai'))
      expect(await one.probe('openai', 1_000, false)).toEqual({ granted: false, retryAfterMs: 20_000 })
      expect(await one.probe('openai', 1_000, true)).toEqual({ granted: false, retryAfterMs: 15_000 })
    })

    it('give one probe to the fleet, and the next when it is told how it went', async () => {
      const fleet = bench()
      const members = [await fleet.join(), await fleet.join(), await fleet.join()]
      const heard = members.map(hearing)
      members[0]?.tell('openai', open(1_000), 'outcome')
      await until(() => heard[2]?.size === 1)
      fleet.time.advance(1_000)
      const asked = await Promise.all(members.map(member => member.probe('openai', 60_000, false)))
      expect(asked.filter(({ granted }) => granted)).toHaveLength(1)
      const prober = asked.findIndex(({ granted }) => granted)
      members[prober]?.tell('openai', open(2_000, 0, 1), 'outcome')
      const others = heard.filter((_, at) => at !== prober)
      await until(() => others.every(each => isDeepStrictEqual(each.get('openai'), open(2_000, 0, 1))))
      fleet.time.advance(2_000)
      const next = members[(prober + 1) % 3] as CircuitSharing
      expect(await next.probe('openai', 60_000, false)).toEqual({ granted: true })
      next.tell('openai', { name: 'closed' }, 'outcome')
      await until(() => heard.some(each => each.get('openai')?.name === 'closed'))
    })

    it('give an early probe before the open time has ended', async () => {
      const fleet = bench()
      const [one, two] = [await fleet.join(), await fleet.join()]
      const heard = hearing(two)
      one.tell('openai', open(10_000), 'outcome')
      await until(() => heard.size === 1)
      expect(await two.probe('openai', 60_000, true)).toEqual({ granted: true })
      expect(await one.probe('openai', 60_000, true)).toMatchObject({ granted: false })
    })

    it('give the probe on when it was given back', async () => {
      const fleet = bench()
      const [one, two] = [await fleet.join(), await fleet.join()]
      const heard = hearing(two)
      one.tell('openai', open(1), 'outcome')
      await until(() => heard.size === 1)
      fleet.time.advance(1)
      await one.probe('openai', 60_000, false)
      one.release('openai')
      let granted = false
      await until(() => {
        void two.probe('openai', 60_000, false).then(answer => {
          granted ||= answer.granted
        })
        return granted
      })
    })

    it('stay isolated until somebody releases them by hand', async () => {
      const fleet = bench()
      const [one, two] = [await fleet.join(), await fleet.join()]
      const [heard, there] = [hearing(one), hearing(two)]
      one.tell('openai', { name: 'isolated' }, 'hand')
      await until(() => there.get('openai')?.name === 'isolated')
      two.tell('openai', open(10_000), 'outcome')
      two.tell('openai', { name: 'closed' }, 'outcome')
      expect(await two.probe('openai', 1_000, true)).toMatchObject({ granted: false })
      two.tell('openai', { name: 'closed' }, 'hand')
      await until(() => heard.get('openai')?.name === 'closed')
      expect([...heard.values()]).toEqual([{ name: 'closed' }])
    })

    it('are heard no more once the listener has ended', async () => {
      const fleet = bench()
      const [one, two, three] = [await fleet.join(), await fleet.join(), await fleet.join()]
      let heard = 0
      two.listen(() => heard++)()
      const there = hearing(three)
      one.tell('openai', open(10_000), 'outcome')
      await until(() => there.size === 1)
      expect(heard).toBe(0)
    })
  })
}

describe.skipIf(redis === undefined)('circuits in Redis', () => {
  it('open for other processes at once', async () => {
    const time = new SimulatedTime()
    const prefix = `test-${crypto.randomUUID()}`
    // nothing but a push can tell in time
    const sharing = await Promise.all([1, 2, 3, 4].map(() => join(redis as string, prefix, time, 600_000)))
    const settings = { minimumCalls: 2, openForMs: 30_000 }
    const boards = sharing.map(
      ({ circuits }) => new BreakerBoard({ clock: systemClock, random: () => 0, sharing: circuits }),
    )
    const targets = boards.map(board => board.target('openai', 'gpt', settings))
    const error = new SwitchyardError('overloaded', 'No.')
    for (let failed = 0; failed < 2; failed++) {
      const permit = await targets[0]?.admit({} as AttemptInfo, systemClock.monotonic())
      await permit?.settle({ type: 'failed', error, bill: 'nothing', durationMs: 1 }, systemClock.monotonic())
    }
    await until(() => boards.every(board => board.breaker('openai/gpt').state.name === 'open'))
    for (const target of targets) expect(target.retryAfterMs(systemClock.monotonic())).toBeGreaterThan(25_000)
    for (const board of boards) board.dispose()
  })

  it('are known to a process as soon as it has joined', async () => {
    const time = new SimulatedTime()
    const prefix = `test-${crypto.randomUUID()}`
    const one = await join(redis as string, prefix, time)
    one.circuits.tell('openai', { name: 'isolated' }, 'hand')
    await until(() => one.state === 'shared')
    for (let late = 0; late < 5; late++) {
      const heard = hearing((await join(redis as string, prefix, time)).circuits)
      expect(heard.get('openai')).toEqual({ name: 'isolated' })
    }
  })

  it('are told after all by a process that was away when it opened them', async context => {
    await using server = await ownRedis(context)
    await using proxy = await SilentProxy.start(server.url)
    const time = new SimulatedTime()
    const [one, two] = [await join(proxy.url, 'away', time), await join(server.url, 'away', time)]
    const heard = hearing(two.circuits)
    proxy.silent = true
    one.circuits.tell('openai', open(60_000), 'outcome')
    await until(() => one.state === 'away')
    expect(heard.size).toBe(0)
    proxy.silent = false
    await until(() => heard.get('openai')?.name === 'open')
    await Promise.all(opened.splice(0).map(member => member.dispose()))
  })

  it('that closed while a process was away are closed for it when it is back', async context => {
    await using server = await ownRedis(context)
    await using proxy = await SilentProxy.start(server.url)
    const time = new SimulatedTime()
    const [one, two] = [await join(proxy.url, 'away', time), await join(server.url, 'away', time)]
    const heard = hearing(one.circuits)
    two.circuits.tell('openai', open(60_000), 'outcome')
    await until(() => heard.get('openai')?.name === 'open')
    proxy.silent = true
    await until(() => one.state === 'away')
    two.circuits.tell('openai', { name: 'closed' }, 'outcome')
    proxy.silent = false
    await until(() => heard.get('openai')?.name === 'closed')
    await Promise.all(opened.splice(0).map(member => member.dispose()))
  })

  it('are told again to a Redis that has forgotten them', async context => {
    await using server = await ownRedis(context)
    const time = new SimulatedTime()
    const one = await join(server.url, 'flushed', time)
    one.circuits.tell('openai', open(60_000), 'outcome')
    one.circuits.tell('anthropic', { name: 'isolated' }, 'hand')
    await until(() => one.members === 1)
    await server.kill()
    await until(() => one.state === 'away')
    await server.restart()
    await until(() => one.state === 'shared')
    const heard = hearing((await join(server.url, 'flushed', time)).circuits)
    await until(() => heard.size === 2)
    expect(heard.get('anthropic')).toEqual({ name: 'isolated' })
    await Promise.all(opened.splice(0).map(member => member.dispose()))
  })

  it('let each process probe for itself while Redis is away', async context => {
    await using server = await ownRedis(context)
    const time = new SimulatedTime()
    const [one, two] = [await join(server.url, 'probes', time), await join(server.url, 'probes', time)]
    await server.kill()
    expect(await one.circuits.probe('openai', 1_000, false)).toEqual({ granted: true })
    expect(await two.circuits.probe('openai', 1_000, false)).toEqual({ granted: true })
    one.circuits.release('openai')
    await Promise.all(opened.splice(0).map(member => member.dispose()))
  })

  it('give the probe of a process that died to another, and keep that of one that lives', async context => {
    await using server = await ownRedis(context)
    await using proxy = await SilentProxy.start(server.url)
    const time = new SimulatedTime()
    const [one, two] = [await join(proxy.url, 'died', time), await join(server.url, 'died', time)]
    const heard = hearing(two.circuits)
    one.circuits.tell('openai', open(1), 'outcome')
    await until(() => heard.size === 1)
    time.advance(1)
    expect(await one.circuits.probe('openai', 60_000, false)).toEqual({ granted: true })
    for (let second = 0; second < 8; second++) {
      time.advance(1_000)
      await new Promise(resolve => setTimeout(resolve, 80))
    }
    expect(await two.circuits.probe('openai', 60_000, false)).toMatchObject({ granted: false })
    proxy.silent = true
    await until(() => one.state === 'away')
    time.advance(5_001)
    expect(await two.circuits.probe('openai', 60_000, false)).toEqual({ granted: true })
    await Promise.all(opened.splice(0).map(member => member.dispose()))
  })
})
