import type { Pricing } from '../accounting/pricing.ts'
import type { CircuitBreakerOptions } from '../breaker/circuit-breaker-options.ts'
import type { Clock, Random } from '../clock/clock.ts'
import type { HoldBackOptions } from '../continuation/hold-back-options.ts'
import type { IAIProvider } from '../contract/provider.ts'
import type { AdmissionStep } from '../engine/admission.ts'
import type { BreakerBoard } from '../engine/breaker-board.ts'
import type { RequestRecorder } from '../engine/request-recorder.ts'
import type { RetryPolicy } from '../engine/retry-policy.ts'
import type { RequestDefaults } from '../engine/target.ts'
import type { Timeouts } from '../engine/timeouts.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { HedgePolicy } from '../hedging/hedge-policy.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import type { SelectionPolicy } from '../selection/selection-policy.ts'
import type { StickyOptions } from '../selection/sticky-options.ts'
import type { TargetCondition } from '../selection/target-condition.ts'

/** One target of a chain: a model at a provider, or another chain. */
export interface ChainTarget {
  readonly provider: IAIProvider
  /** The provider's own name of the model; leave it out for a chain. */
  readonly model?: string
  /** For this target, in place of the chain's. */
  readonly retry?: Partial<RetryPolicy>
  /** The time for the whole request is the chain's alone. */
  readonly timeouts?: Partial<Omit<Timeouts, 'totalMs'>>
  readonly circuitBreaker?: CircuitBreakerOptions
  /** Settings used where a request says nothing. */
  readonly defaults?: RequestDefaults
  /** Its share where targets are chosen by weight, from 0. Default 1. */
  readonly weight?: number
  /** Which requests it is asked for. Default: all. */
  readonly when?: TargetCondition
}

export interface ChainOptions {
  /** The chain's name, which requests may give as their model; without `/`. */
  readonly id: string
  /** Asked in this order, where `select` does not say otherwise. */
  readonly targets: readonly ChainTarget[]
  /** Who is asked first; from `@switchyard/core/routing`. Default: the first that is listed. */
  readonly select?: SelectionPolicy
  /**
   * Requests of one caller with one `cacheKey` stay with the target that answered the last, while it is healthy, so that its prompt
   * cache is warm. Default: only a conversation whose tool calls came from a target stays there; `false`: not even that.
   */
  readonly sticky?: boolean | StickyOptions
  /** When a target is asked again; default three attempts, waiting up to half a second, then up to a second. */
  readonly retry?: Partial<RetryPolicy>
  /** Milliseconds for each phase of a call; the defaults are `Timeouts`'s own. */
  readonly timeouts?: Partial<Timeouts>
  /** When a target that keeps failing is left alone; the defaults are `CircuitBreakerOptions`'s own. */
  readonly circuitBreaker?: CircuitBreakerOptions
  /** What every attempt must pass before the breaker, in order: limiters, budgets. */
  readonly steps?: readonly AdmissionStep[]
  /** What becomes of a stream that breaks after its first text. Default `continue`: another attempt goes on with it. */
  readonly midStream?: 'continue' | 'fail'
  readonly holdBack?: HoldBackOptions
  /** Who is asked beside a slow target; `hedging` of `@switchyard/core/routing`. Default: no request is asked of two at once. */
  readonly hedge?: HedgePolicy
  /** What was seen of targets, for hedging, learned time limits and selection. */
  readonly performance?: PerformanceView
  /** What requests will cost, for selection and explanations; without it a prompt has a token for each four characters. */
  readonly pricing?: Pick<Pricing, 'estimate'>
  /** Asked in place of the targets that are left when a request is too long for one. */
  readonly onContextLength?: readonly ChainTarget[]
  /**
   * Asked in place of the targets that are left when a content filter refuses, or ends an answer of which nothing was
   * shown. Default: nobody is.
   */
  readonly onContentFilter?: readonly ChainTarget[]
  /** Told how each request ended. */
  readonly recorders?: readonly RequestRecorder[]
  /** Shared by chains that are to share what they know of a target; its own when absent. */
  readonly breakers?: BreakerBoard
  /** Where the chain tells what happens; default: nowhere. */
  readonly events?: EventHub
  /** Default: the machine's. */
  readonly clock?: Clock
  /** For jitter and request ids; default `Math.random`. */
  readonly random?: Random
}
