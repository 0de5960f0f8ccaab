import type { Clock, Timer } from '../clock/clock.ts'
import type { TimeoutPhase } from '../contract/error-table.ts'
import type { AttemptPace } from './admission.ts'

export interface WatchdogLimits {
  /** When the attempt began, on the monotonic clock. */
  readonly startedAt: number
  /** `Infinity` where silence cannot be seen, as on a plain call. */
  readonly firstTokenMs: number
  readonly idleMs: number
  readonly consumerIdleMs: number
  /** Characters that have to come in a second, until the first pause; 0 for any. */
  readonly minThroughput: number
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
  #longestMs = 0
  /** What has come in the stretch that is judged next. */
  #characters = 0
  #judgedFrom = 0
  #judgedAt = Number.POSITIVE_INFINITY

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
    if (this.#reading) this.#heard(now)
    else this.#pausedMs += now - this.#since
    this.#reading = true
    this.#reads++
    this.#since = now
    const due = this.#due()
    if (due < this.#timerAt) this.#arm(due)
  }

  /** The read is over and the consumer has what it brought. */
  paused(): void {
    const now = this.#clock.monotonic()
    this.#heard(now)
    this.#reading = false
    this.#since = now
    // who sees an answer come may judge by himself
    this.#judgedAt = Number.POSITIVE_INFINITY
    const due = this.#due()
    if (due < this.#timerAt) this.#arm(due)
  }

  /** The first block has come; from now on silence is measured from read to read. */
  firstToken(now: number): void {
    this.#sawToken = true
    this.#since = now
    this.#judgeFrom(now)
  }

  /** So much of an answer that is not shown yet. */
  arrived(characters: number): void {
    this.#characters += characters
  }

  /** How it came; `undefined` before the first token. */
  get pace(): AttemptPace | undefined {
    return this.#sawToken ? { longestSilenceMs: this.#longestMs, pausedMs: this.#pausedMs } : undefined
  }

  /** How long the consumer has left it unread, while it was not read. */
  get pausedMs(): number {
    return this.#pausedMs
  }

  stop(): void {
    if (this.#reading) this.#heard(this.#clock.monotonic())
    this.#stopped = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #due(): number {
    if (!this.#reading) return this.#since + this.#limits.consumerIdleMs
    return Math.min(this.#silenceEnds(), this.#judgedAt, this.#limits.deadline + this.#pausedMs)
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

  #heard(now: number): void {
    if (this.#sawToken && now - this.#since > this.#longestMs) this.#longestMs = now - this.#since
  }

  // twice the silence that is allowed: one of them alone is no drip
  #judgeFrom(now: number): void {
    this.#judgedFrom = now
    this.#judgedAt = now + 2 * this.#limits.idleMs
    this.#characters = 0
  }

  /** What brings nothing at all is silent or busy otherwise, and no drip. */
  #drips(now: number): boolean {
    if (now < this.#judgedAt || this.#characters === 0) return false
    return this.#characters * 1_000 < this.#limits.minThroughput * (now - this.#judgedFrom)
  }

  readonly #fired = (): void => {
    if (this.#stopped) return
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#clock.monotonic()
    if (now >= this.#judgedAt && !this.#drips(now)) this.#judgeFrom(now)
    const due = this.#due()
    if (now < due) this.#arm(due)
    else if (this.#reading) this.#pollOnceMore()
    else this.#expired('consumer-idle')
  }

  /** What has already arrived wins over the timer that it raced. */
  #pollOnceMore(): void {
    const read = this.#reads
    void this.#clock.turn().then(() => {
      if (this.#stopped) return
      if (this.#reading && read === this.#reads) this.#expired(this.#phase(this.#clock.monotonic()))
      else if (this.#timerAt === Number.POSITIVE_INFINITY) this.#arm(this.#due())
    })
  }

  #phase(now: number): TimeoutPhase {
    if (this.#silenceEnds() > now) return this.#drips(now) ? 'throughput' : 'total'
    return this.#sawToken ? 'idle' : 'first-token'
  }
}
