/** What a provider tells of one of its own limits. */
export interface RateLimitState {
  readonly limit?: number
  readonly remaining?: number
  /** Milliseconds until it is full again. */
  readonly resetMs?: number
  /** What it is counted over, in milliseconds, where the provider says: a minute, a day. */
  readonly windowMs?: number
}

/** What a provider's answer tells of the limits it holds its caller to. */
export interface RateLimits {
  readonly requests?: RateLimitState
  readonly tokens?: RateLimitState
  readonly inputTokens?: RateLimitState
  readonly outputTokens?: RateLimitState
}
