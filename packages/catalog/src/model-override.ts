import { type ModelInfo, SwitchyardError } from '@switchyard/core'
import { parseDate } from './calendar-date.ts'
import type { CatalogCapabilities, ModelData, Retirement } from './model.ts'
import { shapeProblems } from './model-rules.ts'
import type { PricePeriod } from './prices.ts'

/**
 * What a user says of a model, over the catalogue and over what providers tell. A model that is in neither is added.
 * `price` takes the place of all known prices, tiers and dates included.
 */
export interface ModelOverride extends Partial<Omit<ModelData, 'id' | 'prices'>> {
  readonly price?: Omit<PricePeriod, 'from'>
}

/** The model with what its provider lists, which is newer than the data. */
export function learnedModel(known: ModelData | undefined, info: ModelInfo): ModelData {
  const base: ModelData = known ?? { id: info.id, status: 'active', capabilities: {}, prices: [] }
  const { contextWindow, maxOutputTokens, retiresAt } = info
  const { contextWindow: _, maxOutputTokens: __, silentReasoningMs, dialect, ...capabilities } = info.capabilities ?? {}
  const date = retiresAt?.slice(0, 10)
  const ends = date !== undefined && parseDate(date) !== undefined
  return withinWindow({
    ...base,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(silentReasoningMs !== undefined && { silentReasoningMs }),
    ...(ends && { status: 'deprecated', retirement: announcedRetirement(base.retirement, date) }),
    capabilities: mergedCapabilities(base.capabilities, capabilities),
  })
}

// the provider's own word ends a dispute
function announcedRetirement(known: Retirement | undefined, date: string): Retirement {
  const { replacement, routed } = known ?? {}
  return { date, ...(replacement !== undefined && { replacement }), ...(routed && { routed }) }
}

// what a provider does not say stays known
function mergedCapabilities(known: CatalogCapabilities, told: CatalogCapabilities): CatalogCapabilities {
  return { ...known, ...Object.fromEntries(Object.entries(told).filter(([, value]) => typeof value === 'boolean')) }
}

/** The model with what the user says of it. */
export function overriddenModel(known: ModelData, override: ModelOverride): ModelData {
  const { price, capabilities, facts, ...rest } = override
  return withinWindow({
    ...known,
    ...rest,
    capabilities: { ...known.capabilities, ...capabilities },
    ...((known.facts || facts) && { facts: { ...known.facts, ...facts } }),
    ...(price && { prices: [price] }),
  })
}

// a smaller window than was known bounds what was known beside it
function withinWindow(model: ModelData): ModelData {
  const { contextWindow = Number.POSITIVE_INFINITY, maxInputTokens, maxOutputTokens } = model
  return {
    ...model,
    ...(maxInputTokens !== undefined && { maxInputTokens: Math.min(maxInputTokens, contextWindow) }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens: Math.min(maxOutputTokens, contextWindow) }),
  }
}

/** @throws {SwitchyardError} `invalid-request`, with the model as its `param` and all that is wrong with it. */
export function checkOverride(reference: string, override: ModelOverride): void {
  const { price, ...rest } = override
  const stated: ModelData = { id: reference, status: 'active', capabilities: {}, ...rest, prices: price ? [price] : [] }
  const problems = shapeProblems(stated).map(problem => problem.replace('prices[0]', 'price'))
  if (problems.length === 0) return
  const message = `The model ${reference} cannot be as it is overridden: ${problems.join(' ')}`
  throw new SwitchyardError('invalid-request', message, { param: reference })
}
