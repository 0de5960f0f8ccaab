import type { Transaction } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import { insertEach } from '../database/insert-each.ts'
import type { LedgerDatabase } from '../schema.ts'
import type { WindowChange } from './budget-changes.ts'

/** Adds changes to windows, which come to be with their first. They must be in order. */
export async function writeWindows(
  transaction: Transaction<LedgerDatabase>,
  dialect: LedgerConnections['dialect'],
  changes: readonly WindowChange[],
): Promise<void> {
  if (changes.length === 0) return
  await insertEach(transaction, dialect, 'budget_windows', changes, addingToWindows)
}

/** What an insert into windows does where one is there already. */
export const addingToWindows = `on conflict (budget, starts_at) do update set
  settled = budget_windows.settled + excluded.settled,
  reserved = budget_windows.reserved + excluded.reserved,
  charged = budget_windows.charged + excluded.charged`
