import type { Money } from '@switchyard/core'
import type { CatalogCapability, CatalogModel, ModelStatus } from './model.ts'

/** What a model must be. Everything that is given must hold; what is unknown of a model does not. */
export interface ModelFilter {
  readonly provider?: string | readonly string[]
  /** At the moment of asking. */
  readonly status?: ModelStatus | readonly ModelStatus[]
  /** All of these must be known to be true. */
  readonly capability?: CatalogCapability | readonly CatalogCapability[]
  /** Pico-USD per token, of a short prompt: 1 USD per million tokens is `1_000_000n`. */
  readonly maxInputPrice?: Money
  /** Pico-USD per token. */
  readonly maxOutputPrice?: Money
  readonly minContextWindow?: number
  readonly minOutputTokens?: number
  /** Only models with a batch API, or without one that is known of. */
  readonly batch?: boolean
}

/** What a filter looks at that depends on the moment. */
export interface ModelNow {
  readonly status: ModelStatus
  readonly inputPrice: Money | undefined
  readonly outputPrice: Money | undefined
}

export function matches(model: CatalogModel, now: ModelNow, filter: ModelFilter): boolean {
  const { batch, minContextWindow, minOutputTokens, maxInputPrice, maxOutputPrice } = filter
  const hasBatch = model.batch !== undefined && model.batch !== 'none'
  return (
    isOneOf(model.provider, filter.provider) &&
    isOneOf(now.status, filter.status) &&
    listOf(filter.capability).every(name => model.capabilities[name] === true) &&
    isAtMost(now.inputPrice, maxInputPrice) &&
    isAtMost(now.outputPrice, maxOutputPrice) &&
    isAtLeast(model.contextWindow, minContextWindow) &&
    isAtLeast(model.maxOutputTokens, minOutputTokens) &&
    (batch === undefined || batch === hasBatch)
  )
}

function listOf<Value extends string>(value: Value | readonly Value[] | undefined): readonly Value[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function isOneOf<Value extends string>(value: Value, wanted: Value | readonly Value[] | undefined): boolean {
  return wanted === undefined || listOf(wanted).includes(value)
}

function isAtMost(price: Money | undefined, most: Money | undefined): boolean {
  return most === undefined || (price !== undefined && price <= most)
}

function isAtLeast(count: number | undefined, least: number | undefined): boolean {
  return least === undefined || (count !== undefined && count >= least)
}
