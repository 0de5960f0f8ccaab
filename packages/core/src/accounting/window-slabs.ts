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
  /** Of all parts together. */
  readonly amount: Money
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
    return { slabs: this, amount, parts }
  }

  /** Uses up what a reservation holds, and what is free beside it where that is not enough. */
  use({ amount: held, parts }: Hold, amount: Money): BudgetCharge {
    if (amount > held) this.#take(lesserMoney(amount - held, this.free), parts)
    let left = amount
    const slabs: { slab: string; amount: Money }[] = []
    for (const part of parts) {
      if (left === 0n) break
      part.used = lesserMoney(part.amount, left)
      left -= part.used
      slabs.push({ slab: part.slab.id, amount: part.used })
    }
    const { budget, window } = this.key
    return { budget, window, amount, slabs }
  }

  /** What was held and not used is free again. */
  release({ parts }: Hold): void {
    for (const { slab, amount, used } of parts) {
      const rest = amount - used
      slab.holders--
      slab.free += rest
      this.free += rest
    }
  }

  /** The slabs that nobody holds a part of; nothing more is reserved from those. */
  takeOut(which: (slab: Slab) => boolean = () => true): readonly Slab[] {
    const out = this.#slabs.filter(slab => slab.holders === 0 && which(slab))
    if (out.length > 0) this.#slabs = this.#slabs.filter(slab => !out.includes(slab))
    for (const slab of out) this.free -= slab.free
    return out
  }

  get isEmpty(): boolean {
    return this.#slabs.length === 0
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
