/** What happened to whom: how often each event came in each state, as `state x event`. */
export class Coverage {
  readonly counts = new Map<string, number>()

  add(state: string, event: string): void {
    const pair = `${state} x ${event}`
    this.counts.set(pair, (this.counts.get(pair) ?? 0) + 1)
  }

  merge(counts: ReadonlyMap<string, number>): void {
    for (const [pair, count] of counts) this.counts.set(pair, (this.counts.get(pair) ?? 0) + count)
  }

  /** Every pair that came, the rarest first. */
  get entries(): readonly (readonly [string, number])[] {
    return [...this.counts].sort(([, one], [, other]) => one - other)
  }
}
