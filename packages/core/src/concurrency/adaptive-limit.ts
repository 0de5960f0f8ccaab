import type { AdaptiveBounds } from './concurrency-definition.ts'

/** What an average takes of each new answer. */
const weight = 0.05
/** First tokens may take that much longer than in calm before it counts. */
const tolerance = 1.25
/** What is left of the limit after an overload, as in CUBIC (RFC 9438). */
const afterOverload = 0.7
/** After so many answers under pressure, times the limit, calm is made for a while (Vegas's probing). */
const pressedRounds = 30
const calmAnswers = 40

/**
 * A limit that grows while a target answers as fast as in calm, and shrinks when first tokens come later: the gradient
 * of Netflix's concurrency-limits (`Gradient2Limit`: github.com/Netflix/concurrency-limits), with three changes. The
 * time without load is learned only while less than half of the limit is used, for which half is kept free now and then
 * (as Envoy's gradient controller does), else it would follow a queue for ever; an overload shrinks the limit at once,
 * once for all attempts that were under way; and the limit moves by its step in one round of answers.
 */
export class AdaptiveLimit {
  readonly #min: number
  readonly #max: number
  #limit: number
  // averages of the time to the first token, in milliseconds
  #calm = Number.NaN
  #recent = Number.NaN
  #pressed = 0
  #calmToSee = 0
  #shrunkAt = Number.NEGATIVE_INFINITY

  constructor({ min = 1, max = Math.max(1_000, min), initial }: AdaptiveBounds) {
    this.#min = min
    this.#max = max
    this.#limit = initial ?? Math.min(max, Math.max(min, 20))
  }

  /** A whole number. */
  get limit(): number {
    return Math.floor(this.#calmToSee > 0 ? this.#calmLimit : this.#limit)
  }

  /** A first token came, of an attempt that was one of `inFlight` when it began. */
  answered(latencyMs: number, inFlight: number): void {
    this.#recent = average(this.#recent, latencyMs)
    if (inFlight <= this.#calmLimit) {
      this.#calm = average(this.#calm, latencyMs)
      this.#pressed = 0
      if (this.#calmToSee > 0) this.#calmToSee--
      // the least there is counts as calm, and may be all that is used
      if (inFlight < Math.floor(this.#limit)) return
    } else if (Number.isNaN(this.#calm) || ++this.#pressed >= pressedRounds * this.#limit) {
      this.#pressed = 0
      // the first to answer are the fast ones: only after a round of them do answers come as they are
      this.#calmToSee = calmAnswers + this.#limit / 2
    }
    if (Number.isNaN(this.#calm)) return
    // the load has gone, and what was learned under it is too slow
    if (this.#calm > 2 * this.#recent) this.#calm *= 1 - weight
    const gradient = Math.max(0.5, Math.min(1, (tolerance * this.#calm) / this.#recent || 1))
    this.#moveTo(this.#limit + gradient - 1 + 1 / Math.sqrt(this.#limit))
  }

  /** The target had too much to do for an attempt that began then. */
  overloaded(startedAt: number, now: number): void {
    if (startedAt < this.#shrunkAt) return
    this.#shrunkAt = now
    this.#moveTo(this.#limit * afterOverload)
  }

  get #calmLimit(): number {
    return Math.max(this.#min, this.#limit / 2)
  }

  #moveTo(limit: number): void {
    this.#limit = Math.max(this.#min, Math.min(this.#max, limit))
  }
}

function average(before: number, value: number): number {
  return Number.isNaN(before) ? value : before + weight * (value - before)
}
