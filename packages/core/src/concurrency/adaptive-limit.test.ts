import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import { completed } from '../limits/limiter.fixture.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import { concurrencyScene } from './concurrency.fixture.ts'

/** A target that answers so many at once in its own time, and makes the others wait; its latency varies by half. */
class Server {
  readonly limit: AdaptiveLimit
  capacity: number
  baseMs = 400
  readonly #random = chances()

  constructor(limit: AdaptiveLimit, capacity: number) {
    this.limit = limit
    this.capacity = capacity
  }

  /** So many answers, while so many callers always ask, or wait for leave. */
  serve(answers: number, callers: number): void {
    for (let answer = 0; answer < answers; answer++) {
      const inFlight = Math.min(callers, this.limit.limit)
      const queueing = Math.max(1, inFlight / this.capacity)
      this.limit.answered(this.baseMs * queueing * (0.75 + this.#random() / 2), inFlight)
    }
  }
}

function chances(): () => number {
  let state = 7
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  }
}

describe('a limit that follows latency', () => {
  it.each([4, 20, 80])(
    'finds about what a target of %i bears, and stays there under a load that never ends',
    capacity => {
      const server = new Server(new AdaptiveLimit({}), capacity)
      for (const callers of [1, 3]) server.serve(50, callers)
      server.serve(3_000, 1_000)
      const seen: number[] = []
      for (let round = 0; round < 400; round++) {
        server.serve(50, 1_000)
        seen.push(server.limit.limit)
      }
      const mean = seen.reduce((sum, limit) => sum + limit, 0) / seen.length
      expect(mean).toBeGreaterThan(capacity * 0.8)
      expect(mean).toBeLessThan(capacity * 2.2)
    },
  )

  it('finds it where it began under far too much load', () => {
    const server = new Server(new AdaptiveLimit({ initial: 200 }), 10)
    server.serve(20_000, 1_000)
    expect(server.limit.limit).toBeLessThan(30)
  })

  it('follows a target that bears less, and more again', () => {
    const server = new Server(new AdaptiveLimit({}), 60)
    server.serve(100, 3)
    server.serve(5_000, 1_000)
    server.capacity = 10
    server.serve(5_000, 1_000)
    expect(server.limit.limit).toBeLessThan(30)
    server.capacity = 60
    server.serve(5_000, 1_000)
    expect(server.limit.limit).toBeGreaterThan(45)
  })

  it('takes a target that is slower whatever the load for what it is', () => {
    const server = new Server(new AdaptiveLimit({}), 40)
    server.serve(100, 3)
    server.baseMs = 2_000
    server.serve(20_000, 1_000)
    expect(server.limit.limit).toBeGreaterThan(30)
  })

  it('grows only while it is used', () => {
    const limit = new AdaptiveLimit({ initial: 10 })
    for (let answer = 0; answer < 1_000; answer++) limit.answered(100, 5)
    expect(limit.limit).toBe(10)
    limit.answered(100, 6)
    for (let answer = 0; answer < 10; answer++) limit.answered(100, 10)
    expect(limit.limit).toBeGreaterThan(10)
  })

  it('does not stay where it made calm because its least allows no more of it', () => {
    const server = new Server(new AdaptiveLimit({ min: 8, max: 10, initial: 10 }), 50)
    const seen = new Set<number>()
    for (let answer = 0; answer < 2_000; answer++) {
      server.serve(1, 1_000)
      if (answer > 1_000) seen.add(server.limit.limit)
    }
    expect([...seen].sort()).toEqual([10, 8])
  })

  it('grows from one, and stays between its bounds', () => {
    const limit = new AdaptiveLimit({ min: 1, max: 12, initial: 1 })
    for (let answer = 0; answer < 200; answer++) limit.answered(100, limit.limit)
    expect(limit.limit).toBe(12)
    for (let now = 0; now < 100; now++) limit.overloaded(now, now)
    expect(limit.limit).toBe(1)
  })

  it('shrinks once for all attempts that an overload met', () => {
    const limit = new AdaptiveLimit({ initial: 100 })
    for (let attempt = 0; attempt < 50; attempt++) limit.overloaded(attempt, 1_000 + attempt)
    expect(limit.limit).toBe(70)
    limit.overloaded(1_100, 1_200)
    expect(limit.limit).toBe(49)
  })
})

/** So many callers, who always want something of a target that serves so many at once and makes the others wait. */
async function load(capacity: number, callers: number, minutes: number) {
  const { clock, concurrency, ask } = concurrencyScene([{ adaptive: {}, maxWaitMs: 600_000, maxQueue: callers }])
  const random = chances()
  const line: (() => void)[] = []
  let busy = 0
  const served: number[] = []
  const serve = (): void => {
    for (; busy < capacity && line.length > 0; busy++) line.shift()?.()
  }
  const call = async (): Promise<void> => {
    for (;;) {
      const asked = ask()
      await asked.ended
      const { permit } = asked
      if (permit === undefined) return
      const sentAt = clock.monotonic()
      await new Promise<void>(resolve => {
        line.push(resolve)
        serve()
      })
      // from almost at once to almost twice as long as usual
      await new Promise<void>(resolve => clock.timer(400 * (0.1 + 1.8 * random()), resolve))
      served.push(clock.monotonic() - sentAt)
      busy--
      serve()
      void permit.settle(completed(1), clock.monotonic())
    }
  }
  for (let caller = 0; caller < callers; caller++) {
    void call()
    await clock.advance(25)
  }
  await clock.advance(60_000)
  served.length = 0
  await clock.advance(minutes * 60_000)
  concurrency.dispose()
  return {
    // of what it can
    throughput: served.length / ((capacity * minutes * 60_000) / 400),
    latencyMs: served.reduce((sum, ms) => sum + ms, 0) / served.length,
  }
}

describe('an adaptive limit at work', () => {
  it.each([
    [3, 30],
    [10, 60],
    [40, 200],
  ])('keeps a target busy that serves %i at once, and %i callers from queueing there', async (capacity, callers) => {
    const { throughput, latencyMs } = await load(capacity, callers, 4)
    expect(throughput).toBeGreaterThan(0.9)
    // without a limit it were 2 s to 4 s
    expect(latencyMs).toBeLessThan(1_000)
  })

  const failed = (kind: SwitchyardError['kind'], phase?: 'first-token' | 'connect'): AttemptOutcome => ({
    type: 'failed',
    error: new SwitchyardError(kind, '', phase && { phase }),
    bill: 'unknown',
    durationMs: 1,
  })

  it.each<[string, AttemptOutcome, number]>([
    ['an overload', failed('overloaded'), 7],
    ["a provider's own rate limit", failed('rate-limit'), 7],
    ['a silence', failed('timeout', 'first-token'), 7],
    ['a connection that did not come about', failed('timeout', 'connect'), 10],
    ['a broken stream', failed('truncated'), 10],
    ['a refused request', failed('invalid-request'), 10],
    [
      'a caller who left',
      { type: 'cancelled', error: new SwitchyardError('aborted', ''), bill: 'unknown', durationMs: 1 },
      10,
    ],
    ['an attempt that was not sent', { type: 'withdrawn' }, 10],
  ])('after %s allows as much as that says', (_, outcome, limit) => {
    const { concurrency, ask, clock } = concurrencyScene([{ adaptive: { initial: 10 } }])
    void ask().permit?.settle(outcome, clock.monotonic())
    expect(concurrency.standings()).toMatchObject([{ limit, inFlight: 0 }])
  })

  it('measures first tokens from the moment an attempt is sent, and lets others go as it grows', async () => {
    const here = concurrencyScene([{ adaptive: { initial: 1 }, maxWaitMs: 60_000 }])
    const first = here.ask()
    const second = here.ask()
    first.permit?.sent?.(5_000)
    await here.clock.advance(5_100)
    first.permit?.firstToken?.(here.clock.monotonic())
    await here.clock.advance(0)
    // its answer goes on
    expect(second.state).toBe('goes')
    expect(here.concurrency.standings()).toMatchObject([{ limit: 2, inFlight: 2, queued: 0 }])
    void first.permit?.settle(completed(1), here.clock.monotonic())
    void second.permit?.settle(completed(1), here.clock.monotonic())
    expect(here.concurrency.standings()).toMatchObject([{ inFlight: 0 }])
  })
})
