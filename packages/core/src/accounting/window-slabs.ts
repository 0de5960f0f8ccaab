import { lesserMoney, type Money } from '../money/money.ts'
import type { BudgetCharge, WindowKey } from './ledger-store.ts'

/** Money that this process took out of a window of a budget, to reserve from. */
export interface Slab {
  readonly id: string
  /** Neither reserved nor used. */
  free: Money
  /** How many reservations have a part of it. */
  holders: number
  /** The store gave less than was asked for, or it is large: others need what nobody holds of it. */
  readonly isScarce: boolean
}

/** What a reservation has of one slab; 0 where it ended without using it. */
interface SlabPart {
  readonly slab: Slab
  amount: Money
}

/** What one attempt holds of one window. */
export interface Hold {
  readonly slabs: WindowSlabs
  /** Of all parts together, before it was used. */
  readonly amount: Money
  readonly parts: SlabPart[]
  isUsed: boolean
}

/** All slabs that this process has of one window. */
export class WindowSlabs {
  readonly key: WindowKey
  readonly endsAt: number
  /** Nothing more is reserved here. */
  isOver = false
  readonly #slabs: Slab[] = []

  constructor(key: WindowKey, endsAt: number) {
    this.key = key
    this.endsAt = endsAt
  }

  /** Of all slabs together. */
  get free(): Money {
    let free = 0n
    for (const slab of this.#slabs) free = free === 0n ? slab.free : free + slab.free
    return free
  }

  /** Whether so much is free. */
  has(amount: Money): boolean {
    let left = amount
    for (const { free } of this.#slabs) {
      if (free >= left) return true
      left -= free
    }
    return left <= 0n
  }

  add(slab: Slab): void {
    this.#slabs.push(slab)
  }

  /** Holds an amount that is free. */
  hold(amount: Money): Hold {
    const parts: SlabPart[] = []
    if (amount > 0n) this.#take(amount, parts)
    return { slabs: this, amount, parts, isUsed: false }
  }

  /**
   * Uses up what a reservation holds, and what is free beside it where that is not enough. What it leaves is free at
   * once: only what is used up has to wait for the store to know.
   */
  use(hold: Hold, amount: Money): BudgetCharge {
    if (amount > hold.amount) this.#take(amount - hold.amount, hold.parts)
    hold.isUsed = true
    let left = amount
    const slabs: { slab: string; amount: Money }[] = []
    for (const part of hold.parts) {
      const { slab } = part
      if (part.amount > left) {
        slab.free += part.amount - left
        part.amount = left
        if (left === 0n) slab.holders--
      }
      if (part.amount > 0n) {
        left -= part.amount
        slabs.push({ slab: slab.id, amount: part.amount })
      }
    }
    const { budget, window } = this.key
    return { budget, window, amount, slabs }
  }

  /** The end of a hold: what it did not use is free again. */
  release({ parts, isUsed }: Hold): void {
    for (const { slab, amount } of parts) {
      if (amount === 0n) continue
      slab.holders--
      if (!isUsed) slab.free += amount
    }
  }

  /** The slabs that nobody holds a part of; nothing more is reserved from those. */
  takeOut(which: (slab: Slab) => boolean = () => true): readonly Slab[] {
    const out = this.#slabs.filter(slab => slab.holders === 0 && which(slab))
    for (const slab of out) this.#slabs.splice(this.#slabs.indexOf(slab), 1)
    return out
  }

  get isEmpty(): boolean {
    return this.#slabs.length === 0
  }

  #take(amount: Money, parts: SlabPart[]): void {
    let left = amount
    for (const slab of this.#slabs) {
      if (slab.free === 0n) continue
      const part = lesserMoney(slab.free, left)
      slab.free -= part
      const held = parts.length === 0 ? undefined : parts.find(one => one.slab === slab)
      if (held === undefined) {
        slab.holders++
        parts.push({ slab, amount: part })
      } else held.amount += part
      if (part === left) return
      left -= part
    }
  }
}
