import type { SwitchyardError } from '../contract/errors.ts'
import type { RateLimits } from '../contract/rate-limits.ts'
import { inputTokens, outputTokens } from '../contract/usage.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import type { Limit, LimitCounter } from './limit.ts'
import type { Obstacle } from './limit-refusal.ts'
import type { LimitAsk, LimitCorrection } from './limit-store.ts'
import type { ProviderWord } from './provider-word.ts'
import { bucketAt } from './rolling-window.ts'

/** What one attempt asks of one counter, and later gives back to it. */
class CounterAsk implements LimitAsk, LimitCorrection {
  readonly key: string
  readonly limit: number
  readonly windowMs: number
  readonly amount: number
  readonly counter: LimitCounter
  at = 0
  by = 0

  constructor(counter: LimitCounter, amount: number) {
    this.key = counter.key
    this.limit = counter.limit
    this.windowMs = counter.windowMs
    this.amount = amount
    this.counter = counter
  }
}

/** Who hears what an attempt gives back. */
export interface AttemptKeeper {
  correct(corrections: readonly LimitCorrection[]): void
  refusal(attempt: LimitedAttempt, obstacle: Obstacle): SwitchyardError
}

/** How many tokens an attempt will use: a guess, and the most that it can be where that can be said. */
export interface TokenEstimate {
  readonly expected: number
  readonly most?: number | undefined
}

/** One attempt and all that it asks of its limits. */
export class LimitedAttempt implements AdmissionPermit {
  readonly info: AttemptInfo
  readonly limits: readonly Limit[]
  readonly asks: readonly CounterAsk[]
  /** What the provider of its target said; absent where no limit of its own follows it. */
  readonly word: ProviderWord | undefined
  /** A guess; 0 where none of its limits count tokens. */
  readonly tokens: number
  readonly #keeper: AttemptKeeper
  #at = 0
  #unheard = true
  #settled = false

  constructor(
    info: AttemptInfo,
    limits: readonly Limit[],
    tokens: TokenEstimate | undefined,
    word: ProviderWord | undefined,
    keeper: AttemptKeeper,
  ) {
    this.info = info
    this.limits = limits
    this.word = word
    this.#keeper = keeper
    // what has no bound, no strict limit can ever let through
    const most = wholeTokens(tokens?.most)
    this.tokens = tokens === undefined ? 0 : Math.min(wholeTokens(tokens.expected), most)
    const asks: CounterAsk[] = []
    for (const { counters, isStrict } of limits) {
      const reserved = isStrict ? most : this.tokens
      for (const counter of counters) asks.push(new CounterAsk(counter, counter.unit === 'requests' ? 1 : reserved))
    }
    this.asks = asks
  }

  /** It was counted, at this moment of the store. */
  taken(at: number): this {
    this.#at = at
    for (const limit of this.limits) limit.open++
    this.word?.sent(this.tokens)
    return this
  }

  // what is sent later than it was taken counts from then: the sum stays as it is
  sent(waitedMs: number): void {
    const at = this.#at
    const later = at + waitedMs
    const moved = this.asks.filter(({ windowMs }) => bucketAt(later, windowMs) > bucketAt(at, windowMs))
    for (const { counter, key, windowMs } of moved) {
      // its bucket may have left before a slow store hears of this, and others have come
      if (!counter.owner.isStrict || waitedMs < (windowMs * 59) / 60) continue
      const says = `The limit "${counter.owner.name}" kept room for this request for a minute, and no longer.`
      throw this.#keeper.refusal(this, { counter, door: key, retryAfterMs: undefined, says })
    }
    this.#at = later
    this.#keeper.correct(
      moved.flatMap(({ key, limit, windowMs, amount }) => [
        { key, limit, windowMs, at, by: -amount },
        { key, limit, windowMs, at: later, by: amount },
      ]),
    )
  }

  rateLimits(limits: RateLimits, now: number): void {
    this.#heard(false)
    this.word?.hear(limits, now)
  }

  settle(outcome: AttemptOutcome): void {
    if (this.#settled) return
    this.#settled = true
    const unsent = outcome.type === 'withdrawn' || (outcome.type !== 'completed' && outcome.error.unsent === true)
    for (const limit of this.limits) limit.open--
    this.#heard(!unsent)
    const used = unsent ? 0 : tokensUsed(outcome)
    let changed = 0
    for (const ask of this.asks) {
      ask.at = this.#at
      if (ask.counter.unit === 'requests') ask.by = unsent ? -1 : 0
      else ask.by = used === undefined ? 0 : used - ask.amount
      if (ask.by !== 0) changed++
    }
    this.#keeper.correct(changed === this.asks.length ? this.asks : this.asks.filter(({ by }) => by !== 0))
  }

  #heard(used: boolean): void {
    if (!this.#unheard) return
    this.#unheard = false
    this.word?.answered(this.tokens, used)
  }
}

/** `undefined` where nobody knows: then what was reserved stays. */
function tokensUsed(outcome: AttemptOutcome): number | undefined {
  if (outcome.type !== 'completed') return outcome.type !== 'withdrawn' && outcome.bill === 'unknown' ? undefined : 0
  const { usage } = outcome
  const used = wholeTokens(usage && inputTokens(usage) + outputTokens(usage))
  return used === Number.POSITIVE_INFINITY ? undefined : used
}

/** `Infinity` for what is no number of tokens. */
function wholeTokens(tokens: number | undefined): number {
  return tokens !== undefined && tokens >= 0 ? Math.ceil(tokens) : Number.POSITIVE_INFINITY
}
