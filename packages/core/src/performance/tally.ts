import { formatMoney } from '../money/money.ts'
import type { Forgetting } from './fading.ts'
import type { Percentiles, PerformanceRecord } from './performance-record.ts'
import type { WaitsOf } from './performance-view.ts'
import { QuantileSketch, relativeError, type SketchSnapshot } from './quantile-sketch.ts'
import { RecentMean } from './recent-mean.ts'

// a share of little is a coincidence, and a high percentile of little its longest
const fewest = 5
const mostNeeded = 100
// of as many as are needed the first has aged by a little
const nearly = 0.9
const nearlyAll = 0.99
// from the middle of a bucket to its end: who waits so long has outwaited the share that he asked for
const upwards = 1 / (1 - relativeError)

export interface TallySnapshot {
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  readonly lastSeenAt: number
  readonly successes: MeanSnapshot
  readonly cost: MeanSnapshot
  readonly firstToken: SketchSnapshot
  readonly latency: SketchSnapshot
  readonly throughput: SketchSnapshot
}

/** A mean, and how many samples it stands for. */
interface MeanSnapshot {
  readonly mean: number
  readonly samples: number
}

/** What was seen of a target: at all, or at one kind of work. */
export class Tally {
  /** How often, since it is counted. */
  succeeded = 0
  failed = 0
  cancelled = 0
  /** Milliseconds since 1970. */
  lastSeenAt = 0
  readonly successes: RecentMean
  /** In pico-USD. */
  readonly cost: RecentMean
  readonly firstToken: QuantileSketch
  readonly latency: QuantileSketch
  /** In tokens per second. */
  readonly throughput: QuantileSketch

  constructor(forgetting: Forgetting) {
    this.successes = new RecentMean(forgetting)
    this.cost = new RecentMean(forgetting)
    this.firstToken = new QuantileSketch(1, forgetting)
    this.latency = new QuantileSketch(1, forgetting)
    this.throughput = new QuantileSketch(0.1, forgetting)
  }

  record(target: string, inFlight: number, now: number, task?: string): PerformanceRecord {
    const { succeeded, failed, cancelled, lastSeenAt } = this
    const successRate = meanOf(this.successes, now)
    const cost = this.cost.samples(now) > 0.5 ? this.cost.mean : undefined
    const firstTokenMs = percentiles(this.firstToken, now)
    const latencyMs = percentiles(this.latency, now)
    const tokensPerSecond = percentiles(this.throughput, now)
    return {
      target,
      ...(task !== undefined && { task }),
      inFlight,
      succeeded,
      failed,
      cancelled,
      lastSeenAt,
      ...(successRate !== undefined && { successRate: rounded(successRate, 1_000) }),
      ...(firstTokenMs && { firstTokenMs }),
      ...(latencyMs && { latencyMs }),
      ...(tokensPerSecond && { tokensPerSecond }),
      ...(cost !== undefined && { costPerCall: formatMoney(BigInt(Math.round(cost))) }),
    }
  }

  snapshot(now: number): TallySnapshot {
    const { succeeded, failed, cancelled, lastSeenAt } = this
    return {
      succeeded,
      failed,
      cancelled,
      lastSeenAt,
      successes: meanSnapshot(this.successes, now),
      cost: meanSnapshot(this.cost, now),
      firstToken: this.firstToken.snapshot(now),
      latency: this.latency.snapshot(now),
      throughput: this.throughput.snapshot(now),
    }
  }

  /** Adds what a snapshot holds; each of its samples counts for `worth`. */
  restore(snapshot: TallySnapshot, worth: number, now: number): void {
    this.succeeded += snapshot.succeeded
    this.failed += snapshot.failed
    this.cancelled += snapshot.cancelled
    this.lastSeenAt = Math.max(this.lastSeenAt, snapshot.lastSeenAt)
    this.successes.add(snapshot.successes.mean, now, snapshot.successes.samples * worth)
    this.cost.add(snapshot.cost.mean, now, snapshot.cost.samples * worth)
    this.firstToken.restore(snapshot.firstToken, worth, now)
    this.latency.restore(snapshot.latency, worth, now)
    this.throughput.restore(snapshot.throughput, worth, now)
  }
}

/** `undefined` where too little was seen lately. */
export function meanOf(mean: RecentMean, now: number): number | undefined {
  return mean.samples(now) < nearly * fewest ? undefined : mean.mean
}

/** `undefined` where too little was seen lately: 5 samples for a median, 20 for the 95th, 100 for the 99th percentile. */
export function quantileOf(sketch: QuantileSketch, share: number, now: number, of: WaitsOf): number | undefined {
  const needed = Math.min(mostNeeded, Math.max(fewest, 1 / (1 - share)))
  if (sketch.samples(now) < nearly * needed) return undefined
  if (of === 'all') return known(sketch, share)
  const answered = sketch.quantile(share) ?? sketch.quantileOfEnded(nearlyAll)
  return answered && answered * upwards
}

// what was never reached is at least as long as anybody waited
function known(sketch: QuantileSketch, share: number): number {
  return sketch.quantile(share) ?? sketch.longest
}

function percentiles(sketch: QuantileSketch, now: number): Percentiles | undefined {
  const samples = sketch.samples(now)
  if (samples < 0.5) return undefined
  return {
    p50: rounded(known(sketch, 0.5)),
    p90: rounded(known(sketch, 0.9)),
    p99: rounded(known(sketch, 0.99)),
    samples: rounded(samples),
  }
}

function meanSnapshot(mean: RecentMean, now: number): MeanSnapshot {
  const samples = mean.samples(now)
  return { mean: samples > 0 ? mean.mean : 0, samples }
}

function rounded(value: number, parts = 10): number {
  return Math.round(value * parts) / parts
}
