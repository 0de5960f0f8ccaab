import { type BilledAttempt, type CallContext, formatMoney, type Money, parseMoney } from '@switchyard/core'
import type { AnswerStanding, AskedCall } from './answer-standing.ts'

/** The answer's header, or a stream's trailer, that tells what it cost. */
export const costHeader = 'x-switchyard-cost'

/** What one call costs, and what it leaves of budgets and limits. */
export class CallCost {
  readonly #standing: AnswerStanding
  readonly #call: AskedCall
  #told: string | undefined

  constructor(standing: AnswerStanding, chain: string, context: Pick<CallContext, 'principal' | 'tags'>) {
    this.#standing = standing
    this.#call = { chain, context }
  }

  /** Of all attempts together, as exact text; `undefined` where nobody keeps accounts, or nothing is known yet. */
  get text(): string | undefined {
    return this.#told
  }

  /** All its attempts are settled, as these say. */
  settled(billed: readonly BilledAttempt[] | undefined): void {
    this.#told = sumText(billed)
    this.#standing.spent(this.#call, billed)
  }

  /** What headers tell beside an answer of this target: what it cost, if that is known, and what is left. */
  async headers(target: string): Promise<Record<string, string | number>> {
    const left = await this.#standing.headers(this.#call, target)
    return { ...left, ...(this.#told !== undefined && { [costHeader]: this.#told }) }
  }
}

function sumText(billed: readonly BilledAttempt[] | undefined): string | undefined {
  let total: Money | undefined
  for (const { cost } of billed ?? []) {
    const amount = cost === undefined ? undefined : parseMoney(cost)
    if (amount !== undefined) total = (total ?? 0n) + amount
  }
  return total === undefined ? undefined : formatMoney(total)
}
