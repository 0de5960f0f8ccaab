import { formatMoney } from '@switchyard/core'
import type { UsageReport } from '@switchyard/ledger'
import type { BudgetStanding } from './budget-standings.ts'

/** The whole report, amounts as exact text and moments as ISO 8601. */
export function usageJson(report: UsageReport, budgets: readonly BudgetStanding[]): string {
  const { from, to, ...rest } = report
  const said = {
    ...(from !== undefined && { from: new Date(from).toISOString() }),
    ...(to !== undefined && { to: new Date(to).toISOString() }),
    ...rest,
    budgets: budgets.map(({ renewsAt, ...budget }) => ({
      ...budget,
      ...(renewsAt !== undefined && { renewsAt: new Date(renewsAt).toISOString() }),
    })),
  }
  // every bigint of a report is money
  return `${JSON.stringify(said, (_, value) => (typeof value === 'bigint' ? formatMoney(value) : value), 2)}\n`
}
