import type { LedgerConnections } from '../database/connections.ts'
import { storable } from './entry-rows.ts'
import type { LedgerOperation } from './ledger-operation.ts'

const hourMs = 3_600_000

/**
 * Which operations record entries so old that they may have been recorded before, added up and deleted: they are not in
 * the database, and nobody knows whether they were. Sums would count them again.
 */
export async function maybeForgotten(
  { writing }: LedgerConnections,
  operations: readonly LedgerOperation[],
): Promise<ReadonlySet<LedgerOperation>> {
  const state = await writing.selectFrom('usage_state').select('raw_since').executeTakeFirst()
  if (state === undefined || state.raw_since === 0n) return new Set()
  // another process may delete the next hour meanwhile
  const since = Number(state.raw_since) + hourMs
  const old = new Map<string, LedgerOperation>()
  for (const operation of operations) {
    if (operation.type === 'close') continue
    const { attempt, request } = operation.record
    const entry = attempt ?? request
    if (entry !== undefined && entry.at < since) old.set(storable(entry.id), operation)
  }
  if (old.size === 0) return new Set()
  for (const table of ['ledger_attempts', 'ledger_requests'] as const) {
    const known = await writing
      .selectFrom(table)
      .select('id')
      .where('id', 'in', [...old.keys()])
      .execute()
    for (const { id } of known) old.delete(id)
  }
  return new Set(old.values())
}
