import type { Pricing } from '../accounting/pricing.ts'
import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Usage } from '../contract/usage.ts'
import type { AdmissionPermit, AdmissionStep, AttemptInfo } from '../engine/admission.ts'
import type { Forgetting } from './fading.ts'
import type { PerformanceRecord } from './performance-record.ts'
import { checkSnapshot, type PerformanceSnapshot } from './performance-snapshot.ts'
import type { LearnedLimits, PerformanceView, WaitsOf } from './performance-view.ts'
import { meanOf, quantileOf } from './tally.ts'
import { TargetPerformance } from './target-performance.ts'
import { WatchedAttempt } from './watched-attempt.ts'

export interface PerformanceOptions {
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
  /** For what calls cost; default: nobody says. */
  readonly pricing?: Pick<Pricing, 'cost'> | undefined
  /** After so many milliseconds what was seen counts half as much. Default ten minutes. */
  readonly halfLifeMs?: number | undefined
  /** The most targets that are remembered; the longest unseen makes room, first of those that never answered. Default 128. */
  readonly targets?: number | undefined
}

/** What is remembered of targets: one for all chains of a process. */
export interface Performance extends PerformanceView {
  /** Watches attempts. A chain that is given this view as its `performance` puts it before its targets by itself. */
  readonly step: AdmissionStep
  /** All that was seen: of each target as a whole, then by tasks. */
  records(): readonly PerformanceRecord[]
  /** All of it as plain JSON, to go on from after a restart. */
  snapshot(): PerformanceSnapshot
  /**
   * Adds what a snapshot holds, aged by the time since.
   *
   * @throws {SwitchyardError} `invalid-request` where it is none.
   */
  restore(snapshot: PerformanceSnapshot): void
}

const memory = 500

/**
 * Remembers how targets do, in bounded memory; the recent counts most.
 *
 * @throws {SwitchyardError} `invalid-request` where nothing could be remembered.
 */
export function createPerformance(options: PerformanceOptions = {}): Performance {
  const { halfLifeMs = 1, targets = 1 } = options
  if (!(halfLifeMs > 0 && targets >= 1)) {
    throw new SwitchyardError('invalid-request', 'Performance records need halfLifeMs above 0, and targets from 1.')
  }
  return new SeenPerformance(options)
}

const unwatched: AdmissionPermit = { settle: () => undefined }

class SeenPerformance implements Performance {
  readonly step: AdmissionStep
  readonly #clock: Clock
  readonly #forgetting: Forgetting
  readonly #most: number
  readonly #targets = new Map<string, TargetPerformance>()

  constructor({ clock = systemClock, pricing, halfLifeMs = 600_000, targets = 128 }: PerformanceOptions) {
    this.#clock = clock
    this.#forgetting = { halfLifeMs, memory }
    this.#most = targets
    const wall = (): number => clock.wall()
    const cost = pricing && ((usage: Usage, target: string) => costOf(pricing, usage, target, clock.wall()))
    this.step = {
      admit: (info: AttemptInfo, now: number): AdmissionPermit =>
        // a nested chain's own targets are seen where it asks them
        info.nested || info.operation === 'count-tokens'
          ? unwatched
          : new WatchedAttempt(this.#target(info.target), info, now, wall, cost),
    }
  }

  inFlight(target: string): number {
    return this.#targets.get(target)?.inFlight ?? 0
  }

  firstTokenMs(target: string, quantile: number, task?: string, of: WaitsOf = 'all'): number | undefined {
    const seen = this.#targets.get(target)
    if (seen === undefined) return undefined
    const now = this.#clock.monotonic()
    const own = task === undefined ? undefined : seen.knownTask(task)
    return (own && quantileOf(own.firstToken, quantile, now, of)) ?? quantileOf(seen.all.firstToken, quantile, now, of)
  }

  successRate(target: string, task?: string): number | undefined {
    const seen = this.#targets.get(target)
    if (seen === undefined) return undefined
    const now = this.#clock.monotonic()
    const own = task === undefined ? undefined : seen.knownTask(task)
    return (own && meanOf(own.successes, now)) ?? meanOf(seen.all.successes, now)
  }

  learnedLimits(target: string, request: MessageRequest): LearnedLimits | undefined {
    return this.#targets.get(target)?.limits(request, this.#clock.monotonic())
  }

  records(): readonly PerformanceRecord[] {
    const now = this.#clock.monotonic()
    return [...this.#targets.values()].flatMap(seen => [...seen.records(now)])
  }

  snapshot(): PerformanceSnapshot {
    const now = this.#clock.monotonic()
    const targets = [...this.#targets.values()].map(seen => seen.snapshot(now))
    return { version: 1, at: this.#clock.wall(), targets }
  }

  restore(snapshot: PerformanceSnapshot): void {
    checkSnapshot(snapshot, this.#forgetting)
    const now = this.#clock.monotonic()
    const agedMs = Math.max(0, this.#clock.wall() - snapshot.at)
    for (const target of snapshot.targets) this.#target(target.target).restore(target, agedMs, now)
  }

  #target(target: string): TargetPerformance {
    let seen = this.#targets.get(target)
    if (seen === undefined) {
      if (this.#targets.size >= this.#most) this.#forget()
      seen = new TargetPerformance(target, this.#forgetting)
      this.#targets.set(target, seen)
    }
    return seen
  }

  /** The longest unseen target: of those that nothing is on its way to, and that never answered, where there are such. */
  #forget(): void {
    let oldest: TargetPerformance | undefined
    for (const seen of this.#targets.values()) {
      if (oldest === undefined || seenBefore(seen, oldest)) oldest = seen
    }
    if (oldest !== undefined) this.#targets.delete(oldest.target)
  }
}

function seenBefore(one: TargetPerformance, other: TargetPerformance): boolean {
  const isIdle = one.inFlight === 0
  if (isIdle !== (other.inFlight === 0)) return isIdle
  // what clients invent does not answer, and is no reason to forget what does
  const isMute = one.all.succeeded === 0
  if (isMute !== (other.all.succeeded === 0)) return isMute
  return one.all.lastSeenAt < other.all.lastSeenAt
}

function costOf(pricing: Pick<Pricing, 'cost'>, usage: Usage, target: string, at: number): number | undefined {
  const { total } = pricing.cost(usage, target, at)
  return total === undefined ? undefined : Number(total)
}
