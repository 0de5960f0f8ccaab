import { RateLimit, type RateLimits } from './rate-limit.ts'
import { now } from './request-log.ts'

/** What an account has left of one thing. */
export interface AccountState {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until it is full again. */
  readonly resetMs: number
}

/** A limit that a request goes beyond. */
export interface LimitExcess extends AccountState {
  readonly what: 'requests' | 'tokens'
  readonly requested: number
  /** Milliseconds until there would be enough; never, where `requested` is more than the limit. */
  readonly waitMs: number
}

/** What the account has left; each api spells it in headers of its own. */
export class AccountLimits {
  readonly #requests: RateLimit
  readonly #tokens: RateLimit
  readonly #enforced: RateLimits

  constructor(limits: RateLimits = {}) {
    this.#enforced = limits
    this.#requests = new RateLimit(limits.requestsPerMinute ?? 10_000)
    this.#tokens = new RateLimit(limits.tokensPerMinute ?? 2_000_000)
  }

  /** Whether anything is refused. */
  get enforced(): boolean {
    return this.#enforced.requestsPerMinute !== undefined || this.#enforced.tokensPerMinute !== undefined
  }

  get requests(): AccountState {
    return state(this.#requests)
  }

  get tokens(): AccountState {
    return state(this.#tokens)
  }

  /** Takes a request and its tokens; the excess, when there is a limit and not enough is left. */
  take(tokens: number): LimitExcess | undefined {
    const { requestsPerMinute, tokensPerMinute } = this.#enforced
    const excess = takeFrom(this.#requests, 1, 'requests')
    if (excess !== undefined && requestsPerMinute !== undefined) return excess
    const tooMany = takeFrom(this.#tokens, tokens, 'tokens')
    return tokensPerMinute === undefined ? undefined : tooMany
  }
}

function state(bucket: RateLimit): AccountState {
  const nowMs = now()
  return { limit: bucket.limit, remaining: bucket.remaining(nowMs), resetMs: bucket.resetMs(nowMs) }
}

function takeFrom(bucket: RateLimit, requested: number, what: LimitExcess['what']): LimitExcess | undefined {
  const waitMs = bucket.take(requested, now())
  return waitMs === 0 ? undefined : { ...state(bucket), what, requested, waitMs }
}
