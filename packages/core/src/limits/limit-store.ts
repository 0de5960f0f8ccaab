/** Where the use of limits is counted: in this process, or for several together. */
export interface LimitStore {
  /** Counts an attempt against all of these limits, or against none. A promise only where others have to be asked. */
  take(asks: readonly LimitAsk[]): LimitAnswer | Promise<LimitAnswer>
  /** Changes what was counted, in the bucket it was counted in, which may be long past: then it is nothing. */
  correct(corrections: readonly LimitCorrection[]): void | Promise<void>
  /** How much of a limit is left now; never below nothing. */
  left(limit: LimitKey): number | Promise<number>
}

/** One counter: its name, what it may reach, and how far back it looks. */
export interface LimitKey {
  /** `tier1:tokens-per-minute`; the same in all processes. */
  readonly key: string
  readonly limit: number
  /**
   * A minute or a day; the window is the bucket of now and the 60 before it, each a sixtieth of it. Bucket `n` holds
   * the store's milliseconds from `n` sixtieths on, and leaves 61 sixtieths after it began.
   */
  readonly windowMs: number
}

export interface LimitAsk extends LimitKey {
  /** How many requests or tokens. */
  readonly amount: number
}

export type LimitAnswer =
  /** `at` is the store's own milliseconds, for corrections. */
  | { readonly taken: true; readonly at: number }
  /** The limit that is in the way longest, and how long until there is room if nobody takes more, rounded up; `undefined` where there never is. */
  | { readonly taken: false; readonly key: string; readonly retryAfterMs: number | undefined }

export interface LimitCorrection extends LimitKey {
  /** When it was taken, as the answer said. */
  readonly at: number
  /** What is added to its bucket, above the limit too; a bucket never falls below nothing. */
  readonly by: number
}
