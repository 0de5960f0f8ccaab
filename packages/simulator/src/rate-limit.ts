/** What an account may use. */
export interface RateLimits {
  readonly requestsPerMinute?: number
  /** Of prompts, and of answers as far as requests allow them. */
  readonly tokensPerMinute?: number
  /** Of prompts alone, where the provider counts them apart (Anthropic). */
  readonly inputTokensPerMinute?: number
  /** Of answers alone, likewise. */
  readonly outputTokensPerMinute?: number
}

/** A bucket that fills up evenly over a minute. */
export class RateLimit {
  readonly limit: number
  #left: number
  #at = 0

  constructor(limit: number) {
    this.limit = limit
    this.#left = limit
  }

  /** Milliseconds until so much would be there; 0 when it was, and is taken. */
  take(amount: number, nowMs: number): number {
    this.#fill(nowMs)
    if (amount > this.#left) return Math.ceil(((amount - this.#left) / this.limit) * 60_000)
    this.#left -= amount
    return 0
  }

  remaining(nowMs: number): number {
    this.#fill(nowMs)
    return Math.floor(this.#left)
  }

  /** Milliseconds until the bucket is full. */
  resetMs(nowMs: number): number {
    this.#fill(nowMs)
    return Math.ceil(((this.limit - this.#left) / this.limit) * 60_000)
  }

  #fill(nowMs: number): void {
    if (this.#at !== 0) this.#left = Math.min(this.limit, this.#left + ((nowMs - this.#at) / 60_000) * this.limit)
    this.#at = nowMs
  }
}

/** A duration as OpenAI's headers spell it: `120ms`, `6.57s`, `1m26.4s`. */
export function spelledDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`
  const minutes = Math.floor(ms / 60_000)
  const seconds = Number(((ms % 60_000) / 1_000).toFixed(3))
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`
}
