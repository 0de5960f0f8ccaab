import { sql, type Transaction } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import { insertEach } from '../database/insert-each.ts'
import { rowsOfJson } from '../database/rows-of-json.ts'
import type { LedgerDatabase } from '../schema.ts'
import { BudgetChanges, type SlabStanding } from './budget-changes.ts'
import { attemptRow, requestRow, storable } from './entry-rows.ts'
import { type LedgerOperation, recordId } from './ledger-operation.ts'
import { writeToPostgres } from './write-to-postgres.ts'
import { writeWindows } from './write-windows.ts'

/** All operations in one transaction, each once. No key may occur twice. */
export function writeOperations(
  { writing, dialect }: LedgerConnections,
  operations: readonly LedgerOperation[],
): Promise<void> {
  if (dialect === 'postgres') return writeToPostgres(writing, operations)
  return writing.transaction().execute(transaction => writeToSqlite(transaction, operations))
}

// whoever is in a transaction of SQLite's is the only one who writes
async function writeToSqlite(
  transaction: Transaction<LedgerDatabase>,
  operations: readonly LedgerOperation[],
): Promise<void> {
  const fresh = await insertEntries(transaction, operations)
  const effective = operations.filter(operation => takesEffect(operation, fresh))
  const changes = new BudgetChanges(await readSlabs(transaction, effective))
  for (const operation of effective) {
    if (operation.type === 'close') changes.close(operation.slab)
    else for (const charge of operation.record.charges) changes.charge(charge)
  }
  const used = changes.used()
  if (used.length > 0) {
    const rows = rowsOfJson('sqlite', 'budget_slabs', ['id', 'remaining'], used)
    await sql`update budget_slabs set remaining = rows.remaining from ${rows} as rows where rows.id = budget_slabs.id`.execute(
      transaction,
    )
  }
  const closed = changes.closed()
  if (closed.length > 0) await transaction.deleteFrom('budget_slabs').where('id', 'in', closed).execute()
  await writeWindows(transaction, 'sqlite', changes.windows())
}

function takesEffect(operation: LedgerOperation, fresh: ReadonlySet<string>): boolean {
  if (operation.type === 'close') return true
  const id = recordId(operation.record)
  return id !== undefined && fresh.has(storable(id))
}

async function insertEntries(
  transaction: Transaction<LedgerDatabase>,
  operations: readonly LedgerOperation[],
): Promise<ReadonlySet<string>> {
  const records = operations.flatMap(operation => (operation.type === 'record' ? [operation.record] : []))
  const attempts = records.flatMap(({ attempt }) => (attempt === undefined ? [] : [attemptRow(attempt)]))
  const requests = records.flatMap(({ request }) => (request === undefined ? [] : [requestRow(request)]))
  const fresh = new Set<string>()
  for (const [table, rows] of [
    ['ledger_attempts', attempts],
    ['ledger_requests', requests],
  ] as const) {
    if (rows.length === 0) continue
    const once = 'on conflict (id) do nothing returning id'
    const inserted = await insertEach<{ readonly id: string }>(transaction, 'sqlite', table, rows, once)
    for (const { id } of inserted) fresh.add(id)
  }
  return fresh
}

async function readSlabs(
  transaction: Transaction<LedgerDatabase>,
  operations: readonly LedgerOperation[],
): Promise<readonly SlabStanding[]> {
  const ids = new Set(
    operations.flatMap(operation =>
      operation.type === 'close'
        ? [operation.slab]
        : operation.record.charges.flatMap(charge => charge.slabs.map(({ slab }) => slab)),
    ),
  )
  if (ids.size === 0) return []
  const rows = await transaction
    .selectFrom('budget_slabs')
    .select(['id', 'budget', 'starts_at', 'state', 'remaining'])
    .where('id', 'in', [...ids])
    .execute()
  return rows.map(({ starts_at, ...row }) => ({ ...row, window: Number(starts_at) }))
}
