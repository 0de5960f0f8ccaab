import type { Config } from '@switchyard/config'
import type { BudgetWindowName, Money } from '@switchyard/core'
import { budgetWindows } from '@switchyard/core/accounting'
import type { LedgerReader } from '@switchyard/ledger'

/** Where a budget of the configuration stands now. */
export interface BudgetStanding {
  readonly name: string
  readonly window: BudgetWindowName
  readonly limit: Money
  /** Bills, and the bounds of attempts whose bill nobody knows. */
  readonly settled: Money
  /** What running requests, and processes that were not heard of, may still take. */
  readonly held: Money
  readonly left: Money
  /** What is settled, and what processes that were not heard of may have spent, of the limit; as the gateway tells it. */
  readonly usedShare: number
  /** Milliseconds since 1970; absent of one that never renews. */
  readonly renewsAt?: number
}

/** Where all budgets of the configuration stand. */
export async function budgetStandings(
  reader: LedgerReader,
  config: Config | undefined,
  now: number,
): Promise<readonly BudgetStanding[]> {
  const budgets = Object.entries(config?.budgets ?? {}).map(([name, budget]) => {
    return { name, ...budget, ...budgetWindows(budget.window, budget.timeZone)(now) }
  })
  const states = await reader.budgets(budgets.map(({ name, startsAt }) => ({ budget: name, window: startsAt })))
  return budgets.map(({ name, window, limit, endsAt }, index) => {
    const { settled, reserved, charged } = states[index] ?? { settled: 0n, reserved: 0n, charged: 0n }
    const held = reserved + charged
    const used = settled + held
    return {
      name,
      window,
      limit,
      settled,
      held,
      left: used < limit ? limit - used : 0n,
      usedShare: limit > 0n ? Number(((settled + charged) * 1_000_000n) / limit) / 1_000_000 : 1,
      ...(Number.isFinite(endsAt) && { renewsAt: endsAt }),
    }
  })
}
