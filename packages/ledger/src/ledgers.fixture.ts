import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { AttemptEntry, Money, RequestEntry } from '@switchyard/core'
import { createTestDatabase } from '@switchyard/test-services'
import {
  DummyDriver,
  Kysely,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { onTestFinished, vi } from 'vitest'
import type { LedgerConnections } from './database/connections.ts'
import type { Ledger } from './ledger.ts'
import { connect, type LedgerPlace } from './ledger-place.ts'
import { type OpenLedgerOptions, openLedger } from './open-ledger.ts'

// what is durable waits for the disk, which others use too
vi.setConfig({ testTimeout: 30_000 })

export type DatabaseName = 'SQLite' | 'PostgreSQL'

/** Keeps what is to be done in the end: by default of the test. */
export type OnEnd = (end: () => unknown) => unknown

const onTestEnd: OnEnd = end =>
  onTestFinished(async () => {
    await end()
  })

/** A place that is new and empty, and goes in the end; `undefined` where there is no PostgreSQL. */
export async function newPlace(database: DatabaseName, onEnd: OnEnd = onTestEnd): Promise<LedgerPlace | undefined> {
  const dataDirectory = newDirectory(onEnd)
  if (database === 'SQLite') return { dataDirectory }
  const made = await createTestDatabase()
  if (made === undefined) return undefined
  onEnd(made.drop)
  return { url: made.url, dataDirectory }
}

export function newDirectory(onEnd: OnEnd = onTestEnd): string {
  const directory = mkdtempSync(join(tmpdir(), 'ledger-'))
  onEnd(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A ledger that is disposed in the end. */
export async function open(options: OpenLedgerOptions, onEnd: OnEnd = onTestEnd): Promise<Ledger> {
  const ledger = await openLedger(options)
  onEnd(() => ledger.dispose())
  return ledger
}

/** A look behind the ledger's back; of an embedded database it may write too. */
export async function look<Row>(place: LedgerPlace, query: RawBuilder<Row>): Promise<readonly Row[]> {
  if (place.url === undefined) return lookIntoFile(join(place.dataDirectory as string, 'ledger.db'), query)
  const connections: LedgerConnections = connect(place, { timeoutMs: 5000 })
  try {
    return (await query.execute(connections.writing)).rows
  } finally {
    await connections.dispose()
  }
}

const compiling = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: database => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

function lookIntoFile<Row>(file: string, query: RawBuilder<Row>): readonly Row[] {
  const database = new DatabaseSync(file, { timeout: 5000 })
  try {
    const { sql, parameters } = query.compile(compiling)
    const statement = database.prepare(sql)
    statement.setReadBigInts(true)
    return statement.all(...(parameters as SQLInputValue[])) as Row[]
  } finally {
    database.close()
  }
}

export async function expireBehind(place: LedgerPlace, slab: string): Promise<void> {
  await look(place, sql`update budget_slabs set expires_at = 0 where id = ${slab}`)
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise(resolve => setTimeout(resolve, 10))
}

let entries = 0

export function attemptEntry(entry: Partial<AttemptEntry> = {}): AttemptEntry {
  entries += 1
  return {
    id: `attempt-${entries}`,
    callId: `call-${entries}`,
    requestId: `request-${entries}`,
    at: 1_793_491_200_000,
    chain: 'fast',
    chains: ['fast'],
    operation: 'message',
    tags: [],
    outcome: 'completed',
    latencyMs: 12.5,
    provider: 'lab',
    model: 'tiny',
    target: 'lab/tiny',
    attempt: 1,
    cost: 7n,
    costIs: 'bill',
    ...entry,
  }
}

export function requestEntry(entry: Partial<RequestEntry> = {}): RequestEntry {
  entries += 1
  return {
    id: `call-${entries}`,
    requestId: `request-${entries}`,
    at: 1_793_491_200_000,
    chain: 'fast',
    operation: 'message',
    tags: [],
    outcome: 'completed',
    latencyMs: 14.25,
    attempts: 1,
    ...entry,
  }
}

/** An attempt that takes an amount from a window, of slabs or of none. */
export function charging(
  budget: string,
  amount: Money,
  slabs: readonly { readonly slab: string; readonly amount: Money }[] = [],
  window = 0,
) {
  return { attempt: attemptEntry({ cost: amount }), charges: [{ budget, window, amount, slabs }] }
}
