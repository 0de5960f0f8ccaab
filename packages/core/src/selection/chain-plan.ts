import type { CircuitStateName } from '../breaker/circuit-state.ts'
import type { HoldBackOptions } from '../continuation/hold-back-options.ts'
import type { HedgeOptions } from '../hedging/hedge-options.ts'
import type { SelectionReason } from './selection-policy.ts'

/** What a chain would do with a request now. Plain JSON: money is exact text (`"0.00042 USD"`), times are milliseconds. */
export interface ChainPlan {
  readonly chain: string
  /** `priority`, or the policy's name. */
  readonly policy: string
  /** In the order in which they would be asked, then those that are passed over. */
  readonly targets: readonly PlannedTarget[]
  /** Asked in place of those that are left when a request is too long for one. */
  readonly onContextLength?: readonly PlannedTarget[]
  /** Asked in place of those that are left when a content filter refuses. */
  readonly onContentFilter?: readonly PlannedTarget[]
  /** The most attempts that it may make. */
  readonly attemptBound: number
  readonly midStream: 'continue' | 'fail'
  readonly holdBack?: HoldBackOptions
  readonly hedge?: HedgeOptions
}

export interface PlannedTarget {
  /** `provider/model`; a nested chain's name. */
  readonly target: string
  /** 1 is asked first; absent where it is passed over. */
  readonly rank?: number
  /** Why it has that rank, or is passed over. */
  readonly reasons: readonly SelectionReason[]
  readonly weight: number
  /** Absent for a nested chain. */
  readonly circuit?: PlannedCircuit
  /** Attempts on their way; absent where nobody counts them. */
  readonly inFlight?: number
  /** How long its first token takes in half of all attempts, and in all but one of twenty; absent where too little was seen. */
  readonly firstTokenMs?: { readonly p50: number; readonly p95: number }
  /** From 0 to 1; absent where too little was seen. */
  readonly successRate?: number
  /** What one attempt costs; absent where the chain knows no prices. */
  readonly cost?: PlannedCost
  /** The wait for a first token after which the next target is asked as well; absent where none is. */
  readonly hedgeAfterMs?: number
  /** What a nested chain would do. */
  readonly plan?: ChainPlan
}

/** The worst of the circuits that guard a target: its model's, its account's, and this process's own. */
export interface PlannedCircuit {
  readonly state: CircuitStateName
  /** Until it may be asked again; absent where that is now, or only when somebody releases it. */
  readonly retryAfterMs?: number
}

export interface PlannedCost {
  /** A guess; absent where a price is unknown. */
  readonly expected?: string
  /** No bill is higher; absent where that cannot be said, and `unbounded` says why. */
  readonly bound?: string
  readonly unbounded?: readonly string[]
}
