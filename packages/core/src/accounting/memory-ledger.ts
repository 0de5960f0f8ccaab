import type { Clock } from '../clock/clock.ts'
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
  /** For leases; without it, slabs expire only by `expireSlab`. */
  readonly clock?: Pick<Clock, 'monotonic'>
  /** How long a slab lasts whose owner is not heard of; default for ever, as this process is the only owner. */
  readonly leaseMs?: number
  /** How many records are remembered to know them again; default 100,000. */
  readonly records?: number
}

/** A ledger that keeps nothing beyond the process: budgets hold while it runs. */
export interface MemoryLedger extends LedgerStore {
  /** Puts off the end of these slabs' leases; of those that have not ended. */
  renewSlabs(slabs: Iterable<string>): void
  /** What happens to a slab when its lease ends: what is left of it counts as spent, until its owner is heard of. */
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
  expiresAt: number
}

class LedgerInMemory implements MemoryLedger {
  readonly #clock: Pick<Clock, 'monotonic'> | undefined
  readonly #leaseMs: number
  readonly #records: number
  readonly #accounts = new Map<string, Map<number, Account>>()
  readonly #slabs = new Map<string, SlabRow>()
  readonly #recorded = new Set<string>()
  #taken = 0

  constructor({ clock, leaseMs = Number.POSITIVE_INFINITY, records = 100_000 }: MemoryLedgerOptions) {
    this.#clock = clock
    this.#leaseMs = leaseMs
    this.#records = records
  }

  async takeSlab(ask: SlabAsk): Promise<SlabAnswer> {
    this.#expire()
    const account = this.#account(ask)
    const amount = slabAmount(ask, account.settled + account.reserved + account.charged)
    if (amount === undefined) return { granted: false, state: stateOf(ask, account) }
    account.reserved += amount
    const slab = `slab_${++this.#taken}`
    this.#slabs.set(slab, { account, remaining: amount, expired: false, expiresAt: this.#lease() })
    return { granted: true, slab, amount }
  }

  async closeSlab(slab: string): Promise<void> {
    this.#expire()
    const row = this.#slabs.get(slab)
    if (row === undefined) return
    this.#slabs.delete(slab)
    row.account[row.expired ? 'charged' : 'reserved'] -= row.remaining
  }

  async commit({ attempt, request, charges }: LedgerRecord): Promise<void> {
    this.#expire()
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
    this.#expire()
    return windows.map(window => stateOf(window, this.#account(window)))
  }

  async alertOnce(window: WindowKey, threshold: string): Promise<boolean> {
    const { alerted } = this.#account(window)
    if (alerted.has(threshold)) return false
    alerted.add(threshold)
    return true
  }

  renewSlabs(slabs: Iterable<string>): void {
    this.#expire()
    for (const slab of slabs) {
      const row = this.#slabs.get(slab)
      if (row !== undefined) row.expiresAt = this.#lease()
    }
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

  #expire(): void {
    const now = this.#clock?.monotonic()
    if (now === undefined || this.#leaseMs === Number.POSITIVE_INFINITY) return
    for (const [slab, { expiresAt }] of this.#slabs) if (expiresAt <= now) this.expireSlab(slab)
  }

  #lease(): number {
    return (this.#clock?.monotonic() ?? 0) + this.#leaseMs
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
