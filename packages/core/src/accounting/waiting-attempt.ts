import type { Clock, Timer } from '../clock/clock.ts'
import { abortedError } from '../contract/errors.ts'
import type { Money } from '../money/money.ts'
import type { BudgetAccount } from './budget-account.ts'
import type { Reservation } from './reservation.ts'

/** What an attempt wants to reserve, in all of these budgets or in none. */
export interface ReservationAsk {
  readonly accounts: readonly BudgetAccount[]
  readonly bound: Money
  readonly target: string
  readonly requestId: string
  readonly signal?: AbortSignal | undefined
  /** Monotonic milliseconds. */
  readonly deadline?: number | undefined
  /** The longest answer whose bound is within an amount, and its bound; `undefined` where it can't be shortened so far. */
  readonly shorten: (within: Money) => ShorterAnswer | undefined
}

export interface ShorterAnswer {
  readonly maxOutputTokens: number
  readonly bound: Money
}

/** An attempt that could not reserve at once. It stands in the queue of one budget at a time. */
export class WaitingAttempt {
  readonly ask: ReservationAsk
  /** Attempts are served in this order. */
  readonly order: number
  /** Monotonic milliseconds. */
  readonly since: number
  readonly #resolve: (reservation: Reservation) => void
  readonly #reject: (error: unknown) => void
  bound: Money
  shorter: ShorterAnswer | undefined
  /** Where it stands. */
  account: BudgetAccount | undefined
  isOver = false
  #wanted: readonly BudgetAccount[] = []
  #patience: Timer | undefined
  #lost: () => void = () => undefined

  constructor(
    ask: ReservationAsk,
    order: number,
    since: number,
    resolve: (reservation: Reservation) => void,
    reject: (error: unknown) => void,
  ) {
    this.ask = ask
    this.order = order
    this.since = since
    this.#resolve = resolve
    this.#reject = reject
    this.bound = ask.bound
    ask.signal?.addEventListener('abort', this.#leave, { once: true })
  }

  /** Asks for a shorter answer from now on. */
  shorten(shorter: ShorterAnswer): void {
    this.shorter = shorter
    this.bound = shorter.bound
  }

  /** Goes to the line of one of its budgets; what is free in the others stays for it. */
  moveTo(account: BudgetAccount): void {
    this.account?.leave(this)
    this.account = account
    this.#patience?.cancel()
    this.#patience = undefined
    this.#want(this.ask.accounts)
  }

  /** Waits in that line for others to settle, until `ms` have passed since it began to. It keeps nothing elsewhere. */
  wait(clock: Clock, ms: number, lost: () => void): void {
    this.#lost = lost
    if (this.#patience !== undefined || this.account === undefined) return
    this.#want([this.account])
    this.#patience = clock.timer(ms, () => this.#lost())
  }

  serve(reservation: Reservation): void {
    // before others are served, who came later
    this.#resolve(reservation)
    this.#end()
  }

  refuse(error: unknown): void {
    if (this.isOver) return
    this.#end()
    this.#reject(error)
  }

  readonly #leave = (): void => this.refuse(abortedError(this.ask.signal?.reason))

  #end(): void {
    this.isOver = true
    this.#patience?.cancel()
    this.ask.signal?.removeEventListener('abort', this.#leave)
    this.account?.leave(this)
    this.#want([])
  }

  #want(accounts: readonly BudgetAccount[]): void {
    const before = this.#wanted
    this.#wanted = accounts
    for (const account of accounts) account.want()
    for (const account of before) account.unwant()
  }
}
