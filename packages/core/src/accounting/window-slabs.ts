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

/** What a reservation has of one slab. */
interface SlabPart {
  readonly slab: Slab
  amount: Money
}

/** What one attempt holds of one window. */
export interface Hold {
  readonly slabs: WindowSlabs
  /** Of all parts together, before it was used. */
  readonly amount: Money
  parts: SlabPart[]
  isUsed: boolean
}

/** All slabs that this process has of one window. */
export class WindowSlabs {
  readonly key: WindowKey
  readonly endsAt: number
  /** Nothing more is reserved here. */
  isOver = false
  /** Of all slabs together. */
  free: Money = 0n
  #slabs: Slab[] = []

  constructor(key: WindowKey, endsAt: number) {
    this.key = key
    this.endsAt = endsAt
  }

  add(slab: Slab): void {
    this.#slabs.push(slab)
    this.free += slab.free
  }

  /** Holds an amount that is free. */
  hold(amount: Money): Hold {
    const parts: SlabPart[] = []
    this.#take(amount, parts)
    return { slabs: this, amount, parts, isUsed: false }
  }

  /**
   * Uses up what a reservation holds, and what is free beside it where that is not enough. What it leaves is free at
   * once: only what is used up has to wait for the store to know.
   */
  use(hold: Hold, amount: Money): BudgetCharge {
    if (amount > hold.amount) this.#take(lesserMoney(amount - hold.amount, this.free), hold.parts)
    let left = amount
    const used: SlabPart[] = []
    const slabs: { slab: string; amount: Money }[] = []
    for (const part of hold.parts) {
      const { slab } = part
      if (part.amount > left) {
        this.#free(slab, part.amount - left)
        part.amount = left
      }
      left -= part.amount
      if (part.amount === 0n) slab.holders--
      else {
        used.push(part)
        slabs.push({ slab: slab.id, amount: part.amount })
      }
    }
    hold.parts = used
    hold.isUsed = true
    const { budget, window } = this.key
    return { budget, window, amount, slabs }
  }

  /** The end of a hold: what it did not use is free again. */
  release({ parts, isUsed }: Hold): void {
    for (const { slab, amount } of parts) {
      slab.holders--
      if (!isUsed) this.#free(slab, amount)
    }
  }

  /** The slabs that nobody holds a part of; nothing more is reserved from those. */
  takeOut(which: (slab: Slab) => boolean = () => true): readonly Slab[] {
    const isOut = (slab: Slab): boolean => slab.holders === 0 && which(slab)
    if (!this.#slabs.some(isOut)) return []
    const out = this.#slabs.filter(isOut)
    this.#slabs = this.#slabs.filter(slab => !out.includes(slab))
    for (const slab of out) this.free -= slab.free
    return out
  }

  get isEmpty(): boolean {
    return this.#slabs.length === 0
  }

  #free(slab: Slab, amount: Money): void {
    slab.free += amount
    this.free += amount
  }

  #take(amount: Money, parts: SlabPart[]): void {
    let left = amount
    for (const slab of this.#slabs) {
      if (left === 0n) break
      if (slab.free === 0n) continue
      const part = lesserMoney(slab.free, left)
      slab.free -= part
      left -= part
      const held = parts.find(one => one.slab === slab)
      if (held === undefined) {
        slab.holders++
        parts.push({ slab, amount: part })
      } else held.amount += part
    }
    this.free -= amount
  }
}
