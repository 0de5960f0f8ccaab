import type { EmbeddingRequest, MessageRequest, Money } from '@switchyard/core'
import { type Billing, billingAt, billingsAround, type FindModel } from './billing.ts'
import type { CatalogModel } from './model.ts'
import { isInTier, type LongContextTier, type PricePeriod, pricesFor, type TokenPrices } from './prices.ts'
import { promptOverhead } from './prompt-overhead.ts'
import { embeddingSize, requestSize } from './request-size.ts'
import { type RequestTerms, requestTerms } from './request-terms.ts'

export interface EstimateOptions {
  /** Milliseconds since 1970; default: now. */
  readonly at?: number
  /** How many tokens the answer is expected to have. Default 500, or the output cap where that is less. */
  readonly outputTokens?: number
}

/** What a request will cost, before it is sent. Money is pico-USD. */
export interface CostEstimate {
  /** A plain guess at the price of the moment, nothing cached; absent where a price is unknown. */
  readonly expected?: Money
  /** No bill for one attempt at this request is higher; absent where that cannot be said, and `unbounded` says why. */
  readonly bound?: Money
  /** What stands in the way of a bound: `messages[0].content[1]: what is at an address has a size that …`. */
  readonly unbounded: readonly string[]
  readonly inputTokens: TokenEstimate
  readonly outputTokens: TokenEstimate
}

export interface TokenEstimate {
  readonly expected: number
  /** Absent where there is no bound. */
  readonly most?: number
}

// the families that can be spoken to in each dialect; an unknown family may be spoken to in any
const dialectsOf: Readonly<Record<string, readonly string[]>> = {
  openai: ['openai-chat', 'openai-responses'],
  anthropic: ['anthropic-messages'],
  gemini: ['gemini'],
  xai: ['openai-chat'],
  groq: ['openai-chat'],
  ollama: ['ollama-chat'],
}
// anthropic writes to its cache only when asked; a family that is not here may do anything
const unaskedLifetimes: Readonly<Record<string, readonly string[]>> = { anthropic: [] }
const usualUnasked = ['default', '30m']
// what a family can be asked for, where it cannot be just anything
const askableLifetimes: Readonly<Record<string, readonly string[]>> = {
  openai: ['default', '30m', '12h'],
  gemini: [],
  xai: [],
  groq: [],
  ollama: [],
}
const usualAnswer = 500
const unknownCap = 'the longest answer of this model is unknown, so state a cap'
const noCap = 'a cap is a whole number of tokens'
// what a family is asked for where a request wants less: OpenAI's Responses take no smaller cap
const leastCap: Readonly<Record<string, number>> = { openai: 16 }

export function estimateOf(
  request: MessageRequest | EmbeddingRequest,
  model: CatalogModel,
  family: string,
  find: FindModel,
  at: number,
  options: EstimateOptions = {},
): CostEstimate {
  const speaks = (dialect: string) => dialectsOf[family]?.includes(dialect) ?? true
  const overhead = promptOverhead(family, model.id)
  const isMessage = 'messages' in request
  const size = isMessage ? requestSize(request, overhead, speaks) : embeddingSize(request, overhead, speaks)
  const terms = requestTerms(request, speaks)
  // vectors are no tokens, and nobody bills them
  const cap = isMessage ? outputCap(request, model, terms) : 0
  const expectedOutput = isMessage ? (options.outputTokens ?? Math.min(usualAnswer, cap ?? usualAnswer)) : 0
  const asked =
    terms.cacheLifetimes.length === 0 ? size.cacheLifetimes : new Set([...size.cacheLifetimes, ...terms.cacheLifetimes])
  const unbounded = [...size.unbounded, ...terms.unpriced]
  if (cap === undefined) unbounded.push(`maxOutputTokens: ${isCapped(request) ? noCap : unknownCap}`)
  const mostOutput = isMessage ? Math.max(cap ?? 0, leastCap[family] ?? 0) * terms.answers : 0
  let bound = 0n
  for (const billing of billingsAround(model, at, find)) {
    const { input, output, unknown } = dearestRates(billing, size.most, family, asked, isMessage)
    for (const why of unknown) if (!unbounded.includes(why)) unbounded.push(why)
    const cost = BigInt(size.most) * input + BigInt(mostOutput) * output
    if (cost > bound) bound = cost
  }
  const expected = expectedCost(billingAt(model, at, find), size.expected, expectedOutput * terms.answers)
  return {
    ...(expected !== undefined && { expected }),
    ...(unbounded.length === 0 && { bound }),
    unbounded,
    inputTokens: { expected: size.expected, ...(size.unbounded.length === 0 && { most: size.most }) },
    outputTokens: { expected: expectedOutput * terms.answers, ...(cap !== undefined && { most: mostOutput }) },
  }
}

function isCapped(request: MessageRequest | EmbeddingRequest): boolean {
  return 'messages' in request && request.maxOutputTokens !== undefined
}

function outputCap(
  { maxOutputTokens }: MessageRequest,
  model: CatalogModel,
  { olderCap = 0 }: RequestTerms,
): number | undefined {
  const cap = Math.max(maxOutputTokens ?? model.maxOutputTokens ?? Number.NaN, olderCap)
  return Number.isSafeInteger(cap) ? cap : undefined
}

interface Rates {
  readonly input: Money
  readonly output: Money
  readonly unknown: readonly string[]
}

const unpriced: Rates = {
  input: 0n,
  output: 0n,
  unknown: ['price: no price of this model is known; state it under models'],
}

/** What was found for requests that ask for no lifetimes, by family, by whether they are answered, and by their tiers. */
const knownRates = new WeakMap<PricePeriod, Map<string, Rates>>()

function dearestRates(
  billing: Billing | undefined,
  mostTokens: number,
  family: string,
  asked: ReadonlySet<string>,
  isAnswered: boolean,
): Rates {
  if (billing === undefined) return unpriced
  const { period } = billing
  const tiers = (period.longContext ?? noTiers).filter(tier => isInTier(tier, mostTokens))
  // of lifetimes there may be any number: callers name them
  if (asked.size > 0) return dearestOf(period, tiers, family, asked, isAnswered)
  let known = knownRates.get(period)
  if (known === undefined) {
    known = new Map()
    knownRates.set(period, known)
  }
  // a longer prompt is in all the tiers of a shorter one
  const key = `${family} ${isAnswered} ${tiers.length}`
  let rates = known.get(key)
  if (rates === undefined) {
    rates = dearestOf(period, tiers, family, asked, isAnswered)
    known.set(key, rates)
  }
  return rates
}

const noTiers: readonly LongContextTier[] = []

function dearestOf(
  period: PricePeriod,
  tiers: readonly LongContextTier[],
  family: string,
  asked: ReadonlySet<string>,
  isAnswered: boolean,
): Rates {
  const possible: readonly TokenPrices[] = [period, ...tiers]
  const unknown: string[] = []
  const inputs: (Money | undefined)[] = []
  const outputs: (Money | undefined)[] = []
  for (const prices of possible) {
    const place = prices === period ? 'price' : 'price of a long prompt'
    const writes = writePrices(prices, period, family, asked)
    const answer = isAnswered ? [['output', prices.output] as const] : []
    for (const [name, price] of [['input', prices.input] as const, ...answer, ...writes]) {
      if (price === undefined) unknown.push(`${place}: ${name} has no known price`)
    }
    inputs.push(prices.input, prices.cachedInput, ...writes.map(([, price]) => price))
    outputs.push(prices.output, prices.reasoning)
  }
  return { input: dearest(inputs), output: dearest(outputs), unknown }
}

function dearest(amounts: readonly (Money | undefined)[]): Money {
  let most = 0n
  for (const amount of amounts) if (amount !== undefined && amount > most) most = amount
  return most
}

// who has no price for any write bills none
function writePrices(
  prices: TokenPrices,
  { cacheWrite: known }: PricePeriod,
  family: string,
  asked: ReadonlySet<string>,
): readonly (readonly [name: string, price: Money | undefined])[] {
  if (known === undefined) return []
  const unasked = (unaskedLifetimes[family] ?? usualUnasked).filter(lifetime => Object.hasOwn(known, lifetime))
  const heard = [...asked].filter(lifetime => askableLifetimes[family]?.includes(lifetime) ?? true)
  const own = new Map(Object.entries(prices.cacheWrite ?? {}))
  return [...new Set([...unasked, ...heard])].map(lifetime => [`cacheWrite.${lifetime}`, own.get(lifetime)])
}

function expectedCost(billing: Billing | undefined, inputTokens: number, outputTokens: number): Money | undefined {
  if (billing === undefined) return undefined
  const { input, output = outputTokens === 0 ? 0n : undefined } = pricesFor(billing.period, inputTokens)
  return input === undefined || output === undefined
    ? undefined
    : BigInt(inputTokens) * input + BigInt(outputTokens) * output
}
