const buckets = 61

/** The bucket that a moment is in. */
export function bucketAt(at: number, windowMs: number): number {
  return Math.floor(at / (windowMs / 60))
}

/** What was counted in the last 61 sixtieths of a window, each in a bucket of its own. */
export class RollingWindow {
  /** What all buckets hold. */
  sum = 0
  readonly #counts = new Float64Array(buckets)
  readonly #bucketMs: number
  #newest = 0

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / 60
  }

  /** Empties the buckets that have left. */
  advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs)
    const gone = bucket - this.#newest
    if (gone <= 0) return
    this.#newest = bucket
    if (gone >= buckets) {
      this.#counts.fill(0)
      this.sum = 0
      return
    }
    for (let left = bucket - gone + 1; left <= bucket; left++) {
      const index = left % buckets
      this.sum -= this.#counts[index] as number
      this.#counts[index] = 0
    }
  }

  /** Counts in the newest bucket; `advance` first. */
  add(amount: number): void {
    const index = this.#newest % buckets
    this.#counts[index] = (this.#counts[index] as number) + amount
    this.sum += amount
  }

  /** Changes the bucket of then, unless it has left. */
  correct(at: number, by: number): void {
    this.advance(at)
    const bucket = Math.floor(at / this.#bucketMs)
    if (bucket <= this.#newest - buckets) return
    const index = bucket % buckets
    const before = this.#counts[index] as number
    const after = Math.max(0, before + by)
    this.#counts[index] = after
    this.sum += after - before
  }

  /** Milliseconds until no more than `most` is left in it, rounded up. */
  untilAtMost(most: number, now: number): number {
    let held = this.sum
    let bucket = this.#newest - buckets
    while (held > most && bucket < this.#newest) held -= this.#counts[(++bucket + buckets) % buckets] as number
    return Math.ceil((bucket + buckets) * this.#bucketMs - now)
  }
}
