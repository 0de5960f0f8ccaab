import { type BilledAttempt, formatMoney, type Money, parseMoney } from '@switchyard/core'

/** The answer's header, or a stream's trailer, that tells what it cost. */
export const costHeader = 'x-switchyard-cost'

/** What all attempts for one answer are charged at together; `undefined` where nobody keeps accounts. */
export function costText(billed: readonly BilledAttempt[] | undefined): string | undefined {
  let total: Money | undefined
  for (const { cost } of billed ?? []) {
    const amount = cost === undefined ? undefined : parseMoney(cost)
    if (amount !== undefined) total = (total ?? 0n) + amount
  }
  return total === undefined ? undefined : formatMoney(total)
}
