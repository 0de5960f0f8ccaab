import { BreakerBoard, type ChainOptions, createChain } from '@switchyard/core'
import { hedging } from '@switchyard/core/routing'
import { VirtualClock } from '@switchyard/core/testing'
import { type Outage, queueingServer } from './queueing-server.ts'

/** The world of every curve: a server that does 100 requests a second is offered 60. */
export const world = {
  workers: 20,
  serviceMs: 200,
  queue: 1_000,
  offeredPerSecond: 60,
  firstTokenMs: 2_000,
  /** A minute of health, so that windows are full; then the outage; then what is left to recover in. */
  healthySeconds: 60,
  outageSeconds: 10,
  afterSeconds: 90,
} as const

export interface Protection {
  readonly retryBudget: boolean
  readonly breaker: boolean
  /** In place of the breaker's default, in milliseconds. */
  readonly breakerWindowMs?: number
  /** In place of the world's. */
  readonly offeredPerSecond?: number
  /** A second server like the first, asked beside it after so long without a token. */
  readonly hedgeAfterMs?: number
}

/** What one second held; the second is of the requests' begin. */
export interface Second {
  offered: number
  answered: number
  /** Attempts that came in at the server in this second. */
  attempts: number
}

export interface Curve {
  readonly seconds: readonly Second[]
  /** Attempts made for the requests that began in the outage, by those requests. */
  readonly amplification: number
  /** The same, by those of them that the server saw at least once. */
  readonly amplificationOfSeen: number
  /** Seconds from the outage's end until 95 of 100 are answered and stay so; absent where that never was. */
  readonly recoveredAfter?: number
  /** Of all requests. */
  readonly answered: number
  /** Attempts at the second server by all requests. */
  readonly hedgeShare?: number
}

const endless = { deposit() {}, withdraw: () => true, refund() {} } as unknown as ReturnType<
  BreakerBoard['retryBudget']
>

class WithoutRetryBudget extends BreakerBoard {
  override retryBudget(): ReturnType<BreakerBoard['retryBudget']> {
    return endless
  }
}

// the engine with its clock, its dice and its servers in virtual time: a minute takes seconds, and is the same each time
export async function runCurve(type: Outage['type'], protection: Protection): Promise<Curve> {
  const clock = new VirtualClock({ monotonic: 0 })
  const random = dice(20261121)
  const from = world.healthySeconds * 1_000
  const outage: Outage = { from, until: from + world.outageSeconds * 1_000, type }
  const { workers, serviceMs, queue } = world
  const server = queueingServer({ id: 'first', clock, workers, serviceMs, queue, outage })
  const never: Outage = { from: 0, until: 0, type }
  const spare = queueingServer({ id: 'second', clock, workers, serviceMs, queue, outage: never })
  const Board = protection.retryBudget ? BreakerBoard : WithoutRetryBudget
  const { hedgeAfterMs, offeredPerSecond = world.offeredPerSecond } = protection
  const options: ChainOptions = {
    id: 'storm',
    targets: [
      { provider: server.provider, model: 'model' },
      ...(hedgeAfterMs === undefined ? [] : [{ provider: spare.provider, model: 'model' }]),
    ],
    timeouts: { firstTokenMs: world.firstTokenMs },
    circuitBreaker: {
      ...(!protection.breaker && { minimumCalls: Number.MAX_SAFE_INTEGER }),
      ...(protection.breakerWindowMs !== undefined && { windowMs: protection.breakerWindowMs }),
    },
    ...(hedgeAfterMs !== undefined && { hedge: hedging({ afterMs: hedgeAfterMs }) }),
    breakers: new Board({ clock, random }),
    clock,
    random,
  }
  const chain = createChain(options)

  const total = world.healthySeconds + world.outageSeconds + world.afterSeconds
  const seconds: Second[] = Array.from({ length: total }, () => ({ offered: 0, answered: 0, attempts: 0 }))
  const begun: number[] = []
  const ask = async (): Promise<void> => {
    const second = seconds[Math.floor(clock.monotonic() / 1_000)]
    if (second === undefined) return
    second.offered++
    const metadata = { tag: String(begun.length) }
    begun.push(clock.monotonic())
    try {
      await (await chain.sendMessage({ messages: [{ role: 'user', content: 'Now?' }], metadata })).response()
      second.answered++
    } catch {}
  }
  const next = (): void => {
    clock.timer((-Math.log(1 - random()) / offeredPerSecond) * 1_000, () => {
      void ask()
      if (clock.monotonic() < total * 1_000) next()
    })
  }
  next()
  await clock.advance((total + 30) * 1_000)

  for (const { at } of server.arrivals) {
    const second = seconds[Math.floor(at / 1_000)]
    if (second !== undefined) second.attempts++
  }
  const inOutage = (tag: string): boolean => {
    const at = begun[Number(tag)] ?? 0
    return at >= outage.from && at < outage.until
  }
  const attempts = server.arrivals.filter(({ tag }) => inOutage(tag))
  const requests = begun.filter(at => at >= outage.from && at < outage.until).length
  const recoveredAfter = recovery(seconds)
  return {
    seconds,
    amplification: attempts.length / requests,
    amplificationOfSeen: attempts.length / new Set(attempts.map(({ tag }) => tag)).size,
    ...(recoveredAfter !== undefined && { recoveredAfter }),
    answered: seconds.reduce((sum, { answered }) => sum + answered, 0) / begun.length,
    ...(hedgeAfterMs !== undefined && { hedgeShare: spare.arrivals.length / begun.length }),
  }
}

function recovery(seconds: readonly Second[]): number | undefined {
  const end = world.healthySeconds + world.outageSeconds
  const well = ({ offered, answered }: Second): boolean => answered >= 0.95 * offered
  const lastBad = seconds.findLastIndex(second => !well(second))
  return lastBad === seconds.length - 1 ? undefined : Math.max(0, lastBad + 1 - end)
}

/** Mulberry32: small, and the same numbers every time. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
