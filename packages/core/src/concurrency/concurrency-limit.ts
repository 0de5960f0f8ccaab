import type { Clock, Timer } from '../clock/clock.ts'
import { abortedError, type SwitchyardError } from '../contract/errors.ts'
import type { AttemptInfo } from '../engine/admission.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import type { ConcurrencyDefinition } from './concurrency-definition.ts'
import { ConcurrencySlot } from './concurrency-slot.ts'

interface Waiter {
  readonly take: (slot: ConcurrencySlot) => void
  readonly refuse: (why: NoPlace) => void
}

/** Why an attempt gets no place. */
export type NoPlace = 'nobody-waits' | 'queue-full' | 'too-late' | 'waited' | 'closed'

type Refuse = (limit: ConcurrencyLimit, info: AttemptInfo, why: NoPlace) => SwitchyardError

/** What the last attempts held their places for counts so much. */
const holdWeight = 0.1

/** One limit at work: its places, and those who wait for one, first come first served. */
export class ConcurrencyLimit {
  readonly name: string
  readonly adaptive: AdaptiveLimit | undefined
  inFlight = 0
  readonly #fixed: number
  readonly #maxWaitMs: number
  readonly #maxQueue: number
  readonly #clock: Clock
  readonly #refusal: Refuse
  readonly #queue = new Set<Waiter>()
  // how long a place is held, in milliseconds
  #holdMs = Number.NaN
  #closed = false

  constructor(definition: ConcurrencyDefinition, clock: Clock, refusal: Refuse) {
    const { name, limit = 0, adaptive, maxWaitMs = 0, maxQueue = 100 } = definition
    this.name = name
    this.adaptive = adaptive && new AdaptiveLimit(adaptive)
    this.#fixed = limit
    this.#maxWaitMs = maxWaitMs
    this.#maxQueue = maxWaitMs > 0 ? maxQueue : 0
    this.#clock = clock
    this.#refusal = refusal
  }

  get limit(): number {
    return this.adaptive?.limit ?? this.#fixed
  }

  get queued(): number {
    return this.#queue.size
  }

  /** When there may be a place for one more, in milliseconds: a guess by how long places are held. */
  get retryAfterMs(): number {
    const wait = (this.#holdMs * (this.queued + 1)) / this.limit
    return Number.isNaN(wait) ? 1_000 : Math.max(1, Math.ceil(wait))
  }

  /** A place, at once where there is one. @throws {SwitchyardError} where it is refused. */
  take(info: AttemptInfo): ConcurrencySlot | Promise<ConcurrencySlot> {
    // nobody waits while there is one
    if (this.#hasPlace) return this.#slot()
    const now = this.#clock.monotonic()
    const { deadline = Number.POSITIVE_INFINITY, signal } = info.context
    const patienceMs = Math.min(this.#maxWaitMs, deadline - now)
    if (this.#closed) throw this.#refusal(this, info, 'closed')
    if (this.#maxQueue === 0) throw this.#refusal(this, info, 'nobody-waits')
    if (this.queued >= this.#maxQueue) throw this.#refusal(this, info, 'queue-full')
    // every place is held so often by those ahead before its turn
    const aheadMs = Math.floor(this.queued / this.limit) * this.#holdMs || 0
    if (patienceMs <= aheadMs) throw this.#refusal(this, info, 'too-late')
    if (signal?.aborted) throw abortedError(signal.reason)
    return this.#wait(info, patienceMs)
  }

  /** A place is free again, after `heldMs`. */
  release(heldMs: number | undefined): void {
    this.inFlight--
    if (heldMs !== undefined) {
      this.#holdMs = Number.isNaN(this.#holdMs) ? heldMs : this.#holdMs + holdWeight * (heldMs - this.#holdMs)
    }
    this.serve()
  }

  /** Lets go as many as there are places for. */
  serve(): void {
    for (const waiter of this.#queue) {
      if (!this.#hasPlace) return
      waiter.take(this.#slot())
    }
  }

  /** Refuses all that wait, and all that would from now on. */
  close(): void {
    this.#closed = true
    for (const waiter of this.#queue) waiter.refuse('closed')
  }

  get #hasPlace(): boolean {
    return this.inFlight < this.limit
  }

  #slot(): ConcurrencySlot {
    this.inFlight++
    return new ConcurrencySlot(this, this.#clock.monotonic())
  }

  #wait(info: AttemptInfo, patienceMs: number): Promise<ConcurrencySlot> {
    const { signal } = info.context
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined
      const leave = (): void => {
        this.#queue.delete(waiter)
        timer?.cancel()
        signal?.removeEventListener('abort', abort)
      }
      const abort = (): void => {
        leave()
        reject(abortedError(signal?.reason))
      }
      const waiter: Waiter = {
        take: slot => {
          leave()
          resolve(slot)
        },
        refuse: why => {
          leave()
          reject(this.#refusal(this, info, why))
        },
      }
      this.#queue.add(waiter)
      signal?.addEventListener('abort', abort)
      if (patienceMs < Number.POSITIVE_INFINITY) timer = this.#clock.timer(patienceMs, () => waiter.refuse('waited'))
    })
  }
}
