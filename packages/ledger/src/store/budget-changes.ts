import type { BudgetCharge, Money, WindowKey } from '@switchyard/core'

/** A slab as it is held by its row. */
export interface SlabStanding extends WindowKey {
  readonly id: string
  readonly state: 'open' | 'expired'
  readonly remaining: Money
}

export interface WindowChange {
  readonly budget: string
  readonly starts_at: number
  settled: Money
  reserved: Money
  charged: Money
}

interface HeldSlab {
  readonly standing: SlabStanding
  remaining: Money
  closed: boolean
}

/** What the operations of one batch do to budgets, summed up: one change for each row, however many operations. */
export class BudgetChanges {
  readonly #slabs: ReadonlyMap<string, HeldSlab>
  readonly #windows = new Map<string, WindowChange>()

  constructor(slabs: readonly SlabStanding[]) {
    this.#slabs = new Map(
      slabs.map(standing => [standing.id, { standing, remaining: standing.remaining, closed: false }]),
    )
  }

  charge(charge: BudgetCharge): void {
    this.#window(charge).settled += charge.amount
    for (const { slab, amount } of charge.slabs) this.#use(slab, amount)
  }

  close(slab: string): void {
    const held = this.#slabs.get(slab)
    if (held === undefined) return
    this.#use(slab, held.remaining)
    held.closed = true
  }

  expire(window: WindowKey, remaining: Money): void {
    const change = this.#window(window)
    change.reserved -= remaining
    change.charged += remaining
  }

  /** Smallest key first: who locks rows in one order never waits in a circle. */
  windows(): readonly WindowChange[] {
    return [...this.#windows.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, change]) => change)
  }

  used(): readonly { readonly id: string; readonly remaining: Money }[] {
    return [...this.#slabs.values()]
      .filter(held => !held.closed && held.remaining !== held.standing.remaining)
      .map(({ standing, remaining }) => ({ id: standing.id, remaining }))
  }

  closed(): readonly string[] {
    return [...this.#slabs.values()].filter(held => held.closed).map(held => held.standing.id)
  }

  // what an expired slab held was charged to the window it was taken from, and leaves that one
  #use(slab: string, amount: Money): void {
    const held = this.#slabs.get(slab)
    if (held === undefined) return
    const used = amount < held.remaining ? amount : held.remaining
    held.remaining -= used
    const window = this.#window(held.standing)
    if (held.standing.state === 'open') window.reserved -= used
    else window.charged -= used
  }

  #window({ budget, window }: WindowKey): WindowChange {
    const key = windowText(budget, window)
    let change = this.#windows.get(key)
    if (change === undefined) {
      change = { budget, starts_at: window, settled: 0n, reserved: 0n, charged: 0n }
      this.#windows.set(key, change)
    }
    return change
  }
}

function windowText(budget: string, window: number): string {
  return `${budget}\n${String(window).padStart(20, '0')}`
}
