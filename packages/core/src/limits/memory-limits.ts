import type { Clock } from '../clock/clock.ts'
import type { LimitAnswer, LimitAsk, LimitCorrection, LimitKey, LimitStore } from './limit-store.ts'
import { RollingWindow } from './rolling-window.ts'

/** Counts in this process alone, and never gives a promise. */
export interface MemoryLimits extends LimitStore {
  take(asks: readonly LimitAsk[]): LimitAnswer
  correct(corrections: readonly LimitCorrection[]): void
  left(limit: LimitKey): number
  /** How many counters are kept; those that hold nothing go when others come. */
  readonly size: number
}

export interface MemoryLimitsOptions {
  readonly clock: Pick<Clock, 'monotonic'>
}

/** Counts limits in memory: 61 numbers for each counter, which is forgotten when it is idle. */
export function createMemoryLimits({ clock }: MemoryLimitsOptions): MemoryLimits {
  return new LimitCounters(clock)
}

class LimitCounters implements MemoryLimits {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #windows = new Map<string, RollingWindow>()
  #sweepAt = 64

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  get size(): number {
    return this.#windows.size
  }

  take(asks: readonly LimitAsk[]): LimitAnswer {
    const now = this.#clock.monotonic()
    if (this.#windows.size >= this.#sweepAt) this.#sweep(now)
    let inTheWay: LimitAsk | undefined
    let longest = 0
    for (const ask of asks) {
      const window = this.#window(ask, now)
      if (window.sum + ask.amount <= ask.limit) continue
      const wait = ask.amount > ask.limit ? Number.POSITIVE_INFINITY : window.untilAtMost(ask.limit - ask.amount, now)
      if (inTheWay !== undefined && wait <= longest) continue
      inTheWay = ask
      longest = wait
    }
    if (inTheWay !== undefined) {
      return {
        taken: false,
        key: inTheWay.key,
        retryAfterMs: longest === Number.POSITIVE_INFINITY ? undefined : longest,
      }
    }
    for (const { key, amount } of asks) (this.#windows.get(key) as RollingWindow).add(amount)
    return { taken: true, at: now }
  }

  correct(corrections: readonly LimitCorrection[]): void {
    for (const correction of corrections) {
      const { key, at, by } = correction
      const window = by > 0 ? this.#window(correction, at) : this.#windows.get(key)
      window?.correct(at, by)
    }
  }

  left(limit: LimitKey): number {
    const window = this.#windows.get(limit.key)
    window?.advance(this.#clock.monotonic())
    return Math.max(0, limit.limit - (window?.sum ?? 0))
  }

  #window({ key, windowMs }: LimitKey, now: number): RollingWindow {
    let window = this.#windows.get(key)
    if (window === undefined) {
      window = new RollingWindow(windowMs)
      this.#windows.set(key, window)
    }
    window.advance(now)
    return window
  }

  #sweep(now: number): void {
    for (const [key, window] of this.#windows) {
      window.advance(now)
      if (window.sum === 0) this.#windows.delete(key)
    }
    this.#sweepAt = Math.max(64, 2 * this.#windows.size)
  }
}
