import type { Catalog, CatalogModel, ModelReference, PricePeriod } from '@switchyard/catalog'
import type { Pricing } from '@switchyard/core'
import { writtenPrice } from './model-overrides.ts'
import { parseModelReference } from './model-reference.ts'
import type { Config } from './schema.ts'

type WrittenPrice = NonNullable<Config['providers'][string]['price']>

/**
 * What calls cost by the catalogue; where it knows no price, by the provider's own `price`. What costs nothing has a
 * bound, however long it gets.
 */
export function configuredPricing(catalog: Catalog, providers: Config['providers']): Pricing {
  const prices = new Map<string, PricePeriod>()
  for (const [id, { price }] of Object.entries(providers)) if (price !== undefined) prices.set(id, wholePrice(price))
  const priced = (target: string): ModelReference => {
    const known = catalog.get(target)
    if (known !== undefined && known.prices.length > 0) return known
    const reference = parseModelReference(target)
    if (reference.provider === undefined) return known ?? target
    const { provider, model } = reference
    const price = prices.get(provider)
    return price === undefined ? (known ?? target) : { ...(known ?? unknown(provider, model)), prices: [price] }
  }
  return {
    estimate(request, target, { at }) {
      const model = priced(target)
      const estimate = catalog.estimate(request, model, { at })
      if (estimate.bound !== undefined || typeof model === 'string') return estimate
      return model.prices.length > 0 && model.prices.every(isFree)
        ? { ...estimate, bound: 0n, unbounded: [] }
        : estimate
    },
    cost: (usage, target, at) => catalog.cost(usage, priced(target), at),
  }
}

// where one price is all that is said: tokens read from a cache are never dearer, and nothing of what is free costs
function wholePrice({ cachedInput, cacheWrite, ...price }: WrittenPrice): PricePeriod {
  const { input } = price
  return writtenPrice({
    ...price,
    cachedInput: cachedInput ?? input,
    cacheWrite: cacheWrite ?? (input === 0n ? input : undefined),
  })
}

function unknown(provider: string, id: string): CatalogModel {
  return { provider, id, origin: 'override', status: 'active', capabilities: {}, prices: [] }
}

function isFree({ from: _, ...price }: PricePeriod): boolean {
  const amounts = (value: unknown): bigint[] =>
    typeof value === 'bigint'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(amounts)
        : []
  return amounts(price).every(amount => amount === 0n)
}
