import { type RawBuilder, sql } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import type { LedgerConnections } from './connections.ts'

/**
 * Many rows in one parameter, so that a statement has one text however many there are: `from` of a select whose
 * columns are those of the table, typed as there.
 */
export function rowsOfJson(
  dialect: LedgerConnections['dialect'],
  table: keyof LedgerDatabase,
  columns: readonly string[],
  rows: readonly object[],
): RawBuilder<unknown> {
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  if (dialect === 'postgres') return sql`json_populate_recordset(null::${sql.table(table)}, ${text}::json)`
  const paths = columns.map(column => sql`json_extract(value, ${sql.lit(`$.${column}`)}) as ${sql.ref(column)}`)
  return sql`(select ${sql.join(paths)} from json_each(${text}))`
}
/** Inserts what is not there yet, in the rows' order. */
export function insertRows(
  dialect: LedgerConnections['dialect'],
  table: keyof LedgerDatabase,
  rows: readonly object[],
): RawBuilder<unknown> {
  const columns = Object.keys(rows[0] ?? {})
  const names = sql.join(columns.map(column => sql.ref(column)))
  // "where true" lets SQLite tell the conflict's clause from a join's
  return sql`insert into ${sql.table(table)} (${names}) select ${names} from ${rowsOfJson(dialect, table, columns, rows)} as rows where true`
}
