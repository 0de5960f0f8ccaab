import type { Money } from '@switchyard/core'

/** Pico-USD per token. A price that is absent is unknown, and never taken to be zero. */
export interface TokenPrices {
  readonly input?: Money
  /** Text and, where `reasoning` is absent, reasoning too: all providers here bill it as output. */
  readonly output?: Money
  readonly cachedInput?: Money
  /** By lifetime: `5m`, `1h`, `30m`, `12h`; `default` where the wire tells none. */
  readonly cacheWrite?: Readonly<Record<string, Money>>
  readonly reasoning?: Money
}

/** What the WHOLE request costs once its prompt, cached tokens included, is this long. Nothing is inherited. */
export interface LongContextTier extends TokenPrices {
  readonly tokens: number
  /** `exceeds`: from the next token on. `reaches`: from that very token on. */
  readonly when: 'exceeds' | 'reaches'
}

/** Prices that hold from a day on, until the next period begins. */
export interface PricePeriod extends TokenPrices {
  /** `YYYY-MM-DD`, at 00:00 UTC; absent in the first, which holds for as long as the sources know. */
  readonly from?: string
  /** Ascending. */
  readonly longContext?: readonly LongContextTier[]
  /** Pico-USD for one of each: a search, a tool session. */
  readonly units?: Readonly<Record<string, Money>>
}

/** The parts of a bill that a price is for. */
export type PricedPart = 'input' | 'cachedInput' | 'cacheWrite' | 'output'

export interface BatchTerms {
  readonly percentOff: bigint
  /** What the discount is known to hold for; what a batch pays for the others is unknown. */
  readonly parts: readonly PricedPart[]
}

/**
 * Pico-USD per token of a price in USD per million tokens: `0.15`, `"0.15"`. A number is taken for the decimal that
 * it is written as. `undefined` where it is no price, or finer than a pico-dollar.
 */
export function pricePerToken(usdPerMillion: string | number): Money | undefined {
  const match = /^(\d+)(?:\.(\d+))?(?:e-(\d+))?$/.exec(String(usdPerMillion))
  if (match === null) return undefined
  const shift = Number(match[3] ?? 0)
  const fraction = (match[2] ?? '').replace(/0+$/, '')
  if (fraction.length + shift > 6) return undefined
  return BigInt((match[1] as string) + fraction) * 10n ** BigInt(6 - shift - fraction.length)
}

/** Whether a prompt of so many tokens is in the tier. */
export function isInTier(tier: LongContextTier, promptTokens: number): boolean {
  return tier.when === 'exceeds' ? promptTokens > tier.tokens : promptTokens >= tier.tokens
}

/** What a prompt of so many tokens is billed at. */
export function pricesFor(period: PricePeriod, promptTokens: number): TokenPrices {
  return period.longContext?.findLast(tier => isInTier(tier, promptTokens)) ?? period
}
