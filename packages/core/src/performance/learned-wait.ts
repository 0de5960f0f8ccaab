import type { Forgetting } from './fading.ts'
import { QuantileSketch, type SketchSnapshot } from './quantile-sketch.ts'

// an hour, so that quiet targets are known too, and few enough that a target that slows down is soon seen to
const forgetting: Forgetting = { halfLifeMs: 3_600_000, memory: 500 }
const fewest = 50
const factor = 3
const warmMs = 60_000
const patience = 3
const longerEvery = 8

/** What a limit may become, in milliseconds. */
export interface WaitBounds {
  /** The limit where nothing was learned. */
  readonly usual: number
  readonly least: number
  readonly most: number
}

/** How long one kind of silence lasts at one target, and how long it is worth to wait for its end. */
export class LearnedWait {
  readonly #sketch = new QuantileSketch(1, forgetting)
  #answeredAt = Number.NEGATIVE_INFINITY
  /** Waits given up since the last that was not. */
  #givenUp = 0

  /** It ended after so long. */
  ended(ms: number, now: number): void {
    this.#sketch.add(ms, now)
    this.#answeredAt = now
    this.#givenUp = 0
  }

  /** Nobody knows when it would have ended; `expired` where its limit ended it. */
  left(ms: number, now: number, expired: boolean): void {
    this.#sketch.addAtLeast(ms, now)
    if (expired) this.#givenUp++
  }

  /** `undefined`: the usual one. */
  limit(now: number, { usual, least, most }: WaitBounds): number | undefined {
    if (this.#sketch.samples(now) < fewest) return undefined
    const learned = Math.round(Math.min(most, Math.max(least, factor * this.#sketch.quantile(0.99))))
    const isTroubled = this.#givenUp >= patience
    // who has not answered for a while may have to start first, or have become slow
    if (learned < usual) return isTroubled || now - this.#answeredAt > warmMs ? undefined : learned
    // who never answers is not waited for ever longer, but for a try now and then
    return isTroubled && this.#givenUp % longerEvery !== 0 ? undefined : learned
  }

  snapshot(now: number): SketchSnapshot {
    return this.#sketch.snapshot(now)
  }

  restore(snapshot: SketchSnapshot, agedMs: number, now: number): void {
    this.#sketch.restore(snapshot, 2 ** (-agedMs / forgetting.halfLifeMs), now)
  }
}
