import { lesserMoney, type Money } from '../money/money.ts'
import type {
  BudgetCharge,
  LedgerRecord,
  LedgerStore,
  SlabAnswer,
  SlabAsk,
  WindowKey,
  WindowState,
} from './ledger-store.ts'
import { slabAmount } from './slab-amount.ts'

export interface MemoryLedgerOptions {
  /** How many records are remembered to know them again; default 100,000. */
  readonly records?: number
}

/** A ledger that keeps nothing beyond the process: budgets hold while it runs. */
export interface MemoryLedger extends LedgerStore {
  /** What a shared ledger does to a slab whose owner is silent: what is left counts as spent, until it is heard of. */
  expireSlab(slab: string): void
}

/** Budgets for one process alone. The entries themselves are not kept. */
export function createMemoryLedger(options: MemoryLedgerOptions = {}): MemoryLedger {
  return new LedgerInMemory(options)
}

interface Account {
  settled: Money
  reserved: Money
  charged: Money
  readonly alerted: Set<string>
}

// what is settled later than that changes nothing any more
const windowsKept = 24

interface SlabRow {
  readonly account: Account
  remaining: Money
  expired: boolean
}

class LedgerInMemory implements MemoryLedger {
  readonly #records: number
  readonly #accounts = new Map<string, Map<number, Account>>()
  readonly #slabs = new Map<string, SlabRow>()
  readonly #recorded = new Set<string>()
  #taken = 0

  constructor({ records = 100_000 }: MemoryLedgerOptions) {
    this.#records = records
  }

  async takeSlab(ask: SlabAsk): Promise<SlabAnswer> {
    const account = this.#account(ask)
    const amount = slabAmount(ask, account.settled + account.reserved + account.charged)
    if (amount === undefined) return { granted: false, state: stateOf(ask, account) }
    account.reserved += amount
    const slab = `slab_${++this.#taken}`
    this.#slabs.set(slab, { account, remaining: amount, expired: false })
    return { granted: true, slab, amount }
  }

  async closeSlab(slab: string): Promise<void> {
    const row = this.#slabs.get(slab)
    if (row === undefined) return
    this.#slabs.delete(slab)
    row.account[row.expired ? 'charged' : 'reserved'] -= row.remaining
  }

  async commit({ attempt, request, charges }: LedgerRecord): Promise<void> {
    const recorded = attempt?.id ?? request?.id
    if (recorded !== undefined) {
      if (this.#recorded.has(recorded)) return
      this.#recorded.add(recorded)
    }
    for (const charge of charges) this.#charge(charge)
    for (const id of this.#recorded) {
      if (this.#recorded.size <= this.#records) break
      this.#recorded.delete(id)
    }
  }

  async budgets(windows: readonly WindowKey[]): Promise<readonly WindowState[]> {
    return windows.map(window => stateOf(window, this.#account(window)))
  }

  async alertOnce(window: WindowKey, threshold: string): Promise<boolean> {
    const { alerted } = this.#account(window)
    if (alerted.has(threshold)) return false
    alerted.add(threshold)
    return true
  }

  expireSlab(slab: string): void {
    const row = this.#slabs.get(slab)
    if (row === undefined || row.expired) return
    row.expired = true
    row.account.reserved -= row.remaining
    row.account.charged += row.remaining
  }

  #charge(charge: BudgetCharge): void {
    const account = this.#account(charge)
    account.settled += charge.amount
    for (const { slab, amount } of charge.slabs) {
      const row = this.#slabs.get(slab)
      if (row === undefined) continue
      const used = lesserMoney(amount, row.remaining)
      row.remaining -= used
      row.account[row.expired ? 'charged' : 'reserved'] -= used
    }
  }

  #account({ budget, window }: WindowKey): Account {
    const windows = this.#accounts.get(budget) ?? new Map<number, Account>()
    this.#accounts.set(budget, windows)
    const known = windows.get(window)
    if (known !== undefined) return known
    const made: Account = { settled: 0n, reserved: 0n, charged: 0n, alerted: new Set() }
    windows.set(window, made)
    if (windows.size > windowsKept) windows.delete(Math.min(...windows.keys()))
    return made
  }
}

function stateOf({ budget, window }: WindowKey, { settled, reserved, charged }: Account): WindowState {
  return { budget, window, settled, reserved, charged }
}
