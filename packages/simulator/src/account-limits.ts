import { RateLimit, type RateLimits } from './rate-limit.ts'
import { now } from './request-log.ts'

/** What an account has left of one thing. */
export interface AccountState {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until it is full again. */
  readonly resetMs: number
}

/** What is limited. */
export type LimitedThing = 'requests' | 'tokens' | 'inputTokens' | 'outputTokens'

/** A limit that a request goes beyond. */
export interface LimitExcess extends AccountState {
  readonly what: LimitedThing
  readonly requested: number
  /** Milliseconds until there would be enough; never, where `requested` is more than the limit. */
  readonly waitMs: number
}

/** What a request takes of its account. */
export interface LimitedUse {
  /** Of the prompt. */
  readonly inputTokens: number
  /** That the request allows to be made; default 0. */
  readonly outputTokens?: number
}

/** What the account has left; each api spells it in headers of its own. */
export class AccountLimits {
  readonly #buckets: Readonly<Record<LimitedThing, RateLimit>>
  readonly #enforced: ReadonlySet<LimitedThing>

  constructor(limits: RateLimits = {}) {
    const { requestsPerMinute, tokensPerMinute, inputTokensPerMinute, outputTokensPerMinute } = limits
    this.#buckets = {
      requests: new RateLimit(requestsPerMinute ?? 10_000),
      tokens: new RateLimit(tokensPerMinute ?? 2_000_000),
      inputTokens: new RateLimit(inputTokensPerMinute ?? 2_000_000),
      outputTokens: new RateLimit(outputTokensPerMinute ?? 400_000),
    }
    this.#enforced = new Set(things.filter(thing => limits[`${thing}PerMinute`] !== undefined))
  }

  /** Whether anything is refused. */
  get enforced(): boolean {
    return this.#enforced.size > 0
  }

  /** What is left of one thing. */
  left(thing: LimitedThing): AccountState {
    const bucket = this.#buckets[thing]
    const nowMs = now()
    return { limit: bucket.limit, remaining: bucket.remaining(nowMs), resetMs: bucket.resetMs(nowMs) }
  }

  /** Takes what a request needs; the excess, when there is a limit and not enough is left. */
  take({ inputTokens, outputTokens = 0 }: LimitedUse): LimitExcess | undefined {
    const amounts = { requests: 1, tokens: inputTokens + outputTokens, inputTokens, outputTokens }
    for (const what of things) {
      const requested = amounts[what]
      const waitMs = this.#buckets[what].take(requested, now())
      if (waitMs > 0 && this.#enforced.has(what)) return { ...this.left(what), what, requested, waitMs }
    }
    return undefined
  }
}

const things: readonly LimitedThing[] = ['requests', 'tokens', 'inputTokens', 'outputTokens']
