import type { Capability, CapabilityName, ModelFacts } from '@switchyard/core'
import type { BatchTerms, PricePeriod } from './prices.ts'

/**
 * `active`: the provider recommends it or says nothing against it. `preview`: may change or go at short notice.
 * `legacy`: served, and the provider recommends another. `deprecated`: its end is announced. `retired`: no longer served.
 */
export type ModelStatus = 'active' | 'preview' | 'legacy' | 'deprecated' | 'retired'

/** What the catalogue can say of a model: core's capabilities, and two that the contract has no word for. */
export type CatalogCapability = CapabilityName | 'embeddings' | 'systemMessages'

/** Absent is unknown. */
export type CatalogCapabilities = Readonly<Partial<Record<CatalogCapability, Capability>>>

/** When and how a model ends. Dates are `YYYY-MM-DD`. */
export interface Retirement {
  /** The announced day. */
  readonly date?: string
  /** No day is announced, but it will not be before this one. */
  readonly notBefore?: string
  /** The id of the model that its provider names instead, of the same provider. */
  readonly replacement?: string
  /** From `date` on, requests are answered by `replacement`, at its price. */
  readonly routed?: true
  /** Sources disagree on whether it is still served after `date`. */
  readonly disputed?: true
}

/** What a provider publishes for one of its usage tiers. A number that is absent is unknown. */
export interface RateLimitTier {
  /** In the provider's word. */
  readonly tier: string
  readonly requestsPerMinute?: number
  readonly requestsPerDay?: number
  readonly tokensPerMinute?: number
  readonly tokensPerDay?: number
  readonly inputTokensPerMinute?: number
  readonly outputTokensPerMinute?: number
}

/** How well the sources agree, and how new they are. */
export type Confidence = 'high' | 'medium' | 'low'

/** A model as the data files tell it; what is absent is unknown. */
export interface ModelData {
  readonly id: string
  /** Other names of the provider for it. */
  readonly aliases?: readonly string[]
  /** Names of snapshots of it. Providers whose snapshots follow a pattern need none here. */
  readonly datedIds?: readonly string[]
  /** Snapshots that have prices of their own, and so are not this model. */
  readonly distinctSnapshots?: readonly string[]
  /** On `catalogDate`; `statusAt` tells it of another day. */
  readonly status: ModelStatus
  /** `YYYY-MM-DD`. */
  readonly released?: string
  readonly retirement?: Retirement
  /** Tokens of prompt and answer together. */
  readonly contextWindow?: number
  /** Tokens of the prompt, where the provider limits it below the window. */
  readonly maxInputTokens?: number
  /** Tokens of the answer, reasoning included. */
  readonly maxOutputTokens?: number
  readonly embeddingDimensions?: number
  readonly capabilities: CatalogCapabilities
  /** The rest of what a provider needs to know. */
  readonly facts?: Omit<ModelFacts, 'capabilities'>
  /** How long it may think in silence, in milliseconds. */
  readonly silentReasoningMs?: number
  /** Ascending by date, the first without one; none where no price is known. */
  readonly prices: readonly PricePeriod[]
  /** `none`: the provider's batch API does not take it. Absent: unknown. */
  readonly batch?: BatchTerms | 'none'
  readonly rateLimits?: readonly RateLimitTier[]
  readonly confidence?: Confidence
}

/** A model of the catalogue. */
export interface CatalogModel extends ModelData {
  /** The id of the provider, as the configuration names it. */
  readonly provider: string
  /**
   * `catalog`: from the data. `override`: the user says something of it, or all. `provider`: only its
   * provider's list is known.
   */
  readonly origin: 'catalog' | 'override' | 'provider'
  /** Since when its provider lists it no more, in milliseconds since 1970. */
  readonly goneSince?: number
}
