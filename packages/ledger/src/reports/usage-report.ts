import type { ErrorKind, Money } from '@switchyard/core'

/** Which entries count. Moments are milliseconds since 1970, or ISO 8601; `2026-11-21` is the start of that day. */
export interface UsageFilter {
  readonly from?: number | string
  /** Entries that began at it, or later, are left out. */
  readonly to?: number | string
  /** The caller's name. */
  readonly key?: string
  /** Any of the chains that an attempt came through. */
  readonly chain?: string
  /** `provider/model`. */
  readonly model?: string
  readonly provider?: string
  readonly tag?: string
}

export type UsageGrouping = 'model' | 'provider' | 'key' | 'tag' | 'chain' | 'day'

export interface UsageOptions {
  /** IANA name: of days, and of moments without an offset. Default `UTC`. */
  readonly timeZone?: string
  /** Default: totals alone. */
  readonly by?: readonly UsageGrouping[]
}

export interface UsageReport {
  /** Milliseconds since 1970; absent where the filter names none. */
  readonly from?: number
  readonly to?: number
  readonly timeZone: string
  readonly filter: Omit<UsageFilter, 'from' | 'to'>
  readonly total: UsageFigures
  /**
   * What was asked for, the dearest first and days in their order. An attempt counts under each of its tags, and under
   * each chain that it came through, so these may add up to more than the total.
   */
  readonly by: Readonly<Partial<Record<UsageGrouping, readonly UsageGroup[]>>>
  /** What is less exact than it looks, and why. */
  readonly notes: readonly string[]
}

export interface UsageGroup extends UsageFigures {
  /** A day is `2026-11-21`. Absent for what has none: no key, no tag, no target that answered. */
  readonly name?: string
  /** Of the total cost, from 0 to 1; absent where that is nothing. */
  readonly costShare?: number
}

/** Requests are what callers asked for, attempts what was sent to providers for them. */
export interface UsageFigures {
  /** Of a model or provider: those that it answered. */
  readonly requests: OutcomeCounts
  readonly attempts: OutcomeCounts
  /** Attempts by what went wrong. */
  readonly errors: Readonly<Partial<Record<ErrorKind, number>>>
  /** Failed attempts of all that were sent, cancelled ones left out; absent where there are none. */
  readonly errorRate?: number
  readonly cost: UsageCost
  /** Rounded to the nearest pico-USD; absent without a request. */
  readonly averageCostPerRequest?: Money
  readonly tokens: UsageTokens
  /** Of attempts that were completed. */
  readonly latency: LatencyFigures
  readonly firstToken: LatencyFigures
  /** Of requests that were completed, all their attempts and waits included. */
  readonly requestLatency: LatencyFigures
}

export interface OutcomeCounts {
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
}

export interface UsageCost {
  /** What was charged: bills, bounds, and what is known of unknown prices. */
  readonly total: Money
  /** Of it, the bounds of attempts whose bill nobody knows, and a guess at what they will be billed. */
  readonly bounds: { readonly attempts: number; readonly cost: Money; readonly estimate: Money }
  /** Of it, what is known of attempts at models whose price is unknown. */
  readonly unknown: { readonly attempts: number; readonly cost: Money; readonly estimate: Money }
}

/** Disjoint parts; `total` is their sum. */
export interface UsageTokens {
  readonly total: number
  readonly input: {
    readonly uncached: number
    readonly cacheRead: number
    /** By lifetime. */
    readonly cacheWrite: Readonly<Record<string, number>>
  }
  readonly output: { readonly text: number; readonly reasoning: number }
}

/** Milliseconds, within about 3%; absent where nothing was measured. */
export interface LatencyFigures {
  readonly count: number
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}
