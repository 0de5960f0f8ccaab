import { sql } from 'kysely'
import { lockState, type Rollable } from './roll-up.ts'
import { startOf } from './usage-spans.ts'

export interface RetentionOptions {
  /** Entries that began before it go, as far as they are in roll-ups: milliseconds since 1970, taken to its hour. */
  readonly before: number
  /** Entries in one transaction. Default 500. */
  readonly batch?: number
  readonly signal?: AbortSignal
}

/**
 * Deletes old entries, little by little. Their roll-ups stay, and so do the windows of budgets.
 *
 * @returns How many entries were deleted.
 */
export async function deleteOldEntries({ writing }: Rollable, options: RetentionOptions): Promise<number> {
  const { batch = 500, signal } = options
  const before = Math.max(startOf('hour', options.before), 0)
  // before the first of them goes: no report may take an hour for whole that is not
  await writing.transaction().execute(async transaction => {
    await lockState(transaction)
    await transaction
      .updateTable('usage_state')
      .set({ raw_since: BigInt(before) })
      .where('raw_since', '<', BigInt(before))
      .execute()
  })
  let total = 0
  for (const table of ['ledger_attempts', 'ledger_requests'] as const) {
    for (let deleted = batch; deleted === batch; total += deleted) {
      signal?.throwIfAborted()
      const { numAffectedRows } = await sql`
        delete from ${sql.table(table)} where id in
        (select id from ${sql.table(table)} where at < ${before} and rolled_up = 1 order by at limit ${batch})
      `.execute(writing)
      deleted = Number(numAffectedRows ?? 0n)
    }
  }
  return total
}
