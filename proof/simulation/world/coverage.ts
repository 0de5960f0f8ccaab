/** What happened to whom: how often each event came in each state. */
export class Coverage {
  readonly #counts = new Map<string, number>()

  add(state: string, event: string): void {
    const key = `${state} x ${event}`
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  count(state: string, event: string): number {
    return this.#counts.get(`${state} x ${event}`) ?? 0
  }

  merge(other: Coverage): void {
    for (const [key, count] of other.#counts) this.#counts.set(key, (this.#counts.get(key) ?? 0) + count)
  }

  /** Every pair that came, the rarest first. */
  get entries(): readonly (readonly [string, number])[] {
    return [...this.#counts].sort(([, one], [, other]) => one - other)
  }
}
