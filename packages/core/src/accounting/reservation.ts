import type { Money } from '../money/money.ts'
import type { BudgetAccount } from './budget-account.ts'
import type { BudgetCharge } from './ledger-store.ts'
import type { ShorterAnswer } from './waiting-attempt.ts'
import type { Hold } from './window-slabs.ts'

/** What one attempt holds in all its hard budgets, each in the window that it began in. */
export class Reservation {
  readonly bound: Money
  /** Milliseconds since 1970. */
  readonly at: number
  /** The answer has to be as short as this to be within the bound. */
  readonly shorter: ShorterAnswer | undefined
  readonly #accounts: readonly BudgetAccount[]
  readonly #holds: readonly Hold[]

  constructor(accounts: readonly BudgetAccount[], bound: Money, at: number, shorter?: ShorterAnswer) {
    this.bound = bound
    this.at = at
    this.shorter = shorter
    this.#accounts = accounts
    this.#holds = accounts.map(account => account.hold(bound))
  }

  /** What the attempt takes from its budgets; the rest is free again. */
  use(cost: Money): BudgetCharge[] {
    return this.#accounts.map((account, at) => account.use(this.#holds[at] as Hold, cost))
  }

  /** Ends it: nothing was used, or the store knows what was. */
  release(): void {
    for (let at = 0; at < this.#holds.length; at++) this.#accounts[at]?.release(this.#holds[at] as Hold)
  }
}
