import type { Clock, Timer } from '@switchyard/core'
import type { LedgerConnections } from '../database/connections.ts'
import { deleteOldEntries } from './retention.ts'
import { rollUp } from './roll-up.ts'

export interface UsageUpkeepOptions {
  readonly clock: Clock
  /** How long single entries are kept, in milliseconds; roll-ups stay for ever. Default 90 days. */
  readonly retainMs?: number
  /** Between the end of a pass and the next. Default 30 s. */
  readonly everyMs?: number
  /** Hears why a pass failed; the next one tries again. */
  readonly onError?: (error: unknown) => void
}

/** Rolls up what came, and deletes what is too old, again and again, behind the back of commits. */
export class UsageUpkeep implements AsyncDisposable {
  readonly #connections: LedgerConnections
  readonly #options: UsageUpkeepOptions
  readonly #stopped = new AbortController()
  #timer: Timer | undefined
  #pass: Promise<void> | undefined

  constructor(connections: LedgerConnections, options: UsageUpkeepOptions) {
    this.#connections = connections
    this.#options = options
    this.#wait()
  }

  /** Ends a pass within its batch, and waits for that. */
  async dispose(): Promise<void> {
    this.#stopped.abort()
    this.#timer?.cancel()
    await this.#pass
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  #wait(): void {
    const { clock, everyMs = 30_000 } = this.#options
    this.#timer = clock.timer(everyMs, () => {
      this.#pass = this.#run().finally(() => {
        this.#pass = undefined
        if (!this.#stopped.signal.aborted) this.#wait()
      })
    })
  }

  async #run(): Promise<void> {
    const { clock, retainMs = defaultRetainMs, onError } = this.#options
    const { signal } = this.#stopped
    try {
      const batch = upkeepBatch(this.#connections.dialect)
      await rollUp(this.#connections, { batch, signal })
      await deleteOldEntries(this.#connections, { before: clock.wall() - retainMs, batch, signal })
    } catch (error) {
      if (!signal.aborted) onError?.(error)
    }
  }
}

const defaultRetainMs = 90 * 86_400_000

/** Entries in one transaction: a commit waits for the one writer of SQLite, so there it is little at a time. */
function upkeepBatch(dialect: LedgerConnections['dialect']): number {
  return dialect === 'sqlite' ? 25 : 500
}
