import { Fading, type Forgetting } from './fading.ts'

/** Of any quantile. */
export const relativeError = 0.05
const growth = (1 + relativeError) / (1 - relativeError)
const logGrowth = Math.log(growth)
// from a millisecond to most of an hour
const buckets = 150

/** A sketch as plain JSON: bucket and samples, in turn. */
export interface SketchSnapshot {
  readonly values: readonly number[]
  readonly atLeast: readonly number[]
}

/**
 * Quantiles of recent values, right within 5 %, in 150 numbers however many values come. Of some it is only known that
 * they are no less than what was seen (a wait that was given up): they count as that long and longer, by the estimate
 * of Kaplan and Meier.
 */
export class QuantileSketch {
  readonly #fading: Fading
  readonly #lowest: number
  readonly #values = new Float32Array(buckets)
  #atLeast: Float32Array | undefined
  #weights = 0
  #first = buckets
  #last = -1

  /** What is less than `lowest` counts as it. */
  constructor(lowest: number, forgetting: Forgetting) {
    this.#lowest = lowest
    this.#fading = new Fading(forgetting)
  }

  add(value: number, now: number): void {
    this.#count(this.#values, this.#bucket(value), this.#fading.next(now, this.#rescale))
  }

  /** It is not known how much more. */
  addAtLeast(value: number, now: number): void {
    this.#count(this.#open(), this.#bucket(value), this.#fading.next(now, this.#rescale))
  }

  /** How many samples it stands for. */
  samples(now: number): number {
    return this.#fading.worth(this.#weights, now)
  }

  /** From 0 to 1; `undefined` where so many were never seen to end. */
  quantile(share: number): number | undefined {
    return this.#quantile(share, this.#atLeast)
  }

  /** The same of those alone whose end was seen. */
  quantileOfEnded(share: number): number | undefined {
    return this.#quantile(share, undefined)
  }

  /** The longest that was seen, but for the longest of two hundred. Of no samples it says nothing of use. */
  get longest(): number {
    let beyond = 0
    let at = this.#last
    for (; at > this.#first; at--) {
      beyond += (this.#values[at] as number) + (this.#atLeast?.[at] ?? 0)
      if (beyond > this.#weights * 0.005) break
    }
    return this.#value(at)
  }

  snapshot(now: number): SketchSnapshot {
    return { values: this.#told(this.#values, now), atLeast: this.#told(this.#atLeast, now) }
  }

  /** Adds what a snapshot holds; each of its samples counts for `worth`. */
  restore({ values, atLeast }: SketchSnapshot, worth: number, now: number): void {
    const weight = worth * this.#fading.next(now, this.#rescale)
    this.#fill(this.#values, values, weight)
    if (atLeast.length > 0) this.#fill(this.#open(), atLeast, weight)
  }

  #quantile(share: number, atLeast: Float32Array | undefined): number | undefined {
    let atRisk = 0
    for (let at = this.#first; at <= this.#last; at++) atRisk += (this.#values[at] as number) + (atLeast?.[at] ?? 0)
    let survive = 1
    for (let at = this.#first; at <= this.#last; at++) {
      const ended = this.#values[at] as number
      if (ended > 0) {
        survive *= 1 - ended / atRisk
        if (1 - survive >= share - 1e-9) return this.#value(at)
      }
      atRisk -= ended + (atLeast?.[at] ?? 0)
    }
    return undefined
  }

  #fill(counts: Float32Array, told: readonly number[], weight: number): void {
    for (let at = 0; at + 1 < told.length; at += 2) {
      this.#count(counts, Math.min(Math.trunc(told[at] as number), buckets - 1), (told[at + 1] as number) * weight)
    }
  }

  #open(): Float32Array {
    this.#atLeast ??= new Float32Array(buckets)
    return this.#atLeast
  }

  #told(counts: Float32Array | undefined, now: number): readonly number[] {
    const told: number[] = []
    counts?.forEach((weight, at) => {
      const samples = Math.round(this.#fading.worth(weight, now) * 1_000) / 1_000
      if (samples > 0) told.push(at, samples)
    })
    return told
  }

  #bucket(value: number): number {
    const at = Math.ceil(Math.log(value / this.#lowest) / logGrowth)
    return at > 0 ? Math.min(at, buckets - 1) : 0
  }

  /** The middle of a bucket, as far from its ends in proportion. */
  #value(bucket: number): number {
    return (this.#lowest * 2 * growth ** bucket) / (growth + 1)
  }

  #count(counts: Float32Array, bucket: number, weight: number): void {
    counts[bucket] = (counts[bucket] as number) + weight
    this.#weights += weight
    if (bucket < this.#first) this.#first = bucket
    if (bucket > this.#last) this.#last = bucket
  }

  readonly #rescale = (factor: number): void => {
    this.#weights *= factor
    for (let at = this.#first; at <= this.#last; at++) {
      this.#values[at] = (this.#values[at] as number) * factor
      if (this.#atLeast !== undefined) this.#atLeast[at] = (this.#atLeast[at] as number) * factor
    }
  }
}
