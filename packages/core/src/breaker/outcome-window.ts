/** What a breaker counts by: outcomes of the recent past. */
export interface OutcomeWindow {
  readonly total: number
  readonly failures: number
  readonly slow: number
  /** Since the last success. */
  readonly failuresInRow: number
  /** Counts one outcome; afterwards the totals are those of `now`. */
  record(now: number, outcome: 'success' | 'slow' | 'failure'): void
  clear(): void
  /** The counts that still matter at `now`, the youngest last. */
  slices(now: number): readonly WindowSlice[]
  /** Puts back what `slices` gave, as if it were counted now. */
  fill(now: number, slices: readonly WindowSlice[]): void
}

/** Outcomes of one stretch of time. */
export interface WindowSlice {
  /** Stretches between this one and the present. */
  readonly age: number
  readonly total: number
  readonly failures: number
  readonly slow: number
}

const sliceCount = 10

interface Slice {
  total: number
  failures: number
  slow: number
}

/** Ten slices of time; a slice leaves as a whole when it is a window old. */
export class SlidingWindow implements OutcomeWindow {
  total = 0
  failures = 0
  slow = 0
  #inRow = 0
  readonly #sliceMs: number
  readonly #slices: readonly Slice[] = Array.from({ length: sliceCount }, () => ({ total: 0, failures: 0, slow: 0 }))
  // which slice of all time is the youngest here
  #latest = Number.NEGATIVE_INFINITY

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / sliceCount
  }

  // those that have left were the first of them
  get failuresInRow(): number {
    return Math.min(this.#inRow, this.failures)
  }

  record(now: number, outcome: 'success' | 'slow' | 'failure'): void {
    this.#inRow = outcome === 'failure' ? this.#inRow + 1 : 0
    const slice = this.#slice(this.#advance(now))
    slice.total++
    this.total++
    if (outcome === 'failure') {
      slice.failures++
      this.failures++
    } else if (outcome === 'slow') {
      slice.slow++
      this.slow++
    }
  }

  clear(): void {
    this.#inRow = 0
    for (const slice of this.#slices) this.#empty(slice)
  }

  slices(now: number): readonly WindowSlice[] {
    const latest = this.#advance(now)
    const slices: WindowSlice[] = []
    for (let age = sliceCount - 1; age >= 0; age--) {
      const slice = this.#slice(latest - age)
      if (slice.total > 0) slices.push({ age, ...slice })
    }
    return slices
  }

  fill(now: number, slices: readonly WindowSlice[]): void {
    this.clear()
    const latest = this.#advance(now)
    for (const { age, total, failures, slow } of slices) {
      if (age >= sliceCount) continue
      const slice = this.#slice(latest - age)
      slice.total += total
      slice.failures += failures
      slice.slow += slow
      this.total += total
      this.failures += failures
      this.slow += slow
    }
  }

  #advance(now: number): number {
    const latest = Math.floor(now / this.#sliceMs)
    if (latest > this.#latest) {
      const stale = Math.min(sliceCount, latest - this.#latest)
      for (let back = 0; back < stale; back++) this.#empty(this.#slice(latest - back))
      this.#latest = latest
    }
    return this.#latest
  }

  #slice(position: number): Slice {
    return this.#slices[((position % sliceCount) + sliceCount) % sliceCount] as Slice
  }

  #empty(slice: Slice): void {
    this.total -= slice.total
    this.failures -= slice.failures
    this.slow -= slice.slow
    slice.total = 0
    slice.failures = 0
    slice.slow = 0
  }
}
