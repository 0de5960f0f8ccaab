import {
  type Accounting,
  type AdmissionStep,
  type EventHub,
  type LedgerStore,
  type Limiter,
  parseMoney,
  type RequestRecorder,
} from '@switchyard/core'
import { createAccounting, createMemoryLedger } from '@switchyard/core/accounting'
import { createLimiter } from '@switchyard/core/limits'
import { SharedLimits } from '../money/shared-limits.ts'
import { SimulatedDatabase } from '../money/simulated-database.ts'
import { simulatedPricing } from '../money/simulated-prices.ts'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'
import type { EnginePlan } from './engine-plan.ts'
import type { GatePass } from './gate.ts'

const limit = parseMoney('0.00000003 USD') ?? 0n
const budget = { name: 'hourly', window: 'hour', kind: 'hard', limit, maxWaitMs: 2_000 } as const

/** Limits and a budget for all processes of a world, on. */
export class EngineMoney {
  readonly #world: World
  readonly #plan: EnginePlan
  readonly #ledger = createMemoryLedger()
  readonly #database: SimulatedDatabase
  readonly #limits: SharedLimits

  constructor(world: World, plan: EnginePlan) {
    this.#world = world
    this.#plan = plan
    this.#limits = new SharedLimits(world)
    this.#database = new SimulatedDatabase(world, {
      ledger: this.#ledger,
      leaseMs: 3 * 3_600_000,
      fates: ['heard'],
      limitOf: () => budget.limit,
      isAway: () => false,
      onRecord: () => undefined,
      onChange: () => this.#judgeBudget(),
    })
  }

  /** The steps of one process, and how they end. */
  host(process: SimulatedProcess, events: EventHub): MoneyHost {
    const store = this.#database.connect(process)
    const pricing = simulatedPricing(
      this.#plan.vendors.map(({ target }) => ({ target, input: 2n, output: 3n, usualOutputTokens: 1_000 })),
    )
    const accounting = createAccounting({
      pricing,
      store,
      budgets: [budget],
      holdings: [{ scope: { type: 'all' }, name: budget.name }],
      events,
      clock: process.clock,
    })
    const limiter = createLimiter({
      store: this.#limits.connect(process),
      limits: [{ name: 'tier', requestsPerMinute: 8, maxWaitMs: 3_000 }],
      holdings: [{ scope: { type: 'all' }, name: 'tier' }],
      estimate: () => ({ expected: 100, most: 1_000 }),
      events,
      clock: process.clock,
    })
    return new MoneyHost(accounting, limiter, store)
  }

  /** When all is quiet: nothing is reserved, and what was sent has its entry. */
  async judgeRest(passes: readonly GatePass[]): Promise<void> {
    const windows = [...this.#database.windows.values()]
    for (const { window, reserved } of await this.#ledger.budgets(windows)) {
      if (reserved !== 0n) this.#world.problem(`a reservation is left: ${reserved} in ${window}`)
    }
    const kept = new Set([...this.#database.records.values()].map(({ attempt }) => attempt?.id))
    for (const { info, call } of passes) {
      if (call !== undefined && !kept.has(info.id)) {
        this.#world.problem(`a call without an entry: ${info.requestId} at ${info.target}`)
      }
    }
  }

  /** Whether a request's end is in the ledger. */
  hasEntry(requestId: string): boolean {
    return this.#database.requests.has(requestId)
  }

  async #judgeBudget(): Promise<void> {
    const windows = [...this.#database.windows.values()]
    if (windows.length === 0) return
    for (const { settled, reserved, charged } of await this.#ledger.budgets(windows)) {
      if (settled + reserved + charged > budget.limit) {
        this.#world.problem(`over the budget: ${settled} settled, ${reserved} reserved, ${charged} charged`)
      }
    }
  }
}

/** What one process has of it. */
export class MoneyHost {
  readonly steps: readonly AdmissionStep[]
  readonly recorders: readonly RequestRecorder[]
  readonly #accounting: Accounting
  readonly #limiter: Limiter
  readonly #store: LedgerStore & Disposable

  constructor(accounting: Accounting, limiter: Limiter, store: LedgerStore & Disposable) {
    this.steps = [limiter, accounting.step]
    this.recorders = [accounting.recorder]
    this.#accounting = accounting
    this.#limiter = limiter
    this.#store = store
  }

  async close(): Promise<void> {
    this.#limiter.dispose()
    await this.#accounting.dispose()
    this.#store[Symbol.dispose]()
  }
}
