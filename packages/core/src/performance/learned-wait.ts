import type { Forgetting } from './fading.ts'
import { QuantileSketch, type SketchSnapshot } from './quantile-sketch.ts'

// an hour, so that quiet targets are known too, and few enough that a target that slows down is soon seen to
const forgetting: Forgetting = { halfLifeMs: 3_600_000, memory: 500 }
const fewest = 50
const highest = 0.99
const factor = 3
const warmMs = 60_000
const inTrouble = 3
const tryLonger = 8

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
  /** Waits given up since the last that ended. */
  #givenUp = 0
  /** Waits given up since one was given longer. */
  #cut = 0

  /** It ended after so long. */
  ended(ms: number, now: number): void {
    this.#sketch.add(ms, now)
    this.#answeredAt = now
    this.#givenUp = 0
  }

  /** Nobody knows when it would have ended; `expired` where its limit ended it. */
  left(ms: number, now: number, expired: boolean): void {
    this.#sketch.addAtLeast(ms, now)
    if (!expired) return
    this.#givenUp++
    this.#cut = this.#cut < tryLonger ? this.#cut + 1 : 0
  }

  /** `undefined`: the usual one. */
  limit(now: number, { usual, least, most }: WaitBounds): number | undefined {
    if (this.#sketch.samples(now) < fewest) return undefined
    const reached = this.#sketch.quantile(highest)
    // where too many never ended, it is not known that they would have
    const slowest = reached ?? this.#sketch.quantileOfEnded(highest)
    if (slowest === undefined) return undefined
    const isTroubled = this.#givenUp >= inTrouble
    // who has not answered for a while may have to start first, or have become slow, or be dead
    const isDoubtful = isTroubled || now - this.#answeredAt > warmMs
    const wait = Math.max((isTroubled ? 1 : factor) * slowest, isDoubtful ? usual : least)
    const longer = reached === undefined && this.#cut === tryLonger ? 2 * Math.max(wait, usual) : wait
    return Math.round(Math.min(most, longer))
  }

  snapshot(now: number): SketchSnapshot {
    return this.#sketch.snapshot(now)
  }

  restore(snapshot: SketchSnapshot, agedMs: number, now: number): void {
    this.#sketch.restore(snapshot, 2 ** (-agedMs / forgetting.halfLifeMs), now)
  }
}
