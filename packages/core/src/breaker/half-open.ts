import { type Permit, take } from './permit.ts'

/** A circuit's time of probing: a few calls go through, and the first tokens of enough of them close it. */
export class HalfOpen {
  readonly name = 'half-open'
  /** When its open time ends, or ended: later than now where a probe was asked early. */
  readonly wasOpenUntil: number
  /** Probes after their first token that have not ended. */
  readonly streaming: Permit[] = []
  readonly #places: number
  readonly #leaseMs: number
  // probes before their first token, the oldest first
  readonly #waiting: Permit[] = []
  #succeeded = 0
  #slow = 0

  constructor(wasOpenUntil: number, places: number, leaseMs: number) {
    this.wasOpenUntil = wasOpenUntil
    this.#places = places
    this.#leaseMs = leaseMs
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get succeeded(): number {
    return this.#succeeded
  }

  /** The share of its successes that were slow. */
  get slowRate(): number {
    return this.#slow / this.#succeeded
  }

  get isFull(): boolean {
    return this.#succeeded + this.#waiting.length >= this.#places
  }

  /** Enough probes have had their first token. */
  get isDone(): boolean {
    return this.#succeeded >= this.#places
  }

  /** When the oldest silent probe gives its place to another. */
  get firstLapse(): number {
    return (this.#waiting[0]?.admittedAt ?? Number.POSITIVE_INFINITY) + this.#leaseMs
  }

  releaseLapsed(now: number): void {
    while (this.#waiting.length > 0 && now >= this.firstLapse) this.#waiting.shift()
  }

  add(probe: Permit): void {
    this.#waiting.push(probe)
  }

  /** `false` for a permit that is no waiting probe of this time. */
  firstToken(probe: Permit, isSlow: boolean): boolean {
    if (!take(this.#waiting, probe)) return false
    this.streaming.push(probe)
    this.#succeeded++
    if (isSlow) this.#slow++
    return true
  }

  /** `false` for a permit of an earlier time, or one whose place went to another. */
  end(probe: Permit): boolean {
    return take(this.#waiting, probe) || take(this.streaming, probe)
  }
}
