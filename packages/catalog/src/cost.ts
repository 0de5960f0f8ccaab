import { inputTokens, type Money, SwitchyardError, type Usage } from '@switchyard/core'
import type { Billing } from './billing.ts'
import { type PricedPart, pricesFor } from './prices.ts'

export interface CostOptions {
  /** The request was made through the provider's batch API. Default `false`. */
  readonly batch?: boolean
}

/** One part of a bill that is known. Money is pico-USD. */
export interface CostPart {
  /** `uncached`, `cacheRead`, `cacheWrite.5m`, `text`, `reasoning`, `units.searches`. */
  readonly part: string
  readonly quantity: bigint
  /** For one of it, before `percentOff`. */
  readonly price: Money
  readonly percentOff: bigint
  /** Rounded up to a whole pico-dollar, where a discount leaves a fraction. */
  readonly cost: Money
}

interface CostBreakdown {
  /** What was used and whose price is known. */
  readonly parts: readonly CostPart[]
  /** The sum of `parts`: less than the bill where something is unknown. */
  readonly subtotal: Money
  /** The id of the model whose prices were taken; another one than was asked where its provider routes requests to it. */
  readonly pricedAs?: string
  /** The long-context tier the whole request is in: the length of prompt that it begins at. */
  readonly tier?: number
}

/** What a call cost. There is a `total` only where the price of everything that was used is known. */
export type Cost = CostBreakdown &
  (
    | { readonly total: Money; readonly unknown: readonly [] }
    /**
     * What was used and has no known price: `cacheWrite.12h`; `batch.cacheRead` where only its price in a batch is
     * unknown, `batch` where that of all parts is; `model` where nothing is known of the model.
     */
    | { readonly total?: undefined; readonly unknown: readonly [string, ...string[]] }
  )

/** @throws {SwitchyardError} `invalid-request` where a count is no whole number from 0 up. */
export function costOf(usage: Usage, billing: Billing | undefined, options: CostOptions = {}): Cost {
  const used = usedParts(usage)
  if (billing === undefined) {
    return { parts: [], subtotal: 0n, total: undefined, unknown: ['model'] }
  }
  const { period, batch } = billing
  const terms = options.batch ? batch : undefined
  const prices = pricesFor(period, inputTokens(usage))
  const tier = period.longContext?.find(known => known === prices)
  const base = { pricedAs: billing.model, ...(tier && { tier: tier.tokens }) }
  if (options.batch && (terms === undefined || terms === 'none')) {
    return { parts: [], subtotal: 0n, ...base, unknown: ['batch'] }
  }
  const discount = terms === undefined || terms === 'none' ? undefined : terms
  const price = (name: string): Money | undefined => {
    if (name.startsWith('cacheWrite.')) return own(prices.cacheWrite, name.slice('cacheWrite.'.length))
    if (name.startsWith('units.')) return own(period.units, name.slice('units.'.length))
    if (name === 'uncached') return prices.input
    if (name === 'cacheRead') return prices.cachedInput
    return name === 'text' ? prices.output : (prices.reasoning ?? prices.output)
  }
  const parts: CostPart[] = []
  const unknown: string[] = []
  for (const { part, kind, quantity } of used) {
    const each = price(part)
    const covered = discount === undefined || (kind !== undefined && discount.parts.includes(kind))
    if (each === undefined) unknown.push(part)
    else if (!covered) unknown.push(`batch.${part}`)
    else {
      const percentOff = discount?.percentOff ?? 0n
      parts.push({ part, quantity, price: each, percentOff, cost: discounted(quantity * each, percentOff) })
    }
  }
  const subtotal = parts.reduce((sum, { cost }) => sum + cost, 0n)
  const [first, ...rest] = unknown
  if (first !== undefined) return { parts, subtotal, ...base, unknown: [first, ...rest] }
  return { parts, subtotal, ...base, total: subtotal, unknown: [] }
}

interface UsedPart {
  readonly part: string
  /** What a discount would have to cover; units are covered by none. */
  readonly kind?: PricedPart
  readonly quantity: bigint
}

function usedParts({ input, output, units = {} }: Usage): readonly UsedPart[] {
  const parts: (UsedPart | undefined)[] = [
    used('uncached', 'input', input.uncached),
    used('cacheRead', 'cachedInput', input.cacheRead),
    ...Object.entries(input.cacheWrite).map(([lifetime, count]) => used(`cacheWrite.${lifetime}`, 'cacheWrite', count)),
    used('text', 'output', output.text),
    used('reasoning', 'output', output.reasoning),
    ...Object.entries(units).map(([name, count]) => used(`units.${name}`, undefined, count)),
  ]
  return parts.filter(part => part !== undefined)
}

function used(part: string, kind: PricedPart | undefined, count: number): UsedPart | undefined {
  if (!Number.isSafeInteger(count) || count < 0) {
    const message = `The usage's ${part} must be a whole number from 0 up, and is ${count}.`
    throw new SwitchyardError('invalid-request', message, { param: `usage.${part}` })
  }
  return count === 0 ? undefined : { part, quantity: BigInt(count), ...(kind && { kind }) }
}

function discounted(amount: Money, percentOff: bigint): Money {
  return percentOff === 0n ? amount : (amount * (100n - percentOff) + 99n) / 100n
}

function own<Value>(record: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}
