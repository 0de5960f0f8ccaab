import type { IAIProvider } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { TargetCondition } from '../selection/target-condition.ts'
import type { AdmissionStep } from './admission.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { RetryPolicy } from './retry-policy.ts'
import type { TargetBreaker } from './target-breaker.ts'
import type { Timeouts } from './timeouts.ts'

/** Settings that a target uses where a request says nothing. */
export type RequestDefaults = Partial<
  Pick<
    MessageRequest,
    | 'temperature'
    | 'topP'
    | 'maxOutputTokens'
    | 'stop'
    | 'frequencyPenalty'
    | 'presencePenalty'
    | 'seed'
    | 'reasoningEffort'
    | 'parallelToolCalls'
  >
>

/** One place that can answer, with everything the engine keeps for it. */
export interface Target {
  /** `provider/model`; a nested chain's name. */
  readonly key: string
  readonly provider: IAIProvider
  /** Absent for a nested chain. */
  readonly model: string | undefined
  readonly retry: RetryPolicy
  readonly timeouts: Timeouts
  /** The first-token limit was set for this very target: nothing lengthens it. */
  readonly firstTokenIsFixed: boolean
  /** Which limits nobody has set, here or for the chain: they follow what was seen of it. */
  readonly learns: Readonly<Record<'firstTokenMs' | 'idleMs', boolean>>
  readonly defaults: RequestDefaults | undefined
  readonly retryBudget: RetryBudget
  /** Absent for a nested chain, whose targets have their own. */
  readonly breaker: TargetBreaker | undefined
  readonly steps: readonly AdmissionStep[]
  /** From 0. */
  readonly weight: number
  /** `provider/model` of itself, or of all that a nested chain asks. */
  readonly models: readonly string[]
  /** Which requests it is kept for; absent: for all. */
  readonly when: TargetCondition | undefined
  /** Milliseconds until it, or one of a nested chain's, may be asked; 0 when that is now. */
  retryAfterMs(now: number): number
}
