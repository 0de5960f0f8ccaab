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
  used: Money
}

/** What one attempt holds of one window. */
export interface Hold {
  readonly slabs: WindowSlabs
  readonly parts: SlabPart[]
}

/** All slabs that this process has of one window. */
export class WindowSlabs {
  readonly key: WindowKey
  readonly endsAt: number
  /** Nothing more is reserved here. */
  isOver = false
  /** Of all slabs together. */
  free: Money = 0n
  readonly #slabs = new Set<Slab>()

  constructor(key: WindowKey, endsAt: number) {
    this.key = key
    this.endsAt = endsAt
  }

  add(slab: Slab): void {
    this.#slabs.add(slab)
    this.free += slab.free
  }

  /** Holds an amount that is free. */
  hold(amount: Money): Hold {
    const parts: SlabPart[] = []
    this.#take(amount, parts)
    return { slabs: this, parts }
  }

  /** Uses up what a reservation holds, and what is free beside it where that is not enough. */
  use({ parts }: Hold, amount: Money): BudgetCharge {
    if (amount > 0n) {
      let held = 0n
      for (const part of parts) held += part.amount
      if (amount > held) this.#take(lesserMoney(amount - held, this.free), parts)
    }
    let left = amount
    const slabs: { slab: string; amount: Money }[] = []
    for (const part of parts) {
      part.used = lesserMoney(part.amount, left)
      left -= part.used
      if (part.used > 0n) slabs.push({ slab: part.slab.id, amount: part.used })
    }
    return { ...this.key, amount, slabs }
  }

  /** What was held and not used is free again. */
  release({ parts }: Hold): void {
    for (const { slab, amount, used } of parts) {
      slab.holders--
      slab.free += amount - used
      this.free += amount - used
    }
  }

  /** The slabs that nobody holds a part of; nothing more is reserved from those. */
  takeOut(which: (slab: Slab) => boolean = () => true): readonly Slab[] {
    const out: Slab[] = []
    for (const slab of this.#slabs) {
      if (slab.holders > 0 || !which(slab)) continue
      this.#slabs.delete(slab)
      this.free -= slab.free
      out.push(slab)
    }
    return out
  }

  get isEmpty(): boolean {
    return this.#slabs.size === 0
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
        parts.push({ slab, amount: part, used: 0n })
      } else held.amount += part
    }
    this.free -= amount
  }
}
