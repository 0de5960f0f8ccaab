import { parseDurationMs } from './duration.ts'
import type { HeaderReader } from './header-reader.ts'

/** What is left of one limit. */
export interface RateLimitState {
  readonly limit?: number
  readonly remaining?: number
  /** Milliseconds until it is full again. */
  readonly resetMs?: number
}

/** The `x-ratelimit-*` headers; a limit without a header, or with -1, is left out. */
export function rateLimits(headers: HeaderReader): {
  readonly requests?: RateLimitState
  readonly tokens?: RateLimitState
} {
  const requests = rateLimit(headers, 'requests')
  const tokens = rateLimit(headers, 'tokens')
  return { ...(requests && { requests }), ...(tokens && { tokens }) }
}

/** How long until every limit that is used up has room again. */
export function exhaustedLimitMs(headers: HeaderReader): number | undefined {
  const { requests, tokens } = rateLimits(headers)
  let wait: number | undefined
  for (const state of [requests, tokens]) {
    if (state?.remaining === 0 && state.resetMs !== undefined) wait = Math.max(wait ?? 0, state.resetMs)
  }
  return wait
}

function rateLimit(headers: HeaderReader, what: 'requests' | 'tokens'): RateLimitState | undefined {
  const limit = count(headers.get(`x-ratelimit-limit-${what}`))
  const remaining = count(headers.get(`x-ratelimit-remaining-${what}`))
  const resetMs = parseDurationMs(headers.get(`x-ratelimit-reset-${what}`) ?? '')
  if (limit === undefined && remaining === undefined && resetMs === undefined) return undefined
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
  }
}

function count(value: string | null | undefined): number | undefined {
  return value && /^\d+$/.test(value.trim()) ? Number(value) : undefined
}
