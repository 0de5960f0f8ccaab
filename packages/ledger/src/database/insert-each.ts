import { CompiledQuery, sql, type Transaction } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import type { LedgerConnections } from './connections.ts'
import { insertRows } from './rows-of-json.ts'
import { ParameterSets } from './sqlite-dialect.ts'
import type { SqliteValue } from './sqlite-messages.ts'

/**
 * Inserts rows in their order, all with the columns of the first, and answers what `onConflict` returns. SQLite is
 * several times faster with one prepared statement for all of them, PostgreSQL with one statement altogether.
 */
export async function insertEach<Returned>(
  transaction: Transaction<LedgerDatabase>,
  dialect: LedgerConnections['dialect'],
  table: keyof LedgerDatabase,
  rows: readonly object[],
  onConflict: string,
): Promise<readonly Returned[]> {
  const columns = Object.keys(rows[0] ?? {})
  if (dialect === 'sqlite') {
    const places = columns.map(() => '?').join(', ')
    const text = `insert into ${table} (${columns.join(', ')}) values (${places}) ${onConflict}`
    const sets = new ParameterSets(rows.map(row => Object.values(row) as SqliteValue[]))
    return (await transaction.executeQuery<Returned>(CompiledQuery.raw(text, [sets]))).rows
  }
  const insert = sql`${insertRows(dialect, table, rows)} ${sql.raw(onConflict)}`
  return (await insert.execute(transaction)).rows as readonly Returned[]
}
