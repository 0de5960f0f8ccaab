import type { RateLimits } from '../contract/rate-limits.ts'
import { inputTokens, outputTokens, type Usage } from '../contract/usage.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import type { Limit, LimitCounter } from './limit.ts'
import type { LimitAsk, LimitCorrection } from './limit-store.ts'
import type { ProviderWord } from './provider-word.ts'

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

/** Who hears what an attempt gives back, and what its provider tells. */
export interface AttemptKeeper {
  correct(corrections: readonly LimitCorrection[]): void
  told(limits: RateLimits, attempt: LimitedAttempt, now: number): void
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
    this.tokens = Math.ceil(tokens?.expected ?? 0)
    const asks: CounterAsk[] = []
    for (const { counters, isStrict } of limits) {
      // a strict limit without a bound can never say yes
      const reserved = isStrict ? Math.ceil(tokens?.most ?? Number.POSITIVE_INFINITY) : this.tokens
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
    if (waitedMs <= 0) return
    const at = this.#at
    this.#at += waitedMs
    this.#keeper.correct(
      this.asks.flatMap(({ key, limit, windowMs, amount }) => [
        { key, limit, windowMs, at, by: -amount },
        { key, limit, windowMs, at: this.#at, by: amount },
      ]),
    )
  }

  rateLimits(limits: RateLimits, now: number): void {
    this.#heard(false)
    this.#keeper.told(limits, this, now)
  }

  settle(outcome: AttemptOutcome): void {
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
  if (outcome.type === 'completed') return outcome.usage && total(outcome.usage)
  return outcome.type !== 'withdrawn' && outcome.bill === 'unknown' ? undefined : 0
}

function total(usage: Usage): number {
  return inputTokens(usage) + outputTokens(usage)
}
