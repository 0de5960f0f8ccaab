/** What one process has used of one limit, by bucket of the window. */
export class OwnUse {
  readonly #buckets = new Map<number, number>()

  /** What is added, less than `by` where the bucket holds less than is taken out of it. */
  add(bucket: number, by: number): number {
    const before = this.#buckets.get(bucket) ?? 0
    const after = Math.max(0, before + by)
    if (after === 0) this.#buckets.delete(bucket)
    else this.#buckets.set(bucket, after)
    return after - before
  }

  /** The sum of the 61 buckets that end with this one. */
  total(bucket: number): number {
    let total = 0
    for (const [at, amount] of this.#buckets) {
      if (at <= bucket - 61) this.#buckets.delete(at)
      else total += amount
    }
    return total
  }

  entries(): readonly (readonly [bucket: number, amount: number])[] {
    return [...this.#buckets]
  }

  clear(): void {
    this.#buckets.clear()
  }
}
