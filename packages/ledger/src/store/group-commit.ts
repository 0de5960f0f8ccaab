interface Waiting<Operation> {
  readonly operation: Operation
  resolve(): void
  reject(error: unknown): void
}

/**
 * Runs what many callers ask for in few batches: one at a time, each of all that came while the one before ran. Nobody
 * waits for a timer.
 */
export class GroupCommit<Operation> {
  readonly #run: (batch: readonly Operation[]) => Promise<readonly PromiseSettledResult<void>[]>
  readonly #most: number
  #waiting: Waiting<Operation>[] = []
  #running: Promise<void> | undefined

  /** `run` answers an outcome for each operation, in order, and never throws; `most` are in one batch. */
  constructor(run: (batch: readonly Operation[]) => Promise<readonly PromiseSettledResult<void>[]>, most: number) {
    this.#run = run
    this.#most = most
  }

  add(operation: Operation): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, resolve, reject })
      this.#running ??= this.#runAll()
    })
  }

  get isIdle(): boolean {
    return this.#running === undefined
  }

  /** Resolves when nothing waits and nothing runs. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #runAll(): Promise<void> {
    // those who ask in the same turn go together
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#most)
      this.#waiting = this.#waiting.slice(this.#most)
      const outcomes = await this.#run(batch.map(({ operation }) => operation))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index]
        if (outcome?.status === 'fulfilled') resolve()
        else reject(outcome?.reason)
      }
    }
    this.#running = undefined
  }
}
