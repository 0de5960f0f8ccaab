import type { PrivateRedis } from '@switchyard/test-services'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinFleet, type RedisSharing } from './connect-redis.ts'
import { ownRedis } from './own-redis.fixture.ts'
import { SilentProxy } from './silent-proxy.fixture.ts'
import { SimulatedTime } from './simulated-time.fixture.ts'

const size = 3
const limits = [
  { key: 'requests', limit: 60, windowMs: 60_000 },
  { key: 'tokens', limit: 1_000, windowMs: 60_000 },
]

type Event =
  | { readonly type: 'take'; readonly member: number; readonly times: number }
  | { readonly type: 'correct'; readonly member: number; readonly by: number }
  | { readonly type: 'pass'; readonly seconds: number }
  | { readonly type: 'flush' | 'save' | 'restart' | 'kill' | 'pause' | 'settle' }
  | { readonly type: 'silence'; readonly member: number; readonly silent: boolean }
  | { readonly type: 'replace'; readonly member: number }

const member = fc.nat(size - 1)
const event = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constant('take' as const), member, times: fc.integer({ min: 1, max: 25 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('correct' as const), member, by: fc.integer({ min: -30, max: 0 }) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('flush' as const, 'save' as const, 'restart' as const, 'kill' as const, 'pause' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('silence' as const), member, silent: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('replace' as const), member }) },
)

interface Sent {
  readonly at: number
  amounts: number[]
}

/** A fleet over a real Redis, in time that moves only when told to. */
class TestFleet {
  readonly time = new SimulatedTime()
  readonly sent: Sent[] = []
  readonly members: RedisSharing[] = []
  readonly #server: PrivateRedis
  readonly #proxies: SilentProxy[]
  readonly #prefix = crypto.randomUUID()
  #last: { readonly member: number; readonly at: number; readonly sent: Sent } | undefined
  #gone = false

  constructor(server: PrivateRedis, proxies: SilentProxy[]) {
    this.#server = server
    this.#proxies = proxies
  }

  async join(at: number): Promise<void> {
    const url = (this.#proxies[at] as SilentProxy).url
    const options = { url, prefix: this.#prefix, clock: this.time, timeoutMs: 80 }
    const times = { settleMs: 100, heartbeatMs: 20, now: () => this.time.monotonic() }
    this.members[at] = await joinFleet(options, times)
  }

  async happen(event: Event): Promise<void> {
    switch (event.type) {
      case 'take':
        await Promise.all(Array.from({ length: event.times }, (_, at) => this.#take(event.member, 5 + 7 * (at % 5))))
        return
      case 'correct': {
        const last = this.#last
        if (last === undefined || last.member !== event.member) return
        this.#last = undefined
        const by = -Math.min(-event.by, last.sent.amounts[1] as number)
        last.sent.amounts[1] = (last.sent.amounts[1] as number) + by
        const tokens = limits[1] as (typeof limits)[0]
        await this.members[last.member]?.limits.correct([{ ...tokens, at: last.at, by }])
        return
      }
      case 'pass':
        for (let second = 0; second < event.seconds; second++) {
          this.time.advance(1_000)
          if (second % 5 === 0) await pause(45)
        }
        await pause(45)
        return
      case 'flush':
        if (!this.#gone) await this.#server.command('FLUSHALL')
        return
      case 'save':
        // what a restart brings back is as old as this
        if (!this.#gone) await this.#server.command('SAVE')
        return
      case 'kill':
        await this.#server.kill()
        this.#gone = true
        return
      case 'restart':
        await this.#server.restart()
        this.#gone = false
        return
      case 'pause':
        if (!this.#gone) await this.#server.command('CLIENT', 'PAUSE', '150', 'ALL')
        return
      case 'settle':
        await pause(300)
        return
      case 'silence':
        ;(this.#proxies[event.member] as SilentProxy).silent = event.silent
        return
      case 'replace': {
        // who comes to an empty Redis while others are cut off from it cannot know of them
        await pause(300)
        if (this.members.some(({ state }, at) => at !== event.member && state !== 'shared')) return
        // it leaves without a word where its own way is silent
        await this.members[event.member]?.dispose()
        ;(this.#proxies[event.member] as SilentProxy).silent = false
        await this.join(event.member)
      }
    }
  }

  /** The most of a limit that was sent in any 60 seconds. */
  busiestMinute(which: number): number {
    let most = 0
    for (const { at } of this.sent) {
      const inside = this.sent.filter(other => other.at >= at && other.at < at + 60_000)
      most = Math.max(
        most,
        inside.reduce((sum, { amounts }) => sum + (amounts[which] as number), 0),
      )
    }
    return most
  }

  async #take(at: number, tokens: number): Promise<void> {
    const amounts = [1, tokens]
    const asks = limits.map((limit, which) => ({ ...limit, amount: amounts[which] as number }))
    const answer = await (this.members[at] as RedisSharing).limits.take(asks)
    if (!answer.taken) return
    const sent = { at: this.time.monotonic(), amounts }
    this.sent.push(sent)
    this.#last = { member: at, at: answer.at, sent }
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

describe('a fleet', () => {
  it('never sends more than its limits in any minute, whatever becomes of Redis', async context => {
    let granted = 0
    const runs = Number(process.env.RUNS ?? 6)
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 15, maxLength: 40 }), async events => {
        await using server = await ownRedis(context)
        const proxies = await Promise.all(Array.from({ length: size }, () => SilentProxy.start(server.url)))
        const fleet = new TestFleet(server, proxies)
        try {
          for (let at = 0; at < size; at++) await fleet.join(at)
          let passed = 0
          for (const each of events as readonly Event[]) {
            // a process that is cut off from a Redis that serves others is remembered for two minutes
            if (each.type === 'pass') passed += each.seconds
            if (passed > 100) break
            await fleet.happen(each)
          }
          granted += fleet.sent.length
          for (const [which, { limit }] of limits.entries()) {
            expect(fleet.busiestMinute(which)).toBeLessThanOrEqual(limit)
          }
        } finally {
          await Promise.all(fleet.members.map(each => each.dispose()))
          await Promise.all(proxies.map(proxy => proxy[Symbol.asyncDispose]()))
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
    expect(granted).toBeGreaterThan(0)
  }, 600_000)
})
