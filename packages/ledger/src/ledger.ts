import type {
  Clock,
  LedgerRecord,
  LedgerStore,
  SlabAnswer,
  SlabAsk,
  SwitchyardError,
  WindowKey,
  WindowState,
} from '@switchyard/core'
import type { LedgerConnections } from './database/connections.ts'
import { databaseFailure } from './database/database-failure.ts'
import { usage } from './reports/usage.ts'
import type { UsageFilter, UsageOptions, UsageReport } from './reports/usage-report.ts'
import { checkAsk, checkRecord } from './store/check-record.ts'
import type { DurableWrites } from './store/durable-writes.ts'
import { awayFailure, ledgerFailure } from './store/ledger-failure.ts'
import { readBudgets } from './store/read-budgets.ts'
import { type LedgerEntry, readEntries } from './store/read-entries.ts'
import type { SlabOwner } from './store/slab-owner.ts'

/** What budgets and entries are kept in, and read from. */
export interface Ledger extends LedgerStore, AsyncDisposable {
  /** `PostgreSQL at host:5432/database`, or the file. */
  readonly place: string
  /** The requests of this id with their attempts, oldest first: clients choose the ids, and may choose one again. */
  entry(requestId: string): Promise<readonly LedgerEntry[]>
  /**
   * What was used: totals, and by whatever `options` ask for. Throws `invalid-request` for what cannot be asked.
   */
  usage(filter?: UsageFilter, options?: UsageOptions): Promise<UsageReport>
  /** Whether the database does not answer: what is recorded then waits in the journal, and slabs are refused. */
  readonly isAway: boolean
  /** Waits for what is being written, and lets go of database, journal and data directory. Idempotent. */
  dispose(): Promise<void>
}

export interface LedgerParts {
  readonly connections: LedgerConnections
  readonly writes: DurableWrites
  readonly owner: Pick<SlabOwner, 'take' | 'letGo'>
  readonly clock: Clock
  /** Frees what is below, once nothing is in use any more. */
  readonly release: () => Promise<void>
}

export class DatabaseLedger implements Ledger {
  readonly #parts: LedgerParts
  readonly #underway = new Set<Promise<unknown>>()
  #disposing: Promise<void> | undefined

  constructor(parts: LedgerParts) {
    this.#parts = parts
  }

  get place(): string {
    return this.#parts.connections.place
  }

  get isAway(): boolean {
    return this.#parts.writes.isAway
  }

  async takeSlab(ask: SlabAsk): Promise<SlabAnswer> {
    checkAsk(ask)
    return this.#ask(`The ledger cannot reserve from budget "${ask.budget}"`, async () => {
      const taken = await this.#parts.owner.take(ask)
      if (taken !== undefined) return { granted: true, ...taken }
      const [state] = await readBudgets(this.#parts.connections, [ask])
      return { granted: false, state: state as WindowState }
    })
  }

  async closeSlab(slab: string): Promise<void> {
    this.#parts.owner.letGo(slab)
    await this.#write(() => this.#parts.writes.write({ type: 'close', slab }))
  }

  async commit(record: LedgerRecord): Promise<void> {
    checkRecord(record)
    await this.#write(() => this.#parts.writes.write({ type: 'record', record }))
  }

  budgets(windows: readonly WindowKey[]): Promise<readonly WindowState[]> {
    return this.#ask('The ledger cannot say where budgets stand', () => readBudgets(this.#parts.connections, windows))
  }

  alertOnce({ budget, window }: WindowKey, threshold: string): Promise<boolean> {
    return this.#ask(`The ledger cannot say whether budget "${budget}" was alerted`, async () => {
      const row = await this.#parts.connections.writing
        .insertInto('budget_alerts')
        .values({ budget, starts_at: window, threshold })
        .onConflict(conflict => conflict.doNothing())
        .returning('threshold')
        .executeTakeFirst()
      return row !== undefined
    })
  }

  entry(requestId: string): Promise<readonly LedgerEntry[]> {
    return this.#ask('The ledger cannot look up a request', () => readEntries(this.#parts.connections, requestId))
  }

  usage(filter?: UsageFilter, options?: UsageOptions): Promise<UsageReport> {
    return this.#ask('The ledger cannot report what was used', () =>
      usage(this.#parts.connections.reading, filter, options),
    )
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#dispose()
    return this.#disposing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#underway)
    await this.#parts.release()
  }

  /** What needs the database now; fails as `unavailable` where that does not answer. */
  async #ask<Answer>(doing: string, work: () => Promise<Answer>): Promise<Answer> {
    this.#refuseDisposed(doing)
    const { connections, writes } = this.#parts
    if (writes.isAway) throw awayFailure(doing, connections.place)
    try {
      return await this.#track(tryAgain(work, this.#parts.clock))
    } catch (error) {
      if (databaseFailure(error) === 'away') writes.lost(error)
      throw ledgerFailure(doing, connections.place, error)
    }
  }

  async #write(work: () => Promise<void>): Promise<void> {
    this.#refuseDisposed('The ledger cannot record')
    await this.#track(work())
  }

  async #track<Answer>(work: Promise<Answer>): Promise<Answer> {
    this.#underway.add(work)
    try {
      return await work
    } finally {
      this.#underway.delete(work)
    }
  }

  #refuseDisposed(doing: string): void {
    if (this.#disposing !== undefined) throw disposedFailure(doing)
  }
}

const maxConflicts = 5
const soonMs = 500

// a slab that was granted to a connection that broke is found, and given back, by the next heartbeat
async function tryAgain<Answer>(work: () => Promise<Answer>, clock: Clock): Promise<Answer> {
  const begun = clock.monotonic()
  let isFirstLoss = true
  for (let conflicts = 0; ; ) {
    try {
      return await work()
    } catch (error) {
      const failure = databaseFailure(error)
      if (failure === 'away' && isFirstLoss && clock.monotonic() - begun < soonMs) isFirstLoss = false
      else if (failure !== 'again' || ++conflicts > maxConflicts) throw error
    }
  }
}

function disposedFailure(doing: string): SwitchyardError {
  return awayFailure(doing, 'a ledger that was disposed')
}
