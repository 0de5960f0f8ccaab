/** How requests that belong together stay together. */
export interface StickyOptions {
  /** Forgotten after so many milliseconds without a request. Default 600,000: ten minutes. */
  readonly idleMs?: number
  /** The most that is remembered at once; what was used longest ago is forgotten first. Default 10,000. */
  readonly entries?: number
}
