import type { Money, SlabAsk } from '@switchyard/core'
import { slabAmount } from '@switchyard/core/accounting'
import { sql } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'

export interface SlabTaking {
  readonly ask: SlabAsk
  readonly slab: string
  readonly owner: string
  readonly leaseMs: number
}

/** What was granted; `undefined` where too little is left. */
export function takeSlab(connections: LedgerConnections, taking: SlabTaking): Promise<Money | undefined> {
  return connections.dialect === 'postgres'
    ? takeFromPostgres(connections, taking)
    : takeFromSqlite(connections, taking)
}

// core's slabAmount in one statement: the window's row is locked from being read until what was taken of it is durable
async function takeFromPostgres(
  { writing, now }: LedgerConnections,
  { ask, slab, owner, leaseMs }: SlabTaking,
): Promise<Money | undefined> {
  const { budget, window, limit, least, most } = ask
  const taking = sql<{ readonly amount: bigint | null }>`
    with standing as materialized (
      select ${limit}::bigint - settled - reserved - charged as remainder
      from budget_windows where budget = ${budget} and starts_at = ${window}::bigint
      for update
    ), offer as materialized (
      select least(${most}::bigint, greatest(${least}::bigint, remainder / 8)) as amount
      from standing
      where remainder >= ${least}::bigint
    ), taken as (
      update budget_windows set reserved = reserved + offer.amount
      from offer where offer.amount > 0 and budget = ${budget} and starts_at = ${window}::bigint
      returning offer.amount
    ), slab as (
      insert into budget_slabs (id, budget, starts_at, owner, remaining, expires_at, state)
      select ${slab}, ${budget}, ${window}::bigint, ${owner}, amount, ${now()} + ${leaseMs}::bigint, 'open' from taken
    )
    select (select amount from taken) as amount from standing`
  let found = await taking.execute(writing)
  if (found.rows.length === 0) {
    await createWindow(writing, ask).execute()
    found = await taking.execute(writing)
  }
  return found.rows[0]?.amount ?? undefined
}

// the transaction holds the database's only lock for writing
function takeFromSqlite(
  { writing, now }: LedgerConnections,
  { ask, slab, owner, leaseMs }: SlabTaking,
): Promise<Money | undefined> {
  const { budget, window } = ask
  return writing.transaction().execute(async transaction => {
    await createWindow(transaction, ask).execute()
    const { settled, reserved, charged } = await transaction
      .selectFrom('budget_windows')
      .select(['settled', 'reserved', 'charged'])
      .where('budget', '=', budget)
      .where('starts_at', '=', BigInt(window))
      .executeTakeFirstOrThrow()
    const amount = slabAmount(ask, settled + reserved + charged)
    if (amount === undefined || amount <= 0n) return undefined
    await transaction
      .updateTable('budget_windows')
      .set({ reserved: reserved + amount })
      .where('budget', '=', budget)
      .where('starts_at', '=', BigInt(window))
      .execute()
    await transaction
      .insertInto('budget_slabs')
      .values({
        id: slab,
        budget,
        starts_at: window,
        owner,
        remaining: amount,
        expires_at: sql`${now()} + ${leaseMs}`,
        state: 'open',
      })
      .execute()
    return amount
  })
}

function createWindow(database: LedgerConnections['writing'], { budget, window }: SlabAsk) {
  return database
    .insertInto('budget_windows')
    .values({ budget, starts_at: window, settled: 0n, reserved: 0n, charged: 0n })
    .onConflict(conflict => conflict.doNothing())
}
