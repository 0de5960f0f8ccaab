import { type Kysely, type RawBuilder, sql } from 'kysely'
import { insertRows } from '../database/rows-of-json.ts'
import type { LedgerDatabase } from '../schema.ts'
import { attemptRow, requestRow, storable } from './entry-rows.ts'
import { type LedgerOperation, recordId } from './ledger-operation.ts'
import { addingToWindows } from './write-windows.ts'

/**
 * All operations in one statement, which is a transaction of its own: one round trip. Rows are locked in one order, so
 * that nobody waits in a circle. No key may occur twice.
 */
export async function writeToPostgres(
  database: Kysely<LedgerDatabase>,
  operations: readonly LedgerOperation[],
): Promise<void> {
  const records = operations.flatMap(operation => (operation.type === 'record' ? [operation.record] : []))
  const attempts = records.flatMap(({ attempt }) => (attempt === undefined ? [] : [attemptRow(attempt)]))
  const requests = records.flatMap(({ request }) => (request === undefined ? [] : [requestRow(request)]))
  const charges: object[] = []
  const uses: { readonly slab: string; readonly record?: string; readonly amount: bigint; readonly closes: boolean }[] =
    operations.flatMap(each => (each.type === 'close' ? [{ slab: each.slab, amount: 0n, closes: true }] : []))
  for (const told of records) {
    const record = storable(recordId(told) ?? '')
    for (const { budget, window, amount, slabs } of told.charges) {
      charges.push({ record, budget, starts_at: window, amount })
      uses.push(...slabs.map(({ slab, amount }) => ({ record, slab, amount, closes: false })))
    }
  }
  // a row that others changed after the statement began is read again once it is locked
  await sql`
    with attempts as (${insertNew('ledger_attempts', attempts)}),
    requests as (${insertNew('ledger_requests', requests)}),
    fresh as materialized (select id from attempts union all select id from requests),
    held as materialized (
      select id, budget, starts_at, state, remaining from budget_slabs
      where id = any(${[...new Set(uses.map(({ slab }) => slab))]}::text[])
      order by id for update
    ),
    uses as (
      select slab, sum(amount) as amount, bool_or(closes) as closes
      from json_to_recordset(${json(uses)}::json) as told (record text, slab text, amount bigint, closes boolean)
      where closes or record in (select id from fresh)
      group by slab
    ),
    used as materialized (
      select held.*, closes, case when closes then remaining else least(remaining, amount)::bigint end as amount
      from held join uses on uses.slab = held.id
    ),
    shrunk as (
      update budget_slabs set remaining = budget_slabs.remaining - used.amount
      from used where budget_slabs.id = used.id and not closes
    ),
    closed as (delete from budget_slabs using used where budget_slabs.id = used.id and closes),
    changes as (
      select budget, starts_at, amount as settled, 0 as reserved, 0 as charged
      from json_to_recordset(${json(charges)}::json) as told (record text, budget text, starts_at bigint, amount bigint)
      where record in (select id from fresh)
      union all
      select budget, starts_at, 0,
        case state when 'open' then -amount else 0 end, case state when 'open' then 0 else -amount end
      from used
    )
    insert into budget_windows (budget, starts_at, settled, reserved, charged)
    select budget, starts_at, sum(settled)::bigint, sum(reserved)::bigint, sum(charged)::bigint
    from changes group by budget, starts_at order by budget collate "C", starts_at
    ${sql.raw(addingToWindows)}
  `.execute(database)
}

function insertNew(
  table: 'ledger_attempts' | 'ledger_requests',
  rows: readonly { readonly id: string }[],
): RawBuilder<unknown> {
  if (rows.length === 0) return sql`select id from ${sql.table(table)} where false`
  const sorted = rows.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  return sql`${insertRows('postgres', table, sorted)} on conflict (id) do nothing returning id`
}

function json(rows: readonly object[]): string {
  return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}
