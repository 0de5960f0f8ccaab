import type { PriceEstimate, Pricing } from '../accounting/pricing.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { PerformanceView } from '../performance/performance-view.ts'

/** In which order a chain asks its targets; `@switchyard/core/routing` has some. Without one: as they are listed. */
export interface SelectionPolicy {
  /** For events and explanations: `weighted`. */
  readonly name: string
  /**
   * Called once by each chain that is given it; what it counts, it counts for that chain alone.
   *
   * @throws {SwitchyardError} `invalid-request` where a port that it needs is missing.
   */
  selector(ports: SelectionPorts): TargetSelector
}

/** What a policy may look at. */
export interface SelectionPorts {
  readonly performance?: PerformanceView
  readonly pricing?: Pick<Pricing, 'estimate'>
}

export interface TargetSelector {
  /** Orders targets that may all be asked, one at least; changes nothing. */
  select(targets: readonly SelectableTarget[], asked: SelectionRequest): Selection
}

/** One target as a policy sees it: always the same object for the same place in a chain. */
export interface SelectableTarget {
  /** `provider/model`; a nested chain's name. */
  readonly key: string
  /** From 0. */
  readonly weight: number
  /** Whose performance and prices are its own: itself; of a nested chain its targets, the one it prefers first. */
  readonly models: readonly string[]
}

/** What is asked. */
export interface SelectionRequest {
  readonly task?: string | undefined
  /** Milliseconds since 1970. */
  readonly at: number
  /** As that target would get it. */
  requestFor(target: SelectableTarget): MessageRequest | EmbeddingRequest
  /** What it costs there by the chain's own pricing; `undefined` where nobody can say. */
  estimate(target: SelectableTarget): PriceEstimate | undefined
}

/** What a policy says. */
export interface Selection {
  /** All targets that it was given: who is asked first, and who then, where that fails. */
  readonly order: readonly SelectableTarget[]
  /** Why a target stands where it stands. */
  reasons(target: SelectableTarget): readonly SelectionReason[]
  /** It is followed: what the policy counts, it counts now. */
  taken?(): void
}

/** Why a target is asked when it is asked, or not at all. */
export interface SelectionReason {
  /** What counted. */
  readonly code: SelectionReasonCode
  /** In words: `its first token takes 240 ms (p90)`. */
  readonly message: string
  /** The numbers in it. Money is exact text. */
  readonly data?: Readonly<Record<string, number | string>>
}

export type SelectionReasonCode =
  /** Its place in the list. */
  | 'priority'
  | 'weight'
  | 'latency'
  /** Nobody knows how it does now, and it is its turn to be tried. */
  | 'exploration'
  | 'cost'
  | 'in-flight'
  /** The same prompt cache key, or the same tool calls, were answered there. */
  | 'sticky'
  /** It goes behind those whose circuit lets them be asked. */
  | 'circuit'
  /** A `when` that the request does not meet. */
  | 'condition'
  /** The request is too long for its context window. */
  | 'context-length'
  /** It cannot do what the request needs. */
  | 'unsupported'
