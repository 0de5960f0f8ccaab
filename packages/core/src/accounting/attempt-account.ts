import type { Clock } from '../clock/clock.ts'
import type { AdmissionPermit, AnswerClamp, AttemptCharge, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import type { EventHub } from '../events/event-hub.ts'
import { formatMoney, type Money } from '../money/money.ts'
import type { BudgetAccount } from './budget-account.ts'
import type { BudgetAlerts } from './budget-alerts.ts'
import type { BudgetBook } from './budget-book.ts'
import type { Budget } from './budget-definition.ts'
import { unboundedRefusal } from './budget-refusal.ts'
import { attemptEntry } from './ledger-entries.ts'
import type { LedgerRecords } from './ledger-records.ts'
import type { BudgetCharge } from './ledger-store.ts'
import type { PriceEstimate, Pricing } from './pricing.ts'
import type { Reservation } from './reservation.ts'
import { type AttemptPrice, type SettledCost, settledCost } from './settled-cost.ts'
import { shorterAnswer } from './shorter-answer.ts'

interface AttemptAccountPorts {
  readonly pricing: Pricing
  readonly events: EventHub
  readonly clock: Clock
  readonly records: LedgerRecords
  readonly alerts: BudgetAlerts
}

/** The account of one attempt: what is reserved for it, and what became of that. */
export class AttemptAccount implements AdmissionPermit, AttemptPrice {
  readonly target: string
  readonly #ports: AttemptAccountPorts
  readonly #info: AttemptInfo
  readonly #budgets: readonly Budget[]
  #at: number
  #estimate: PriceEstimate | undefined
  #reservation: Reservation | undefined
  #firstTokenAt: number | undefined
  #settled: SettledCost | undefined

  constructor(ports: AttemptAccountPorts, info: AttemptInfo, budgets: readonly Budget[]) {
    this.#ports = ports
    this.#info = info
    this.#budgets = budgets
    this.target = info.target
    this.#at = ports.clock.wall()
  }

  /** Reserves in the hard budgets. @throws {SwitchyardError} as `Accounting.step` says. */
  open(book: BudgetBook): this | Promise<this> {
    const accounts: BudgetAccount[] = []
    for (const { name } of this.#budgets) {
      const account = book.accounts.get(name)
      if (account !== undefined) accounts.push(account)
    }
    const [first] = accounts
    if (first === undefined) return this
    const info = this.#info
    const bound = this.bound()
    if (bound === undefined) {
      const { unbounded, expected } = this.estimate()
      throw unboundedRefusal(first.budget, info.target, unbounded, expected === undefined)
    }
    const { signal, deadline } = info.context
    const made = book.reserve({
      accounts,
      bound,
      target: info.target,
      requestId: info.requestId,
      signal,
      deadline,
      shorten: within =>
        shorterAnswer(this.#ports.pricing, info.request, this.estimate(), info.target, this.#at, within),
    })
    if (!(made instanceof Promise)) return this.#opened(made)
    return made.then(reservation => this.#opened(reservation))
  }

  get at(): number {
    return this.#at
  }

  get clamp(): AnswerClamp | undefined {
    const shorter = this.#reservation?.shorter
    if (shorter === undefined) return undefined
    const { maxOutputTokens } = shorter
    return {
      maxOutputTokens,
      message: `little of a budget is left, so the answer is at most ${maxOutputTokens} tokens`,
    }
  }

  get charge(): AttemptCharge | undefined {
    if (this.#settled === undefined) return undefined
    const { cost, costIs } = this.#settled
    if (costIs === 'bill' || costIs === 'nothing') return { cost: formatMoney(cost) }
    return this.bound() === undefined ? undefined : { cost: formatMoney(cost), isBound: true }
  }

  estimate(): PriceEstimate {
    const { target, request } = this.#info
    this.#estimate ??= this.#ports.pricing.estimate(request, target, { at: this.#at })
    return this.#estimate
  }

  bound(): Money | undefined {
    const { maxCost } = this.#info.context
    return (
      this.#reservation?.bound ?? this.estimate().bound ?? (maxCost !== undefined && maxCost > 0n ? maxCost : undefined)
    )
  }

  firstToken(now: number): void {
    this.#firstTokenAt = now
  }

  settle(outcome: AttemptOutcome, now: number): void | Promise<void> {
    if (outcome.type === 'withdrawn') {
      this.#reservation?.release()
      return
    }
    const settled = settledCost(this.#ports.pricing, this, outcome)
    this.#settled = settled
    const charges = this.#charges(settled.cost)
    const firstTokenMs = this.#firstTokenAt === undefined ? undefined : outcome.durationMs - (now - this.#firstTokenAt)
    const entry = attemptEntry(this.#info, this.#at, firstTokenMs, outcome, settled)
    // what could not be recorded stays reserved
    return this.#ports.records.attempt(entry, charges).then(() => {
      this.#reservation?.release()
      this.#tell(settled, outcome, charges)
    })
  }

  #opened(reservation: Reservation): this {
    this.#reservation = reservation
    this.#at = reservation.at
    return this
  }

  #charges(cost: Money): readonly BudgetCharge[] {
    const charges = this.#reservation?.use(cost) ?? []
    for (const { name, kind, windowAt } of this.#budgets) {
      if (kind === 'soft') charges.push({ budget: name, window: windowAt(this.#at).startsAt, amount: cost, slabs: [] })
    }
    return cost > 0n ? charges : []
  }

  #tell({ cost, costIs, estimate }: SettledCost, outcome: AttemptOutcome, charges: readonly BudgetCharge[]): void {
    const { events, clock, alerts } = this.#ports
    const { requestId, chain, target } = this.#info
    if (events.has('cost-calculated')) {
      events.emit('cost-calculated', {
        at: clock.wall(),
        requestId,
        chain,
        target,
        cost: formatMoney(cost),
        costIs,
        ...(estimate !== undefined && { estimate: formatMoney(estimate) }),
        ...('usage' in outcome && outcome.usage && { usage: outcome.usage }),
      })
    }
    alerts.charged(charges)
    const bound = this.#reservation?.bound
    if (bound !== undefined && cost > bound) {
      void alerts.overrun(charges, { requestId, target, billed: formatMoney(cost), bound: formatMoney(bound) })
    }
  }
}
