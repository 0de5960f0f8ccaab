import { RateLimit, type RateLimits, spelledDuration } from '../rate-limit.ts'
import type { Reply } from '../reply.ts'

/** What the account has left, as the `x-ratelimit-*` headers tell it. */
export class AccountLimits {
  readonly #requests: RateLimit
  readonly #tokens: RateLimit
  readonly #enforced: RateLimits

  constructor(limits: RateLimits = {}) {
    this.#enforced = limits
    this.#requests = new RateLimit(limits.requestsPerMinute ?? 10_000)
    this.#tokens = new RateLimit(limits.tokensPerMinute ?? 2_000_000)
  }

  headers(nowMs: number): Record<string, string> {
    return {
      'x-ratelimit-limit-requests': String(this.#requests.limit),
      'x-ratelimit-limit-tokens': String(this.#tokens.limit),
      'x-ratelimit-remaining-requests': String(this.#requests.remaining(nowMs)),
      'x-ratelimit-remaining-tokens': String(this.#tokens.remaining(nowMs)),
      'x-ratelimit-reset-requests': spelledDuration(this.#requests.resetMs(nowMs)),
      'x-ratelimit-reset-tokens': spelledDuration(this.#tokens.resetMs(nowMs)),
    }
  }

  /** Takes what a request needs; the refusal, when there is a limit and not enough is left. */
  take(tokens: number, nowMs: number, refuse: (message: string, type: string) => Reply): Reply | undefined {
    const request = this.#refusal(this.#requests, 1, nowMs, this.#enforced.requestsPerMinute, 'requests', refuse)
    return request ?? this.#refusal(this.#tokens, tokens, nowMs, this.#enforced.tokensPerMinute, 'tokens', refuse)
  }

  #refusal(
    bucket: RateLimit,
    amount: number,
    nowMs: number,
    enforced: number | undefined,
    what: 'requests' | 'tokens',
    refuse: (message: string, type: string) => Reply,
  ): Reply | undefined {
    const waitMs = bucket.take(amount, nowMs)
    if (waitMs === 0 || enforced === undefined) return undefined
    const used = enforced - bucket.remaining(nowMs)
    const word = what === 'requests' ? 'requests per min (RPM)' : 'tokens per min (TPM)'
    const message = `Rate limit reached in organization org-sim on ${word}: Limit ${enforced}, Used ${used}, Requested ${amount}. Please try again in ${spelledDuration(waitMs)}.`
    const reply = refuse(message, what)
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)), 'retry-after-ms': String(waitMs) }
    return { ...reply, headers: { ...reply.headers, ...headers } }
  }
}
