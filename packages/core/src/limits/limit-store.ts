/** Where the use of limits is counted: in this process, or for several together. */
export interface LimitStore {
  /** Counts an attempt against all of these limits, or against none. A promise only where others have to be asked. */
  take(asks: readonly LimitAsk[]): LimitAnswer | Promise<LimitAnswer>
  /** Changes what was counted, in the bucket it was counted in, which may be long past: then it is nothing. */
  correct(corrections: readonly LimitCorrection[]): void | Promise<void>
  /** How much of a limit is left now. */
  left(limit: LimitKey): number | Promise<number>
}

/** One counter: its name, what it may reach, and how far back it looks. */
export interface LimitKey {
  /** `tier1:tokens-per-minute`; the same in all processes. */
  readonly key: string
  readonly limit: number
  /** A minute or a day; the window is its last 61 buckets, each a sixtieth of it. */
  readonly windowMs: number
}

export interface LimitAsk extends LimitKey {
  /** How many requests or tokens. */
  readonly amount: number
}

export type LimitAnswer =
  /** `bucket` is for corrections. */
  | { readonly taken: true; readonly bucket: number }
  /** The limit that is in the way longest, and how long until there may be room; `undefined` where there never is. */
  | { readonly taken: false; readonly key: string; readonly retryAfterMs: number | undefined }

export interface LimitCorrection extends LimitKey {
  readonly bucket: number
  /** What is added to the bucket; it never falls below nothing. */
  readonly by: number
}
