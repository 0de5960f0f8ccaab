import type { Clock } from '../clock/clock.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { EventHub } from '../events/event-hub.ts'
import { formatMoney, type Money } from '../money/money.ts'
import { BudgetAccount } from './budget-account.ts'
import type { Budget } from './budget-definition.ts'
import { budgetRefusal } from './budget-refusal.ts'
import type { LedgerStore, WindowState } from './ledger-store.ts'
import { Reservation } from './reservation.ts'
import { type ReservationAsk, WaitingAttempt } from './waiting-attempt.ts'

/** How many may wait for one budget to be settled by others. */
const mostWaiting = 1_000

/** Reserves for attempts, in all their hard budgets or in none, within the slabs that this process has. */
export class BudgetBook {
  readonly accounts = new Map<string, BudgetAccount>()
  readonly #clock: Clock
  readonly #events: EventHub
  #order = 0

  constructor(budgets: readonly Budget[], store: LedgerStore, clock: Clock, events: EventHub) {
    this.#clock = clock
    this.#events = events
    const ports = { store, clock, retry: this.#retry, short: this.#short }
    for (const budget of budgets)
      if (budget.kind === 'hard') this.accounts.set(budget.name, new BudgetAccount(budget, ports))
  }

  /** At once where there is room; where a slab must be taken, a promise. @throws {SwitchyardError} `budget-exceeded`. */
  reserve(ask: ReservationAsk): Reservation | Promise<Reservation> {
    const { accounts, bound } = ask
    const at = this.#clock.wall()
    if (accounts.every(account => account.fits(bound, at))) return new Reservation(accounts, bound, at)
    return new Promise((resolve, reject) => {
      const since = this.#clock.monotonic()
      this.#retry(new WaitingAttempt(ask, this.#order++, since, resolve, reject))
    })
  }

  async dispose(error: SwitchyardError): Promise<void> {
    await Promise.all([...this.accounts.values()].map(account => account.dispose(error)))
  }

  readonly #retry = (attempt: WaitingAttempt): void => {
    const { accounts } = attempt.ask
    const at = this.#clock.wall()
    const [short, ...others] = accounts.filter(account => !account.fits(attempt.bound, at, attempt))
    if (short === undefined) attempt.serve(new Reservation(accounts, attempt.bound, at, attempt.shorter))
    else short.enter(attempt)
    // at the same time, for when it comes to them
    for (const account of others) account.stock(attempt.bound)
  }

  readonly #short = (attempt: WaitingAttempt, account: BudgetAccount, state: WindowState, place: number): void => {
    const { budget } = account
    const { limit } = budget
    const now = this.#clock.monotonic()
    const until = Math.min(attempt.since + budget.maxWaitMs, attempt.ask.deadline ?? Number.POSITIVE_INFINITY)
    const isHeldOnly = state.settled + state.charged + attempt.bound <= limit
    if (isHeldOnly && until > now && place < mostWaiting) {
      attempt.wait(this.#clock, until - now, () => {
        this.#short(attempt, account, state, place)
        account.hurry()
      })
      return
    }
    const left = this.#left(account, state)
    const shorter = budget.onLow === 'clamp' ? attempt.ask.shorten(left) : undefined
    if (shorter === undefined || shorter.bound >= attempt.bound) {
      attempt.refuse(this.#refusal(attempt, budget, state, left))
      return
    }
    attempt.shorten(shorter)
  }

  #left(account: BudgetAccount, { settled, reserved, charged }: WindowState): Money {
    const left = account.budget.limit - settled - reserved - charged
    const free = account.freeAt(this.#clock.wall())
    return left > 0n ? left + free : free
  }

  #refusal(attempt: WaitingAttempt, budget: Budget, state: WindowState, left: Money): SwitchyardError {
    const { bound, ask } = attempt
    const { target, requestId } = ask
    const at = this.#clock.wall()
    if (this.#events.has('budget-refused')) {
      const { endsAt } = budget.windowAt(at)
      this.#events.emit('budget-refused', {
        at,
        requestId,
        target,
        budget: budget.name,
        limit: formatMoney(budget.limit),
        settled: formatMoney(state.settled),
        asked: formatMoney(bound),
        left: formatMoney(left),
        ...(Number.isFinite(endsAt) && { renewsAt: endsAt }),
      })
    }
    return budgetRefusal(budget, state, { target, bound }, left, at)
  }
}
