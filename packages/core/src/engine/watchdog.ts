import type { Clock, Timer } from '../clock/clock.ts'
import type { TimeoutPhase } from '../contract/error-table.ts'

export interface WatchdogLimits {
  /** When the attempt began, on the monotonic clock. */
  readonly startedAt: number
  /** `Infinity` where silence cannot be seen, as on a plain call. */
  readonly firstTokenMs: number
  readonly idleMs: number
  readonly consumerIdleMs: number
  /** On the monotonic clock; moves on while the consumer pauses. */
  readonly deadline: number
}

/**
 * Watches one attempt's silences with a single timer that is set anew only when it fires too
 * early, so that a read costs two looks at the clock.
 */
export class Watchdog {
  readonly #clock: Clock
  readonly #limits: WatchdogLimits
  readonly #expired: (phase: TimeoutPhase) => void
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #stopped = false
  #reading = true
  #since: number
  #reads = 0
  #sawToken = false
  #pausedMs = 0

  constructor(clock: Clock, limits: WatchdogLimits, expired: (phase: TimeoutPhase) => void) {
    this.#clock = clock
    this.#limits = limits
    this.#expired = expired
    this.#since = limits.startedAt
    this.#arm(this.#due())
  }

  /** A read begins. */
  reading(): void {
    const now = this.#clock.monotonic()
    if (!this.#reading) this.#pausedMs += now - this.#since
    this.#reading = true
    this.#reads++
    this.#since = now
    const due = this.#due()
    if (due < this.#timerAt) this.#arm(due)
  }

  /** The read is over and the consumer has what it brought. */
  paused(): void {
    this.#reading = false
    this.#since = this.#clock.monotonic()
    const due = this.#due()
    if (due < this.#timerAt) this.#arm(due)
  }

  /** The first block has come; from now on silence is measured from read to read. */
  firstToken(): void {
    this.#sawToken = true
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #due(): number {
    if (!this.#reading) return this.#since + this.#limits.consumerIdleMs
    return Math.min(this.#silenceEnds(), this.#limits.deadline + this.#pausedMs)
  }

  #silenceEnds(): number {
    const { startedAt, firstTokenMs, idleMs } = this.#limits
    return this.#sawToken ? this.#since + idleMs : startedAt + firstTokenMs + this.#pausedMs
  }

  #arm(at: number): void {
    this.#timer?.cancel()
    this.#timerAt = at
    this.#timer =
      at === Number.POSITIVE_INFINITY ? undefined : this.#clock.timer(at - this.#clock.monotonic(), this.#fired)
  }

  readonly #fired = (): void => {
    if (this.#stopped) return
    this.#timerAt = Number.POSITIVE_INFINITY
    const due = this.#due()
    if (this.#clock.monotonic() < due) this.#arm(due)
    else if (this.#reading) this.#pollOnceMore()
    else this.#expired('consumer-idle')
  }

  /** What has already arrived wins over the timer that it raced. */
  #pollOnceMore(): void {
    const read = this.#reads
    void this.#clock.turn().then(() => {
      if (this.#stopped) return
      if (this.#reading && read === this.#reads) this.#expired(this.#phase())
      else if (this.#timerAt === Number.POSITIVE_INFINITY) this.#arm(this.#due())
    })
  }

  #phase(): TimeoutPhase {
    if (this.#silenceEnds() > this.#clock.monotonic()) return 'total'
    return this.#sawToken ? 'idle' : 'first-token'
  }
}
