import type { LearnedLimits } from './performance-view.ts'

/** What was seen of one target, at all or at one kind of work. JSON as it is. */
export interface PerformanceRecord {
  /** `provider/model`. */
  readonly target: string
  /** As `CallContext.task` names it; absent: all of it together. */
  readonly task?: string
  /** Attempts that are on their way, of all tasks. */
  readonly inFlight: number
  /** Attempts since it is counted that ended well, failed by the target's fault, and were left before their end. */
  readonly succeeded: number
  readonly failed: number
  readonly cancelled: number
  /** When the last attempt ended, in milliseconds since 1970. */
  readonly lastSeenAt: number
  /** Recent share of attempts that ended well; those left by their callers or wrong in themselves are in neither. */
  readonly successRate?: number
  /** Until the first token. A wait that was given up counts as long as it was, and longer. */
  readonly firstTokenMs?: Percentiles
  /** Of whole answers whose consumer kept pace. */
  readonly latencyMs?: Percentiles
  readonly tokensPerSecond?: Percentiles
  /** Mean of recent answers: `0.00042 USD`. Absent without prices. */
  readonly costPerCall?: string
  /** Of a target as a whole: the limits that hold where none are set, by class of requests. */
  readonly limits?: Readonly<Record<string, LearnedLimits>>
}

/** Of recent values, within 5 %. */
export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  /** How many samples they stand for: the old count less. */
  readonly samples: number
}
