// 16 buckets to each doubling: a quantile is at most 1/32 away from the truth, and all times fit in about 450 buckets
const perDoubling = 16
const bits = Math.log2(perDoubling)
const longest = 2 ** 31 - 1

/**
 * How often times of each length occurred, in log-linear buckets: below 16 ms exact, above within about 3%.
 * Its text is mergeable by concatenation with a space, so that a database can merge many without knowing of them.
 */
export class LatencyHistogram {
  readonly #counts = new Map<number, number>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** @param ms Whole or not; below 0 counts as 0. */
  add(ms: number, times = 1): void {
    this.#addBucket(bucketOf(ms), times)
  }

  merge(other: LatencyHistogram): void {
    for (const [bucket, times] of other.#counts) this.#addBucket(bucket, times)
  }

  /** Adds what `text` made, or several of it with spaces between. */
  addText(text: string): void {
    let number = 0
    let bucket = 0
    for (let at = 0; at <= text.length; at++) {
      // one pass without substrings: a year's report reads tens of megabytes of it
      const code = at === text.length ? space : text.charCodeAt(at)
      if (code === colon) {
        bucket = number
        number = 0
      } else if (code === space) {
        if (number > 0) this.#addBucket(bucket, number)
        number = 0
      } else number = number * 10 + code - zero
    }
  }

  /** `bucket:count bucket:count`, empty for none. */
  text(): string {
    return [...this.#counts]
      .sort(([one], [other]) => one - other)
      .map(([bucket, count]) => `${bucket}:${count}`)
      .join(' ')
  }

  /** The nearest-rank quantile, in milliseconds: the middle of its bucket. `undefined` of nothing. */
  quantile(share: number): number | undefined {
    let rank = Math.max(1, Math.ceil(share * this.#count))
    for (const [bucket, count] of [...this.#counts].sort(([one], [other]) => one - other)) {
      rank -= count
      if (rank <= 0) return middleOf(bucket)
    }
    return undefined
  }

  #addBucket(bucket: number, times: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + times)
    this.#count += times
  }
}

const space = 32
const zero = 48
const colon = 58

function bucketOf(ms: number): number {
  const whole = Math.min(Math.max(Math.floor(ms), 0), longest)
  if (whole < perDoubling) return whole
  const doubling = 31 - Math.clz32(whole) - bits
  return doubling * perDoubling + (whole >> doubling)
}

function middleOf(bucket: number): number {
  if (bucket < 2 * perDoubling) return bucket
  const doubling = Math.floor(bucket / perDoubling) - 1
  const start = (bucket - doubling * perDoubling) * 2 ** doubling
  return start + (2 ** doubling - 1) / 2
}
