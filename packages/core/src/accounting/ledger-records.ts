import { ledgerError } from './ledger-error.ts'
import type { AttemptEntry, BudgetCharge, LedgerRecord, LedgerStore, RequestEntry } from './ledger-store.ts'

interface PendingRecord {
  readonly attempt: AttemptEntry
  readonly charges: readonly BudgetCharge[]
  request?: RequestEntry
  readonly committed: Promise<void>
}

/** Writes what ended: an attempt, and the request that ended in the same moment, as one record. */
export class LedgerRecords {
  readonly #store: LedgerStore
  readonly #pending = new Map<string, PendingRecord>()

  constructor(store: LedgerStore) {
    this.#store = store
  }

  attempt(attempt: AttemptEntry, charges: readonly BudgetCharge[]): Promise<void> {
    const { callId } = attempt
    // the engine tells the end of the request right after that of its last attempt
    const committed = Promise.resolve().then(() => {
      this.#pending.delete(callId)
      return this.#commit({ attempt, charges, ...(pending.request && { request: pending.request }) })
    })
    const pending: PendingRecord = { attempt, charges, committed }
    this.#pending.set(callId, pending)
    return committed
  }

  /** `entry` is told the attempt that it ended with. */
  request(callId: string, entry: (last: AttemptEntry | undefined) => RequestEntry): Promise<void> {
    const pending = this.#pending.get(callId)
    const request = entry(pending?.attempt)
    if (pending === undefined) return this.#commit({ request, charges: [] })
    pending.request = request
    return pending.committed
  }

  async #commit(record: LedgerRecord): Promise<void> {
    try {
      await this.#store.commit(record)
    } catch (error) {
      throw ledgerError(error)
    }
  }
}
