import { sql } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import { BudgetChanges } from './budget-changes.ts'
import { writeWindows } from './write-windows.ts'

const mostAtOnce = 1000

/** Prolongs the lease of these slabs, and answers all that the owner's rows say it holds. */
export async function renewLeases(
  { writing, dialect, now }: LedgerConnections,
  owner: string,
  slabs: readonly string[],
  leaseMs: number,
): Promise<readonly string[]> {
  if (slabs.length > 0) {
    const held = writing
      .selectFrom('budget_slabs')
      .select('id')
      .where('owner', '=', owner)
      .where('state', '=', 'open')
      .where('id', 'in', slabs)
      .orderBy('id')
      .$if(dialect === 'postgres', query => query.forUpdate())
    await writing
      .updateTable('budget_slabs')
      .set({ expires_at: sql`${now()} + ${leaseMs}` })
      .where('id', 'in', held)
      .execute()
  }
  const rows = await writing.selectFrom('budget_slabs').select('id').where('owner', '=', owner).execute()
  return rows.map(({ id }) => id)
}

/**
 * Moves what expired slabs hold from reserved to charged: their owners may have spent it, so nobody else may.
 * `ofOthers` takes all slabs of other owners, whatever their lease: where this process is the only one.
 */
export async function expireSlabs(
  connections: LedgerConnections,
  options: { readonly ofOthers?: string } = {},
): Promise<void> {
  while ((await expireSome(connections, options)) === mostAtOnce);
}

function expireSome(
  { writing, dialect, now }: LedgerConnections,
  { ofOthers }: { readonly ofOthers?: string },
): Promise<number> {
  return writing.transaction().execute(async transaction => {
    const rows = await transaction
      .selectFrom('budget_slabs')
      .select(['id', 'budget', 'starts_at', 'remaining'])
      .where('state', '=', 'open')
      .$if(ofOthers === undefined, query => query.where('expires_at', '<=', now()))
      .$if(ofOthers !== undefined, query => query.where('owner', '!=', ofOthers as string))
      .orderBy('id')
      .limit(mostAtOnce)
      // who holds one is changing it now, or marks it itself
      .$if(dialect === 'postgres', query => query.forUpdate().skipLocked())
      .execute()
    if (rows.length === 0) return 0
    const ids = rows.map(({ id }) => id)
    await transaction.updateTable('budget_slabs').set({ state: 'expired' }).where('id', 'in', ids).execute()
    const changes = new BudgetChanges([])
    for (const { budget, starts_at, remaining } of rows)
      changes.expire({ budget, window: Number(starts_at) }, remaining)
    await writeWindows(transaction, dialect, changes.windows())
    return rows.length
  })
}

/** Whether there is anything to expire; without a lock, and without waiting for reports. */
export async function anyExpired({ writing, now }: LedgerConnections): Promise<boolean> {
  const row = await writing
    .selectFrom('budget_slabs')
    .select('id')
    .where('state', '=', 'open')
    .where('expires_at', '<=', now())
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
