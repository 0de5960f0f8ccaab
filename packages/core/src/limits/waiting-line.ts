import type { Clock, Timer } from '../clock/clock.ts'
import { abortedError, type SwitchyardError } from '../contract/errors.ts'
import type { Obstacle } from './limit-refusal.ts'
import type { LimitedAttempt } from './limited-attempt.ts'

/** How many later attempts may go before one that waits for a counter that they need too. */
const mostOvertakes = 16

/** What the line asks of those who count. */
export interface LineKeeper {
  /** The attempt is counted, or what is in its way. */
  take(attempt: LimitedAttempt): Obstacle | undefined | Promise<Obstacle | undefined>
  refusal(attempt: LimitedAttempt, obstacle: Obstacle): SwitchyardError
}

/** One that waits, or is about to. */
interface Waiter {
  readonly attempt: LimitedAttempt
  readonly since: number
  /** What was in its way. */
  readonly doors: Set<string>
  readonly leave: (error?: unknown) => void
  obstacle: Obstacle | undefined
  /** When there may be room, and when it is refused. */
  retryAt: number
  until: number
  overtaken: number
  gone: boolean
}

/**
 * Attempts that wait for room, first come first served. A smaller one may go before a larger one that does not fit
 * yet, sixteen times in all: then the counters in the way of the larger one are shut to others until it has gone or
 * given up, which takes one window at most.
 */
export class WaitingLine {
  readonly #clock: Clock
  readonly #keeper: LineKeeper
  #waiters: Waiter[] = []
  #serving = false
  #again = false
  #timer: Timer | undefined
  #closed = false

  constructor(clock: Clock, keeper: LineKeeper) {
    this.#clock = clock
    this.#keeper = keeper
  }

  get isEmpty(): boolean {
    return this.#waiters.length === 0
  }

  /** Whether nobody waits for anything that it needs. */
  isFreeFor(attempt: LimitedAttempt): boolean {
    for (const waiter of this.#waiters) if (waiter.obstacle === undefined || sharesDoor(waiter, attempt)) return false
    return true
  }

  /** Resolves when it is counted. `obstacle` is what it has met already. @throws {SwitchyardError} when it is refused. */
  join(attempt: LimitedAttempt, obstacle?: Obstacle): Promise<LimitedAttempt> {
    return new Promise((resolve, reject) => {
      const { signal } = attempt.info.context
      const now = this.#clock.monotonic()
      const abort = (): void => {
        waiter.leave(abortedError(signal?.reason))
        this.serve()
      }
      const waiter: Waiter = {
        attempt,
        since: now,
        doors: new Set(),
        obstacle: undefined,
        retryAt: now,
        until: now,
        overtaken: 0,
        gone: false,
        leave: error => {
          if (waiter.gone) return
          waiter.gone = true
          signal?.removeEventListener('abort', abort)
          if (waiter.obstacle !== undefined) waiter.obstacle.counter.owner.waiting--
          this.#waiters = this.#waiters.filter(other => other !== waiter)
          if (error === undefined) resolve(attempt)
          else reject(error)
        },
      }
      this.#waiters.push(waiter)
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort)
      if (obstacle === undefined) this.serve()
      else {
        this.#meets(waiter, obstacle)
        this.#setTimer()
      }
    })
  }

  /** Lets go whoever can, and refuses whoever has waited enough. */
  serve(): void {
    this.#again = true
    if (!this.#serving) void this.#serveAll()
  }

  /** Refuses all that wait, and all that would from now on. */
  close(): void {
    this.#closed = true
    this.serve()
  }

  async #serveAll(): Promise<void> {
    this.#serving = true
    while (this.#again) {
      this.#again = false
      const failed: Waiter[] = []
      for (const waiter of this.#waiters.slice()) {
        if (waiter.gone) continue
        const before = failed.find(
          other => !other.gone && (isShutBy(other, waiter.attempt) || isNoSmaller(waiter, other)),
        )
        if (before?.obstacle !== undefined) this.#meets(waiter, this.#behind(before, before.obstacle, waiter.attempt))
        else {
          const serving = this.#serve(waiter, failed)
          if (serving !== undefined) await serving
        }
        if (!waiter.gone) failed.push(waiter)
      }
    }
    this.#serving = false
    this.#setTimer()
  }

  #serve(waiter: Waiter, failed: readonly Waiter[]): undefined | Promise<void> {
    try {
      const taking = this.#keeper.take(waiter.attempt)
      if (taking instanceof Promise)
        return taking.then(obstacle => this.#served(waiter, failed, obstacle)).catch(waiter.leave)
      this.#served(waiter, failed, taking)
    } catch (error) {
      waiter.leave(error)
    }
    return undefined
  }

  #served(waiter: Waiter, failed: readonly Waiter[], obstacle: Obstacle | undefined): void {
    if (obstacle !== undefined) {
      if (!waiter.gone) this.#meets(waiter, obstacle)
      return
    }
    if (waiter.gone) {
      waiter.attempt.settle({ type: 'withdrawn' })
      return
    }
    for (const other of failed) if (sharesDoor(other, waiter.attempt)) other.overtaken++
    waiter.leave()
  }

  /** It stays, unless it may not wait for that, or not longer. */
  #meets(waiter: Waiter, obstacle: Obstacle): void {
    const now = this.#clock.monotonic()
    const { attempt, since } = waiter
    const { owner } = obstacle.counter
    const deadline = attempt.info.context.deadline ?? Number.POSITIVE_INFINITY
    const { retryAfterMs } = obstacle
    waiter.until = Math.min(since + owner.maxWaitMs, deadline)
    // only what others give back could make it sooner
    const inVain = retryAfterMs !== undefined && now + retryAfterMs > waiter.until && owner.open === 0
    const isNew = waiter.obstacle?.counter.owner !== owner
    if (
      this.#closed ||
      retryAfterMs === undefined ||
      now >= waiter.until ||
      inVain ||
      (isNew && owner.waiting >= owner.maxQueue)
    ) {
      waiter.leave(this.#keeper.refusal(attempt, obstacle))
      return
    }
    if (isNew) {
      if (waiter.obstacle !== undefined) waiter.obstacle.counter.owner.waiting--
      owner.waiting++
    }
    waiter.doors.add(obstacle.door)
    waiter.obstacle = obstacle
    waiter.retryAt = now + retryAfterMs
  }

  /** What is in the way of one who has to let another go first: of its own limits, the one that both need. */
  #behind({ retryAt, doors }: Waiter, obstacle: Obstacle, { asks }: LimitedAttempt): Obstacle {
    const retryAfterMs = Math.max(0, Math.ceil(retryAt - this.#clock.monotonic()))
    const needs = asks.some(({ counter }) => counter === obstacle.counter)
    const shut = needs ? undefined : asks.find(({ key }) => doors.has(key))
    return shut === undefined ? { ...obstacle, retryAfterMs } : { counter: shut.counter, door: shut.key, retryAfterMs }
  }

  #setTimer(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    let next = Number.POSITIVE_INFINITY
    for (const { retryAt, until } of this.#waiters) next = Math.min(next, retryAt, until)
    if (next === Number.POSITIVE_INFINITY) return
    this.#timer = this.#clock.timer(next - this.#clock.monotonic(), () => this.serve())
  }
}

function isShutBy(first: Waiter, later: LimitedAttempt): boolean {
  return first.overtaken >= mostOvertakes && sharesDoor(first, later)
}

function sharesDoor(first: Waiter, { asks, info }: LimitedAttempt): boolean {
  return first.doors.has(info.target) || asks.some(({ key }) => first.doors.has(key))
}

/** What the other was refused, it would be refused too. */
function isNoSmaller({ attempt }: Waiter, { attempt: other }: Waiter): boolean {
  return (
    attempt.info.target === other.info.target &&
    attempt.asks.length === other.asks.length &&
    attempt.asks.every(({ key, amount }, at) => key === other.asks[at]?.key && amount >= other.asks[at].amount)
  )
}
