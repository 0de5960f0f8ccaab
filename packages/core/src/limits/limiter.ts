import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AdmissionStep, AttemptInfo } from '../engine/admission.ts'
import type { EventHub } from '../events/event-hub.ts'
import { heldBy } from '../scope/held-by.ts'
import type { Holding, ScopedAttempt } from '../scope/scope.ts'
import { type Limit, type LimitCounter, limitsOf } from './limit.ts'
import type { LimitDefinition, LimitQuantity } from './limit-definition.ts'
import { limitRefusal, type Obstacle } from './limit-refusal.ts'
import type { LimitAnswer, LimitCorrection, LimitStore } from './limit-store.ts'
import { type AttemptKeeper, LimitedAttempt, type TokenEstimate } from './limited-attempt.ts'
import { ProviderWord } from './provider-word.ts'
import { type LineKeeper, WaitingLine } from './waiting-line.ts'

export interface LimiterOptions {
  /** `createMemoryLimits`, or one that several processes share. */
  readonly store: LimitStore
  readonly limits: readonly LimitDefinition[]
  /** Whom they hold for; of limits alone. */
  readonly holdings: readonly Holding[]
  /** Asked where a limit counts tokens: how many an attempt will use. */
  readonly estimate: (info: AttemptInfo) => TokenEstimate
  /** Told of `limit-refused`; default: nobody is. */
  readonly events?: EventHub | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
}

/** Holds attempts to limits, before they are sent. */
export interface Limiter extends AdmissionStep {
  /** How much is left of limits now: of these names, or of all. */
  standings(names?: readonly string[]): Promise<readonly LimitStanding[]>
  /** Refuses all that wait; nobody waits any more. */
  dispose(): void
}

/** Where one number of a limit stands. */
export interface LimitStanding {
  readonly name: string
  readonly quantity: LimitQuantity
  readonly limit: number
  readonly left: number
}

/**
 * A step that lets through as much as limits allow: requests and tokens, in any rolling minute and day. Refusals are
 * `rate-limit` errors with the code `limit`; nothing is sent, and the next target is asked. Token counts and attempts
 * at nested chains, whose own steps see them, pass freely.
 *
 * @throws {SwitchyardError} `invalid-request` for limits that cannot hold.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  return new LimiterStep(options)
}

const free: AdmissionPermit = { settle: () => undefined }

class LimiterStep implements Limiter, AttemptKeeper, LineKeeper {
  readonly #store: LimitStore
  readonly #limits: readonly Limit[]
  readonly #limitsOf: (attempt: ScopedAttempt) => readonly Limit[]
  readonly #estimate: LimiterOptions['estimate']
  readonly #events: EventHub | undefined
  readonly #clock: Clock
  readonly #line: WaitingLine
  readonly #words = new Map<string, ProviderWord>()
  #sweepWordsAt = 64

  constructor({ store, limits, holdings, estimate, events, clock = systemClock }: LimiterOptions) {
    this.#store = store
    this.#limits = limitsOf(limits, holdings)
    const named = new Map(this.#limits.map(limit => [limit.name, limit]))
    this.#limitsOf = heldBy(holdings, name => named.get(name) as Limit)
    this.#estimate = estimate
    this.#events = events
    this.#clock = clock
    this.#line = new WaitingLine(clock, this)
  }

  admit(info: AttemptInfo): AdmissionPermit | Promise<AdmissionPermit> {
    if (info.nested || info.operation === 'count-tokens') return free
    const limits = this.#limitsOf(info)
    if (limits.length === 0) return free
    let countsTokens = false
    let isProviders = false
    for (const limit of limits) {
      countsTokens ||= limit.countsTokens
      isProviders ||= limit.isProviders
    }
    const tokens = countsTokens ? this.#estimate(info) : undefined
    const attempt = new LimitedAttempt(info, limits, tokens, isProviders ? this.#word(info.target) : undefined, this)
    for (const { counter, amount, limit } of attempt.asks) {
      if (amount > limit) throw this.refusal(attempt, { counter, door: counter.key, retryAfterMs: undefined })
    }
    if (!this.#line.isFreeFor(attempt)) return this.#line.join(attempt)
    const taking = this.take(attempt)
    if (taking instanceof Promise) return taking.then(obstacle => this.#answer(attempt, obstacle))
    return this.#answer(attempt, taking)
  }

  async standings(names?: readonly string[]): Promise<readonly LimitStanding[]> {
    const counters = this.#limits.flatMap(({ counters, name }) => (names?.includes(name) === false ? [] : counters))
    const left = await Promise.all(counters.map(counter => this.#store.left(counter)))
    return counters.map(({ owner: { name }, quantity, limit }, at) => ({
      name,
      quantity,
      limit,
      left: left[at] as number,
    }))
  }

  dispose(): void {
    this.#line.close()
  }

  take(attempt: LimitedAttempt): Obstacle | undefined | Promise<Obstacle | undefined> {
    const { info, word, limits, tokens } = attempt
    const refusal = word?.refuses(tokens, this.#clock.monotonic())
    if (refusal !== undefined) {
      const { kind, left, retryAfterMs } = refusal
      const owner = limits.find(({ isProviders }) => isProviders) as Limit
      const what = kind.replace('T', ' t')
      const says = `${info.provider} says that ${left} ${what} are left of its own limit.`
      return { counter: owner.counters[0] as LimitCounter, door: info.target, retryAfterMs, says }
    }
    const answer = this.#store.take(attempt.asks)
    return answer instanceof Promise ? answer.then(later => this.#taken(attempt, later)) : this.#taken(attempt, answer)
  }

  refusal(attempt: LimitedAttempt, obstacle: Obstacle): SwitchyardError {
    const { info, asks } = attempt
    const { counter, retryAfterMs } = obstacle
    const amount = asks.find(ask => ask.counter === counter)?.amount ?? 1
    if (this.#events?.has('limit-refused')) {
      this.#events.emit('limit-refused', {
        at: this.#clock.wall(),
        requestId: info.requestId,
        chain: info.chain,
        limit: counter.owner.name,
        quantity: counter.quantity,
        target: info.target,
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      })
    }
    return limitRefusal(obstacle, amount, info)
  }

  correct(corrections: readonly LimitCorrection[]): void {
    if (corrections.length > 0) {
      const correcting = this.#store.correct(corrections)
      // an answer does not wait for this, nor fail with it: what stays counted leaves with its bucket
      if (correcting instanceof Promise) correcting.catch(() => undefined)
    }
    if (!this.#line.isEmpty) this.#line.serve()
  }

  #answer(attempt: LimitedAttempt, obstacle: Obstacle | undefined): AdmissionPermit | Promise<AdmissionPermit> {
    if (obstacle === undefined) return attempt
    if (obstacle.counter.owner.maxWaitMs > 0) return this.#line.join(attempt, obstacle)
    throw this.refusal(attempt, obstacle)
  }

  #taken(attempt: LimitedAttempt, answer: LimitAnswer): Obstacle | undefined {
    if (answer.taken) {
      attempt.taken(answer.at)
      return undefined
    }
    const { key, retryAfterMs } = answer
    const { counter } = attempt.asks.find(ask => ask.key === key) as LimitedAttempt['asks'][number]
    return { counter, door: key, retryAfterMs }
  }

  #word(target: string): ProviderWord {
    let word = this.#words.get(target)
    if (word === undefined) {
      if (this.#words.size >= this.#sweepWordsAt) {
        const now = this.#clock.monotonic()
        for (const [other, word] of this.#words) if (word.isIdle(now)) this.#words.delete(other)
        this.#sweepWordsAt = Math.max(64, 2 * this.#words.size)
      }
      word = new ProviderWord()
      this.#words.set(target, word)
    }
    return word
  }
}
