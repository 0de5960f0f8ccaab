import type { PartialResponse } from '../contract/response.ts'
import { outputTokens, type Usage } from '../contract/usage.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import { lesserMoney, type Money } from '../money/money.ts'
import type { AttemptEntry } from './ledger-store.ts'
import type { PriceEstimate, PriceOfUsage, Pricing } from './pricing.ts'

/** What an attempt cost, and how well that is known. */
export type SettledCost = Pick<AttemptEntry, 'cost' | 'costIs' | 'estimate'>

/** What is known of an attempt's price before it ends. */
export interface AttemptPrice {
  readonly target: string
  /** Milliseconds since 1970: when it began. */
  readonly at: number
  readonly estimate: () => PriceEstimate
  /** The most that it can cost, where anybody can say. */
  readonly bound: () => Money | undefined
}

/** By the bill where there is one, else by the most that it can be. */
export function settledCost(
  pricing: Pricing,
  price: AttemptPrice,
  outcome: Exclude<AttemptOutcome, { readonly type: 'withdrawn' }>,
): SettledCost {
  if (outcome.type !== 'completed') {
    if (outcome.bill === 'nothing') return { cost: 0n, costIs: 'nothing' }
    return unbilled(price, guess(pricing, price, outcome.partial?.()))
  }
  const { usage } = outcome
  if (usage === undefined) return unbilled(price, price.estimate().expected)
  const bill = priceOf(pricing, price, usage)
  if (bill?.total !== undefined) return { cost: bill.total, costIs: 'bill' }
  const known = bill?.subtotal ?? 0n
  const bound = price.bound()
  const cost = bound !== undefined && bound > known ? bound : known
  return { cost, costIs: 'unknown', ...(cost > known && { estimate: known }) }
}

function unbilled(price: AttemptPrice, guessed: Money | undefined): SettledCost {
  const bound = price.bound()
  if (bound === undefined) return { cost: guessed ?? 0n, costIs: 'unknown' }
  return { cost: bound, costIs: 'bound', ...(guessed !== undefined && { estimate: lesserMoney(guessed, bound) }) }
}

/** Of the prompt and what had come of the answer. */
function guess(pricing: Pricing, price: AttemptPrice, partial: PartialResponse | undefined): Money | undefined {
  const { inputTokens } = price.estimate()
  const known = partial?.usage
  const text = known === undefined ? tokensIn(partial) : Math.max(outputTokens(known), tokensIn(partial))
  const input = known?.input ?? { uncached: inputTokens.expected, cacheRead: 0, cacheWrite: {} }
  return priceOf(pricing, price, { input, output: { text, reasoning: 0 } })?.total
}

// about four letters make a token
function tokensIn(partial: PartialResponse | undefined): number {
  let letters = 0
  for (const part of partial?.content ?? []) {
    letters += 'text' in part ? part.text.length : JSON.stringify(part).length
  }
  return Math.ceil(letters / 4)
}

// counts that cannot be have no price
function priceOf(pricing: Pricing, { target, at }: AttemptPrice, usage: Usage): PriceOfUsage | undefined {
  try {
    return pricing.cost(usage, target, at)
  } catch {
    return undefined
  }
}
