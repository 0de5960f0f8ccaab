import type { Clock, Timer } from '../clock/clock.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import { greaterMoney, lesserMoney, type Money } from '../money/money.ts'
import type { Budget } from './budget-definition.ts'
import { ledgerError } from './ledger-error.ts'
import type { LedgerStore, SlabAnswer, SlabAsk, WindowState } from './ledger-store.ts'
import type { WaitingAttempt } from './waiting-attempt.ts'
import { type Hold, type Slab, WindowSlabs } from './window-slabs.ts'

/** What accounts need of those who keep them together. */
interface AccountPorts {
  readonly store: LedgerStore
  readonly clock: Clock
  /** Tries again to reserve for an attempt that stands first. */
  readonly retry: (attempt: WaitingAttempt) => void
  /** The window has not enough for it. It leaves, wants less, or waits for others to settle. */
  readonly short: (attempt: WaitingAttempt, account: BudgetAccount, state: WindowState) => void
}

/** Milliseconds after which a slab that nobody used is given back, and retried what could not be. */
const idleMs = 1_000
/** Milliseconds after which the store is asked again for those who wait; other processes settle unseen. */
const pollMs = 100
// of the limit: what a process holds unused for a moment
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
    return slabs.free >= bound
  }

  /** Holds what `fits`. */
  hold(bound: Money): Hold {
    this.#isUsed = true
    return this.#slabs.hold(bound)
  }

  release(hold: Hold): void {
    const { slabs } = hold
    slabs.release(hold)
    this.hurry()
    for (const { slab } of hold.parts) {
      if (slab.holders === 0 && this.#isUseless(slab, slabs)) {
        this.#tidy(slabs)
        break
      }
    }
    if (this.#idle === undefined) this.#watchIdle()
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
      attempt.account?.leave(attempt)
      attempt.account = this
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

  /** How many stand in line. */
  get waiting(): number {
    return this.#queue.length
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

  /** Takes what those in line need, one slab at a time for all. */
  #replenish(): void {
    const [first] = this.#queue
    if (first === undefined || this.#isAsking || this.#poll !== undefined) return
    const { clock } = this.#ports
    const slabs = this.#windowAt(clock.wall())
    const least = first.bound - slabs.free
    if (least <= 0n) return
    const now = clock.monotonic()
    this.#size = now - this.#sizedAt < idleMs ? this.#size * 2n : first.bound * 2n
    this.#sizedAt = now
    const { limit } = this.budget
    this.#size = lesserMoney(this.#size, limit / largestShare)
    let needed = -slabs.free
    for (const { bound } of this.#queue) needed += bound
    const most = greaterMoney(least, greaterMoney(needed, this.#size))
    const ask: SlabAsk = { ...slabs.key, limit, least, most }
    this.#isAsking = true
    const closing = [...this.#closing]
    this.#asked = Promise.resolve()
      .then(() => this.#ports.store.takeSlab(ask))
      .then(
        answer => this.#answered(answer, ask, slabs, closing),
        (error: unknown) => {
          this.#isAsking = false
          for (const attempt of [...this.#queue]) attempt.refuse(ledgerError(error))
        },
      )
  }

  #answered(answer: SlabAnswer, ask: SlabAsk, slabs: WindowSlabs, closing: readonly Promise<void>[]): void {
    if (answer.granted) {
      this.#isAsking = false
      const { slab: id, amount } = answer
      slabs.add({ id, free: amount, holders: 0, isScarce: amount < ask.most || amount > ask.limit / largestShare })
      if (slabs.isOver || this.#isDisposed) this.#close(slabs.takeOut())
      this.#watchIdle()
      this.pump()
      return
    }
    // what was on its way back then may have been enough
    if (closing.some(one => this.#closing.has(one))) {
      void Promise.all(closing).then(() => {
        this.#isAsking = false
        this.pump()
      })
      return
    }
    this.#isAsking = false
    const { state } = answer
    if (this.#windowAt(this.#ports.clock.wall()) !== slabs) {
      this.pump()
      return
    }
    const left = ask.limit - state.settled - state.reserved - state.charged
    for (const attempt of [...this.#queue]) {
      if (attempt.isOver || attempt.account !== this || attempt.bound - slabs.free <= left) continue
      this.#ports.short(attempt, this, state)
    }
    const [first] = this.#queue
    if (first !== undefined && first.bound - slabs.free > left) {
      this.#poll = this.#ports.clock.timer(pollMs, () => this.hurry())
    }
    this.pump()
  }

  /** Gives back what is of no use here, and what others need more. */
  #tidy(slabs: WindowSlabs): void {
    this.#close(slabs.takeOut(slab => this.#isUseless(slab, slabs)))
  }

  #isUseless(slab: Slab, slabs: WindowSlabs): boolean {
    return slabs.isOver || this.#isDisposed || (slab.isScarce && this.#wanted === 0) || slab.free === 0n
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
