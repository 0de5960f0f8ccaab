import { sql, type Transaction } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import { insertRows } from '../database/rows-of-json.ts'
import type { LedgerDatabase } from '../schema.ts'
import type { WindowChange } from './budget-changes.ts'

/** Adds changes to windows, which come to be with their first. They must be in order. */
export async function writeWindows(
  transaction: Transaction<LedgerDatabase>,
  dialect: LedgerConnections['dialect'],
  changes: readonly WindowChange[],
): Promise<void> {
  if (changes.length === 0) return
  await sql`${insertRows(dialect, 'budget_windows', changes)}
    on conflict (budget, starts_at) do update set
      settled = budget_windows.settled + excluded.settled,
      reserved = budget_windows.reserved + excluded.reserved,
      charged = budget_windows.charged + excluded.charged`.execute(transaction)
}
