import type { RateLimitState, RateLimits } from '../contract/rate-limits.ts'

const kinds = ['requests', 'tokens', 'inputTokens', 'outputTokens'] as const
/** No limit of a provider is taken to last longer than a day. */
const longestMs = 86_400_000

type Kind = (typeof kinds)[number]

interface Told {
  readonly limit: number | undefined
  readonly windowMs: number
  remaining: number
  resetAt: number
  renewed: boolean
}

/** What of a provider's own limits is too little, and for how long. */
interface ProviderRefusal {
  readonly kind: Kind
  readonly left: number
  readonly retryAfterMs: number
}

/**
 * What a provider said of its own limits for one target, which others may use too: until it has said that they are
 * full again no more is sent than it said is left, less what it has not answered yet. It can only hold back.
 */
export class ProviderWord {
  readonly #told = new Map<Kind, Told>()
  // of attempts whose headers have not come
  #requests = 0
  #tokens = 0

  /** Nothing that it was told holds any longer, and nobody is asked. */
  isIdle(now: number): boolean {
    for (const { resetAt, windowMs } of this.#told.values()) if (now < resetAt + windowMs) return false
    return this.#requests === 0
  }

  hear(limits: RateLimits, now: number): void {
    for (const kind of kinds) {
      const state = limits[kind]
      if (state !== undefined) this.#hear(kind, state, now)
    }
  }

  #hear(kind: Kind, { limit, remaining, resetMs, windowMs = 60_000 }: RateLimitState, now: number): void {
    // without an end it would hold for ever
    if (remaining === undefined || resetMs === undefined || !(remaining >= 0 && resetMs >= 0)) return
    const resetAt = now + Math.min(resetMs, longestMs)
    this.#told.set(kind, { limit: limit || undefined, windowMs, remaining, resetAt, renewed: false })
  }

  sent(tokens: number): void {
    this.#requests++
    this.#tokens += tokens
  }

  /** Its headers have come, and tell of it; or it is over without any, and `used` says whether it counts. */
  answered(tokens: number, used: boolean): void {
    this.#requests--
    this.#tokens -= tokens
    if (!used) return
    for (const [kind, told] of this.#told) {
      if (kind === 'requests') told.remaining--
      if (kind === 'tokens') told.remaining -= tokens
    }
  }

  /** What is too little, and for how long. */
  refuses(tokens: number, now: number): ProviderRefusal | undefined {
    for (const [kind, told] of this.#told) {
      if (now >= told.resetAt && !this.#renew(kind, told, now)) continue
      const open = kind === 'requests' ? this.#requests : kind === 'tokens' ? this.#tokens : 0
      const left = Math.max(0, told.remaining - open)
      // what is larger than all that there is goes when all of it is there: the provider shall judge
      const needed = Math.min(kind === 'tokens' ? Math.max(1, tokens) : 1, told.limit ?? Number.POSITIVE_INFINITY)
      if (left < needed) return { kind, left, retryAfterMs: Math.ceil(told.resetAt - now) }
    }
    return undefined
  }

  // full for one more window, then it is forgotten: it must not shut a target up for ever
  #renew(kind: Kind, told: Told, now: number): boolean {
    const until = told.resetAt + told.windowMs
    if (told.limit === undefined || told.renewed || now >= until) {
      this.#told.delete(kind)
      return false
    }
    told.remaining = told.limit
    told.resetAt = until
    told.renewed = true
    return true
  }
}
