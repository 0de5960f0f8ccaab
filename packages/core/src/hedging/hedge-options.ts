/** When a second target is asked beside one that is slow to begin. */
export interface HedgeOptions {
  /** Milliseconds without a visible token until the next target is asked as well; wins over `percentile`. */
  readonly afterMs?: number
  /**
   * The target's own first-token percentile to wait for, from 50 to 99.9; of a nested chain, that of the target it
   * prefers. Default 95. Nothing is hedged until it is known.
   */
  readonly percentile?: number
  /** The most extra attempts for one request. Default 1. */
  readonly attempts?: number
}
