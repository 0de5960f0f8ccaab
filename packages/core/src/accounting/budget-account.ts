import type { Clock, Timer } from '../clock/clock.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import { greaterMoney, lesserMoney, type Money } from '../money/money.ts'
import type { Budget } from './budget-definition.ts'
import { ledgerError } from './ledger-error.ts'
import type { BudgetCharge, LedgerStore, SlabAnswer, WindowState } from './ledger-store.ts'
import type { WaitingAttempt } from './waiting-attempt.ts'
import { type Hold, type Slab, WindowSlabs } from './window-slabs.ts'

/** What accounts need of those who keep them together. */
interface AccountPorts {
  readonly store: LedgerStore
  readonly clock: Clock
  /** Tries again to reserve for an attempt that stands first. */
  readonly retry: (attempt: WaitingAttempt) => void
  /** The window has not enough for it, so many stand before it. It leaves, wants less, or waits for others to settle. */
  readonly short: (attempt: WaitingAttempt, account: BudgetAccount, state: WindowState, place: number) => void
}

/** Milliseconds after which a slab that nobody used is given back, and retried what could not be. */
const idleMs = 1_000
/** Milliseconds after which the store is asked again for those who wait; other processes settle unseen. */
const pollMs = 100
// of the limit: what a process holds unused for a moment, or as much as an attempt holds
const largestShare = 100n

/** One hard budget as this process sees it: its slabs of the present window, and who stands in line for more. */
export class BudgetAccount {
  readonly budget: Budget
  readonly #ports: AccountPorts
  readonly #queue: WaitingAttempt[] = []
  readonly #closing = new Set<Promise<void>>()
  readonly #unclosed = new Set<string>()
  #slabs: WindowSlabs
  #isAsking = false
  #asked: Promise<void> | undefined
  #isUsed = false
  #wanted = 0
  #isDisposed = false
  #size: Money = 0n
  #sizedAt = Number.NEGATIVE_INFINITY
  #idle: Timer | undefined
  #poll: Timer | undefined

  constructor(budget: Budget, ports: AccountPorts) {
    this.budget = budget
    this.#ports = ports
    this.#slabs = this.#open(ports.clock.wall())
  }

  /** How much this process has of the window at that moment that nobody reserved. */
  freeAt(at: number): Money {
    return this.#windowAt(at).free
  }

  /** Whether the attempt may reserve now: there is room, and nobody was here before it. */
  fits(bound: Money, at: number, attempt?: WaitingAttempt): boolean {
    const slabs = this.#windowAt(at)
    if (bound === 0n) return true
    const [first] = this.#queue
    if (first !== undefined && (attempt === undefined || first.order < attempt.order)) return false
    return slabs.has(bound)
  }

  /** Holds what `fits`. */
  hold(bound: Money): Hold {
    this.#isUsed = true
    return this.#slabs.hold(bound)
  }

  /** What an attempt takes of what it holds; the rest is free. */
  use(hold: Hold, cost: Money): BudgetCharge {
    const charge = hold.slabs.use(hold, cost)
    this.#freed(hold)
    return charge
  }

  release(hold: Hold): void {
    hold.slabs.release(hold)
    this.#freed(hold)
  }

  /** Somebody wants to reserve here, and may be in another budget's line meanwhile: what is free stays. */
  want(): void {
    this.#wanted++
  }

  /** It wants so no more. */
  unwant(): void {
    this.#wanted--
    this.#tidy(this.#slabs)
    this.#watchIdle()
  }

  /** Stands in line, by its order. */
  enter(attempt: WaitingAttempt): void {
    if (attempt.account !== this) {
      attempt.moveTo(this)
      const at = this.#queue.findIndex(other => other.order > attempt.order)
      this.#queue.splice(at < 0 ? this.#queue.length : at, 0, attempt)
    }
    this.#replenish()
  }

  leave(attempt: WaitingAttempt): void {
    const at = this.#queue.indexOf(attempt)
    if (at < 0) return
    attempt.account = undefined
    this.#queue.splice(at, 1)
    if (this.#queue.length === 0) this.#stopPolling()
    else if (at === 0) this.pump()
  }

  /** Something has changed for those who wait. */
  hurry(): void {
    if (this.#queue.length === 0) return
    this.#stopPolling()
    this.pump()
  }

  /** Serves those who stand first, as far as there is room. */
  pump(): void {
    for (let [first] = this.#queue; first !== undefined; [first] = this.#queue) {
      if (!this.fits(first.bound, this.#ports.clock.wall(), first)) break
      this.#ports.retry(first)
    }
    this.#replenish()
  }

  /** Gives back all that nobody holds; what is held is given back as it is settled. */
  async dispose(error: SwitchyardError): Promise<void> {
    this.#isDisposed = true
    for (const attempt of [...this.#queue]) attempt.refuse(error)
    this.#close(this.#slabs.takeOut())
    for (const id of this.#unclosed) this.#closeSlab(id)
    this.#idle?.cancel()
    this.#stopPolling()
    // what is granted by now is given back too
    await this.#asked
    await Promise.all(this.#closing)
  }

  #windowAt(at: number): WindowSlabs {
    const { key, endsAt } = this.#slabs
    if (at >= endsAt || at < key.window) {
      this.#slabs.isOver = true
      this.#close(this.#slabs.takeOut())
      this.#slabs = this.#open(at)
    }
    return this.#slabs
  }

  #open(at: number): WindowSlabs {
    const { startsAt, endsAt } = this.budget.windowAt(at)
    return new WindowSlabs({ budget: this.budget.name, window: startsAt }, endsAt)
  }

  /** Takes a slab, one at a time, where so much is not free. */
  stock(bound: Money): void {
    if (this.#isAsking || this.#poll !== undefined) return
    if (!this.#windowAt(this.#ports.clock.wall()).has(bound)) this.#asked = this.#ask(bound)
  }

  #replenish(): void {
    const [first] = this.#queue
    if (first !== undefined) this.stock(first.bound)
  }

  async #ask(bound: Money): Promise<void> {
    this.#isAsking = true
    // those who come in the same moment have one slab together
    await undefined
    const slabs = this.#windowAt(this.#ports.clock.wall())
    const { limit } = this.budget
    // what is beyond the limit is refused all the same, and fits into what a store can count
    const wanted = lesserMoney(bound, limit + 1n)
    const largest = greaterMoney(limit / largestShare, wanted * 2n)
    const least = wanted - slabs.free
    const most = greaterMoney(least, this.#most(wanted, largest) - slabs.free)
    const closing = [...this.#closing]
    let answer: SlabAnswer | undefined
    try {
      if (least > 0n)
        answer = await this.#ports.store.takeSlab({ ...slabs.key, limit, least, most: lesserMoney(most, limit + 1n) })
    } catch (error) {
      this.#isAsking = false
      for (const attempt of [...this.#queue]) attempt.refuse(ledgerError(error))
      return
    }
    // what was on its way back then may have been enough
    if (answer?.granted === false) await Promise.all(closing)
    this.#isAsking = false
    if (answer?.granted) {
      const { slab: id, amount } = answer
      slabs.add({ id, free: amount, holders: 0, isScarce: amount < most || amount > largest })
      this.#watchIdle()
    } else if (answer !== undefined && closing.length === 0) this.#refused(answer.state, slabs)
    this.pump()
    this.#tidy(slabs)
  }

  /** What those in line need, and more of what is often used. */
  #most(bound: Money, largest: Money): Money {
    const now = this.#ports.clock.monotonic()
    const grown = now - this.#sizedAt < idleMs ? this.#size * 2n : 0n
    this.#sizedAt = now
    this.#size = lesserMoney(greaterMoney(grown, bound * 2n), largest)
    let needed = 0n
    for (const { bound } of this.#queue) needed += bound
    return greaterMoney(needed, this.#size)
  }

  #refused(state: WindowState, slabs: WindowSlabs): void {
    if (this.#windowAt(this.#ports.clock.wall()) !== slabs) return
    const left = this.budget.limit - state.settled - state.reserved - state.charged
    for (const [place, attempt] of [...this.#queue].entries()) {
      if (attempt.account !== this || attempt.bound - slabs.free <= left) continue
      this.#ports.short(attempt, this, state, place)
    }
    const [first] = this.#queue
    if (first !== undefined && first.bound - slabs.free > left) {
      this.#poll = this.#ports.clock.timer(pollMs, () => this.hurry())
    }
  }

  /** Those in line may have it now; what nobody needs is given back. */
  #freed({ slabs, parts }: Hold): void {
    this.hurry()
    for (const { slab } of parts) if (slab.holders === 0 && this.#isUseless(slab, slabs)) this.#tidy(slabs)
    if (this.#idle === undefined) this.#watchIdle()
  }

  /** Gives back what is of no use here, and what others need more. */
  #tidy(slabs: WindowSlabs): void {
    this.#close(slabs.takeOut(slab => this.#isUseless(slab, slabs)))
  }

  #isUseless({ isScarce, free }: Slab, { isOver }: WindowSlabs): boolean {
    return (isScarce && this.#wanted === 0) || free === 0n || isOver || this.#isDisposed
  }

  #close(slabs: readonly Slab[]): void {
    for (const { id } of slabs) this.#closeSlab(id)
  }

  #closeSlab(id: string): void {
    const closing = Promise.resolve()
      .then(() => this.#ports.store.closeSlab(id))
      .then(
        () => void this.#unclosed.delete(id),
        () => {
          // it may have been closed all the same: nothing is reserved from it any more
          this.#unclosed.add(id)
          this.#watchIdle()
        },
      )
      .then(() => {
        this.#closing.delete(closing)
        this.hurry()
      })
    this.#closing.add(closing)
  }

  #watchIdle(): void {
    if (this.#idle !== undefined || this.#isDisposed) return
    if (this.#slabs.isEmpty && this.#unclosed.size === 0) return
    this.#idle = this.#ports.clock.timer(idleMs, () => {
      this.#idle = undefined
      for (const id of this.#unclosed) this.#closeSlab(id)
      if (this.#isUsed) {
        this.#isUsed = false
        this.#watchIdle()
      } else if (this.#wanted === 0) this.#close(this.#slabs.takeOut())
    })
  }

  #stopPolling(): void {
    this.#poll?.cancel()
    this.#poll = undefined
  }
}
