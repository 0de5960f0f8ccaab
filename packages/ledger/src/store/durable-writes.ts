import { appendFile } from 'node:fs/promises'
import { type Clock, type Random, SwitchyardError } from '@switchyard/core'
import { sql } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import type { Journal } from '../journal/journal.ts'
import { journalLine } from '../journal/journal-lines.ts'
import { commitBatch, type OperationOutcome } from './commit-batch.ts'
import { GroupCommit } from './group-commit.ts'
import { awayFailure, ledgerFailure } from './ledger-failure.ts'
import { type LedgerOperation, operationKey } from './ledger-operation.ts'
import { maybeForgotten } from './maybe-forgotten.ts'
import { Presence } from './presence.ts'
import { writeOperations } from './write-operations.ts'

export interface DurableWritesOptions {
  readonly connections: LedgerConnections
  /** Where operations wait while the database is away; without one they are refused. */
  readonly journal?: Journal | undefined
  /** Keeps the journal's lines that the database never takes. */
  readonly refusedFile?: string | undefined
  readonly maxBatch: number
  readonly clock: Clock
  readonly random: Random
  readonly onError: (error: Error) => void
}

const doing = 'The ledger cannot record'
const forgottenReason =
  'it is older than what is kept, and may have been recorded before; ledger.refused in the data directory keeps it'

/** Operations that are durable when they resolve: in the database, or in the journal while that is away. */
export class DurableWrites {
  readonly #options: DurableWritesOptions
  readonly #group: GroupCommit<LedgerOperation>
  readonly #presence: Presence

  constructor(options: DurableWritesOptions) {
    this.#options = options
    this.#group = new GroupCommit(batch => this.#writeBatch(batch), options.maxBatch)
    const { clock, random } = options
    this.#presence = new Presence({ clock, random, comeBack: () => this.#comeBack() })
  }

  get isAway(): boolean {
    return this.#presence.isAway
  }

  write(operation: LedgerOperation): Promise<void> {
    return this.#group.add(operation)
  }

  /** Takes note that the database did not answer. */
  lost(error: unknown): void {
    const { connections, onError } = this.#options
    if (this.#presence.lost()) onError(ledgerFailure('The ledger waits', connections.place, error))
  }

  /** Writes what an earlier process left in the journal. */
  async recover(): Promise<void> {
    if (this.#options.journal?.isEmpty === false) await this.#replay(this.#options.journal)
  }

  async end(): Promise<void> {
    await this.#group.idle()
    await this.#presence.end()
  }

  async #writeBatch(batch: readonly LedgerOperation[]): Promise<readonly PromiseSettledResult<void>[]> {
    if (this.isAway) return this.#journalAll(batch)
    const outcomes = await commitBatch(this.#writing(), batch)
    return Promise.allSettled(batch.map((operation, index) => this.#conclude(operation, outcomes[index])))
  }

  #journalAll(batch: readonly LedgerOperation[]): Promise<readonly PromiseSettledResult<void>[]> {
    return Promise.allSettled(batch.map(operation => this.#journal(operation)))
  }

  async #conclude(operation: LedgerOperation, outcome: OperationOutcome | undefined): Promise<void> {
    if (outcome === undefined || outcome.type === 'done') return
    const { connections } = this.#options
    if (outcome.type === 'failed')
      throw ledgerFailure(`${doing} ${operationKey(operation)}`, connections.place, outcome.error)
    // what was journaled is written again from there: so it goes on from there until it is taken over
    this.lost(outcome.error)
    await this.#journal(operation)
  }

  async #journal(operation: LedgerOperation): Promise<void> {
    const { connections, journal } = this.#options
    if (journal !== undefined) return journal.append(operation)
    const cure = 'It has no data directory for a journal, which would take it'
    throw awayFailure(`${doing} ${operationKey(operation)}. ${cure}`, connections.place)
  }

  async #comeBack(): Promise<boolean> {
    const { connections, journal } = this.#options
    await sql`select 1`.execute(connections.writing)
    if (journal !== undefined) await this.#replay(journal)
    else this.#presence.found()
    return true
  }

  async #replay(journal: Journal): Promise<void> {
    const { maxBatch, onError } = this.#options
    let from = journal.start
    do {
      const { operations, unreadable, end } = await journal.read(from)
      if (unreadable > 0) onError(new Error(`${unreadable} damaged lines of the ledger's journal were left out.`))
      for (let at = 0; at < operations.length; at += maxBatch) await this.#takeOver(operations.slice(at, at + maxBatch))
      from = end
    } while (!(await journal.clear(from, () => this.#presence.found())))
  }

  async #takeOver(operations: readonly LedgerOperation[]): Promise<void> {
    const forgotten = await maybeForgotten(this.#options.connections, operations)
    const batch = operations.filter(operation => !forgotten.has(operation))
    for (const operation of forgotten) {
      const { place } = this.#options.connections
      const message = `${doing} ${operationKey(operation)} of its journal in ${place}: ${forgottenReason}.`
      await this.#setAside(operation, new SwitchyardError('invalid-request', message, { code: 'ledger' }))
    }
    const outcomes = await commitBatch(this.#writing(), batch)
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.type === 'done') continue
      if (outcome.type !== 'failed') throw outcome.error
      await this.#setAside(batch[index] as LedgerOperation, outcome.error)
    }
  }

  async #setAside(operation: LedgerOperation, error: unknown): Promise<void> {
    const { connections, refusedFile, onError } = this.#options
    if (refusedFile !== undefined) await appendFile(refusedFile, journalLine(operation), { mode: 0o600, flush: true })
    const what = `${doing} ${operationKey(operation)} of its journal, and keeps it in ${refusedFile}`
    onError(ledgerFailure(what, connections.place, error))
  }

  #writing() {
    const { connections, clock, random } = this.#options
    return { write: (batch: readonly LedgerOperation[]) => writeOperations(connections, batch), clock, random }
  }
}
