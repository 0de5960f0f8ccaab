import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttemptEntry, RequestEntry } from '@switchyard/core'
import pg from 'pg'
import type { LedgerConnections } from '../database/connections.ts'
import { openPostgres } from '../database/postgres.ts'
import { insertRows } from '../database/rows-of-json.ts'
import { openSqlite } from '../database/sqlite.ts'
import { runMigrations } from '../migrate.ts'
import { attemptRow, requestRow } from '../store/entry-rows.ts'

export interface ReportDatabase extends AsyncDisposable {
  readonly connections: LedgerConnections
}

const postgresUrl = process.env.DATABASE_URL ?? 'postgres://root@127.0.0.1:5432/test'

export async function openTestSqlite(): Promise<ReportDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'switchyard-reports-'))
  const connections = openSqlite({ file: join(directory, 'ledger.db'), wall: () => 0, timeoutMs: 5_000 })
  await runMigrations(connections)
  return {
    connections,
    async [Symbol.asyncDispose]() {
      await connections.dispose()
      await rm(directory, { recursive: true })
    },
  }
}

export async function openTestPostgres(): Promise<ReportDatabase> {
  const schema = `reports_${randomUUID().replaceAll('-', '')}`
  await asOwner(`create schema ${schema}`)
  const url = new URL(postgresUrl)
  url.searchParams.set('options', `-c search_path=${schema}`)
  const connections = openPostgres({ url: url.href, timeoutMs: 10_000, readTimeoutMs: 10_000 })
  await runMigrations(connections)
  return {
    connections,
    async [Symbol.asyncDispose]() {
      await connections.dispose()
      await asOwner(`drop schema ${schema} cascade`)
    },
  }
}

/** Why PostgreSQL cannot be tested here; on a build machine it must be. */
export const noPostgres: string | undefined = await asOwner('select 1').then(
  () => undefined,
  error => {
    if (process.env.CI === 'true') throw error
    return `no PostgreSQL at ${new URL(postgresUrl).host}`
  },
)

async function asOwner(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 2_000 })
  // a connection that is cut says so twice
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** As the ledger records them; budgets aside. */
export async function insertEntries(
  { dialect, writing }: LedgerConnections,
  entries: { readonly attempts?: readonly AttemptEntry[]; readonly requests?: readonly RequestEntry[] },
): Promise<void> {
  const { attempts = [], requests = [] } = entries
  if (attempts.length > 0) await insertRows(dialect, 'ledger_attempts', attempts.map(attemptRow)).execute(writing)
  if (requests.length > 0) await insertRows(dialect, 'ledger_requests', requests.map(requestRow)).execute(writing)
}

/** As it was before the first entry. */
export async function forgetEverything({ writing }: LedgerConnections): Promise<void> {
  for (const table of ['ledger_attempts', 'ledger_requests', 'usage_rollups', 'usage_dimensions'] as const) {
    await writing.deleteFrom(table).execute()
  }
  await writing.updateTable('usage_state').set({ raw_since: 0n }).execute()
}
