/** A timer that was set. */
export interface Timer {
  cancel(): void
}

/** The time that everything in core lives by; inject another to control it. */
export interface Clock {
  /** Milliseconds that only ever grow; for durations. */
  monotonic(): number
  /** Milliseconds since 1970; for windows, prices and dates. */
  wall(): number
  /** Calls back once, after `ms` milliseconds. */
  timer(ms: number, callback: () => void): Timer
  /** Resolves after everything that is already due has run: one turn of the event loop. */
  turn(): Promise<void>
}

/** A number from 0 up to, but not including, 1. */
export type Random = () => number
