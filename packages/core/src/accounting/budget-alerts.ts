import type { Clock, Timer } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { EventMap } from '../events/event-map.ts'
import { formatMoney } from '../money/money.ts'
import type { Budget } from './budget-definition.ts'
import type { BudgetCharge, LedgerStore, WindowKey, WindowState } from './ledger-store.ts'

/** Milliseconds between two looks at what all processes have used. */
const lookMs = 1_000
const parts = 1_000_000

type Overrun = Pick<EventMap['budget-overrun'], 'target' | 'billed' | 'bound'> & { readonly requestId: string }

/** Tells what is used up, once for each threshold and window among all processes. */
export class BudgetAlerts {
  readonly #budgets: ReadonlyMap<string, Budget>
  readonly #store: LedgerStore
  readonly #clock: Clock
  readonly #events: EventHub
  /** What has been charged since the last look. */
  readonly #due = new Map<string, WindowKey>()
  /** Of each budget, the window and how many of its thresholds are told. */
  readonly #told = new Map<string, { readonly window: number; readonly shares: Set<number> }>()
  #timer: Timer | undefined
  #isDisposed = false
  #looking: Promise<void> = Promise.resolve()

  constructor(budgets: ReadonlyMap<string, Budget>, store: LedgerStore, clock: Clock, events: EventHub) {
    this.#budgets = budgets
    this.#store = store
    this.#clock = clock
    this.#events = events
  }

  charged(charges: readonly BudgetCharge[]): void {
    if (!this.#events.has('budget-alert')) return
    for (const { budget, window } of charges) {
      if (this.#untold(budget, window).length > 0) this.#due.set(budget, { budget, window })
    }
    if (this.#due.size > 0 && this.#timer === undefined) this.#look()
  }

  async overrun(charges: readonly BudgetCharge[], overrun: Overrun): Promise<void> {
    if (!this.#events.has('budget-overrun')) return
    const states = await this.#store.budgets(charges.map(({ budget, window }) => ({ budget, window }))).catch(() => [])
    for (const state of states) {
      this.#events.emit('budget-overrun', { ...this.#event(state), ...overrun })
    }
  }

  /** Looks a last time; from then on, at once. */
  async dispose(): Promise<void> {
    this.#isDisposed = true
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#due.size > 0) this.#look()
    await this.#looking
  }

  #look(): void {
    const due = [...this.#due.values()]
    this.#due.clear()
    this.#looking = this.#looking.then(() => this.#tell(due)).catch(() => undefined)
    if (this.#isDisposed) return
    this.#timer = this.#clock.timer(lookMs, () => {
      this.#timer = undefined
      if (this.#due.size > 0) this.#look()
    })
  }

  async #tell(due: readonly WindowKey[]): Promise<void> {
    for (const state of await this.#store.budgets(due)) {
      const { budget: name, window, settled, charged } = state
      const { limit } = this.#budgets.get(name) as Budget
      for (const threshold of this.#untold(name, window)) {
        if ((settled + charged) * BigInt(parts) < limit * BigInt(Math.round(threshold * parts))) continue
        const isFirst = await this.#store.alertOnce({ budget: name, window }, String(threshold))
        this.#toldOf(name, window).shares.add(threshold)
        if (isFirst) this.#events.emit('budget-alert', { ...this.#event(state), threshold })
      }
    }
  }

  #untold(name: string, window: number): readonly number[] {
    const { shares } = this.#toldOf(name, window)
    return (this.#budgets.get(name) as Budget).alertAt.filter(share => !shares.has(share))
  }

  #toldOf(name: string, window: number): { readonly window: number; readonly shares: Set<number> } {
    const told = this.#told.get(name)
    if (told?.window === window) return told
    const fresh = { window, shares: new Set<number>() }
    // what is settled late is of a window that few look at
    if (told === undefined || told.window < window) this.#told.set(name, fresh)
    return fresh
  }

  #event({ budget: name, window, settled }: WindowState) {
    const { limit, windowAt } = this.#budgets.get(name) as Budget
    const { endsAt } = windowAt(window)
    return {
      at: this.#clock.wall(),
      budget: name,
      limit: formatMoney(limit),
      settled: formatMoney(settled),
      ...(Number.isFinite(endsAt) && { renewsAt: endsAt }),
    }
  }
}
