import type { Kysely } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import { readUsage } from './read-usage.ts'
import { usageQuestion } from './usage-question.ts'
import type { UsageFilter, UsageOptions, UsageReport } from './usage-report.ts'

/**
 * What was used: exact, but for latencies. Asks roll-ups for whole hours, and entries for the rest.
 *
 * @throws {SwitchyardError} `invalid-request`, with `param`, for what cannot be asked.
 */
export async function usage(
  database: Kysely<LedgerDatabase>,
  filter?: UsageFilter,
  options?: UsageOptions,
): Promise<UsageReport> {
  const question = usageQuestion(filter, options)
  return (await readUsage(database, question)).report()
}
