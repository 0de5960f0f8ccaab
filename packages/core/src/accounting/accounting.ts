import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { AdmissionPermit, AdmissionStep, AttemptInfo } from '../engine/admission.ts'
import type { RequestRecorder } from '../engine/request-recorder.ts'
import { EventHub } from '../events/event-hub.ts'
import { heldBy } from '../scope/held-by.ts'
import type { Holding, ScopedAttempt } from '../scope/scope.ts'
import { AttemptAccount } from './attempt-account.ts'
import { BudgetAlerts } from './budget-alerts.ts'
import { BudgetBook } from './budget-book.ts'
import { type Budget, type BudgetDefinition, budgetOf } from './budget-definition.ts'
import { type BudgetStanding, budgetStanding } from './budget-standing.ts'
import { requestEntry } from './ledger-entries.ts'
import { LedgerRecords } from './ledger-records.ts'
import type { LedgerStore } from './ledger-store.ts'
import type { Pricing } from './pricing.ts'

export interface AccountingOptions {
  /** What calls cost. */
  readonly pricing: Pricing
  /** Where budgets and entries are kept. */
  readonly store: LedgerStore
  readonly budgets?: readonly BudgetDefinition[]
  /** Whom each budget holds for; one that nobody holds is kept for nobody. */
  readonly holdings?: readonly Holding[]
  /** Where costs, alerts, refusals and overruns are told; default: nowhere. */
  readonly events?: EventHub
  /** Default: the machine's. */
  readonly clock?: Clock
  /** What of a request's text is kept with its entry, with all that is secret taken out; default: nothing ever is. */
  readonly keepPrompts?: (request: MessageRequest | EmbeddingRequest) => string | undefined
}

/** Keeps the accounts of chains: give each its `step`, after limiters, and its `recorder`. */
export interface Accounting extends AsyncDisposable {
  /**
   * Reserves for every attempt and settles it.
   * Refuses with a `SwitchyardError` of kind `budget-exceeded`: code `budget` where too little is left, `unbounded` and
   * `unknown-price` where nobody can say what it may cost; `unavailable` where the ledger cannot be reached.
   */
  readonly step: AdmissionStep
  readonly recorder: RequestRecorder
  /** Where budgets stand, of all processes together: all of them, or those that hold for an attempt. */
  budgets(attempt?: ScopedAttempt): Promise<readonly BudgetStanding[]>
  /** Gives back what nobody holds, and refuses new attempts; those under way are settled as they end. */
  dispose(): Promise<void>
}

/** @throws {SwitchyardError} `invalid-request` for a budget that cannot be, or a holding of none. */
export function createAccounting(options: AccountingOptions): Accounting {
  return new BudgetAccounting(options)
}

const nothingToSettle: AdmissionPermit = { settle: () => undefined }

class BudgetAccounting implements Accounting {
  readonly step: AdmissionStep = { admit: info => this.#admit(info) }
  readonly recorder: RequestRecorder
  readonly #options: AccountingOptions
  readonly #clock: Clock
  readonly #events: EventHub
  readonly #budgets: ReadonlyMap<string, Budget>
  readonly #book: BudgetBook
  readonly #alerts: BudgetAlerts
  readonly #records: LedgerRecords
  readonly #heldBy: (attempt: ScopedAttempt) => readonly Budget[]
  #isDisposed = false

  constructor(options: AccountingOptions) {
    const { store, budgets = [], holdings = [], clock = systemClock, events = new EventHub(), keepPrompts } = options
    this.#options = options
    this.#clock = clock
    this.#events = events
    this.#budgets = new Map(budgets.map(definition => [definition.name, budgetOf(definition)]))
    if (this.#budgets.size < budgets.length) throw invalid('Two budgets have the same name: give each its own.')
    this.#book = new BudgetBook([...this.#budgets.values()], store, clock, events)
    this.#alerts = new BudgetAlerts(this.#budgets, store, clock, events)
    this.#records = new LedgerRecords(store)
    this.#heldBy = heldBy(holdings, name => this.#budget(name))
    this.recorder = {
      ended: end =>
        this.#records.request(end.callId, last => requestEntry(end, clock.wall(), last, keepPrompts?.(end.request))),
    }
  }

  async budgets(attempt?: ScopedAttempt): Promise<readonly BudgetStanding[]> {
    const at = this.#clock.wall()
    const budgets = attempt === undefined ? [...this.#budgets.values()] : this.#heldBy(attempt)
    const keys = budgets.map(({ name, windowAt }) => ({ budget: name, window: windowAt(at).startsAt }))
    const states = await this.#options.store.budgets(keys)
    return budgets.map((budget, place) => {
      const free = this.#book.accounts.get(budget.name)?.freeAt(at) ?? 0n
      return budgetStanding(budget, states[place], at, free)
    })
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true
    await Promise.all([this.#book.dispose(disposedError()), this.#alerts.dispose()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  #admit(info: AttemptInfo): AdmissionPermit | Promise<AdmissionPermit> {
    // the steps of a chain's own targets see them, and nobody bills a count
    if (info.nested || info.operation === 'count-tokens') return nothingToSettle
    if (this.#isDisposed) throw disposedError()
    const { pricing } = this.#options
    const ports = { pricing, events: this.#events, clock: this.#clock, records: this.#records, alerts: this.#alerts }
    return new AttemptAccount(ports, info, this.#heldBy(info)).open(this.#book)
  }

  #budget(name: string): Budget {
    const budget = this.#budgets.get(name)
    if (budget !== undefined) return budget
    throw invalid(`There is no budget "${name}": define it, or name one that is.`)
  }
}

function disposedError(): SwitchyardError {
  return new SwitchyardError('unavailable', 'The accounts were closed.', { code: 'ledger' })
}

function invalid(message: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param: 'budgets' })
}
