import type { Migration } from 'kysely/migration'
import { entriesAndBudgets } from './entries-and-budgets.ts'
import { usageRollups } from './usage-rollups.ts'

/** All migrations, by names whose order is theirs. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-entries-and-budgets': entriesAndBudgets,
  '0002-usage-rollups': usageRollups,
}
