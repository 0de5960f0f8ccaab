import type { LimitKey } from '@switchyard/core'
import { OwnUse } from './own-use.ts'

/** What is told to Redis of one limit, bucket by bucket. */
export type UseReport = readonly (readonly [bucket: number, amount: number])[]

/**
 * One limit as this process knows it. Its *part* is what Redis has set aside for it: nobody else can have that, so it
 * is there to be used when Redis goes away. What the fleet used is in it already: the parts of all, and what was
 * used, are never more than the limit.
 */
export class LimitUse {
  limit: number
  readonly windowMs: number
  readonly #own = new OwnUse()
  // what Redis has not been told, or perhaps not
  readonly #owed = new OwnUse()
  #part = 0
  // used of the part since Redis went away
  #sinceAway = 0
  // how much of that Redis was last told
  #reportedSinceAway = 0
  #yielding = 0

  constructor({ limit, windowMs }: LimitKey) {
    this.limit = limit
    this.windowMs = windowMs
  }

  bucket(moment: number): number {
    return Math.floor(moment / (this.windowMs / 60))
  }

  /** What is left of its part. */
  get part(): number {
    return Math.max(0, this.#part - this.#sinceAway)
  }

  /** It is giving its part back. */
  get isYielding(): boolean {
    return this.#yielding > 0
  }

  /** How much of the window this process used. */
  used(moment: number): number {
    return this.#own.total(this.bucket(moment))
  }

  /** Redis counted it. */
  taken(moment: number, amount: number): void {
    this.#own.add(this.bucket(moment), amount)
  }

  /** Nobody but this process knows of it. */
  takenAlone(moment: number, amount: number): void {
    this.#own.add(this.bucket(moment), amount)
    this.#owed.add(this.bucket(moment), amount)
    this.#sinceAway += amount
  }

  /** `alone` where Redis will not hear of it otherwise. */
  correct(moment: number, by: number, alone: boolean): void {
    this.#own.add(this.bucket(moment), by)
    // of what Redis counted nothing is taken back this way: telling it twice would forget use
    if (alone) this.#sinceAway += this.#owed.add(this.bucket(moment), by)
  }

  /** Redis may not have heard of it. */
  owe(moment: number, amount: number): void {
    this.#owed.add(this.bucket(moment), amount)
  }

  /** What Redis is to be told: what it does not know, or everything of the window. */
  report(moment: number, everything: boolean): UseReport {
    this.#own.total(this.bucket(moment))
    this.#owed.total(this.bucket(moment))
    const report = everything ? this.#own.entries() : this.#owed.entries()
    this.#owed.clear()
    return report
  }

  /** What is left of its part, for Redis to know. */
  reportPart(): number {
    this.#reportedSinceAway = this.#sinceAway
    return this.part
  }

  /** What was left of its part when Redis counted. */
  counted(part: number, away: boolean): void {
    if (this.#yielding === 0) this.#part = away ? Math.min(this.#part, part) : part
  }

  /** What its part is after the last report. */
  setPart(part: number): void {
    if (this.#yielding === 0) this.#part = part + this.#reportedSinceAway
  }

  /** Redis counts again. */
  returned(): void {
    this.#part = this.part
    this.#sinceAway = 0
    this.#reportedSinceAway = 0
  }

  /** Others need its part: from now on it has none. */
  async yieldPart(tell: () => Promise<unknown>): Promise<void> {
    this.#part = 0
    this.#yielding++
    try {
      await tell()
    } finally {
      this.#yielding--
    }
  }
}
