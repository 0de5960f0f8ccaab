import type { RateLimitState, RateLimits } from '@switchyard/core/contract'
import { parseDurationMs } from './duration.ts'
import type { HeaderReader } from './header-reader.ts'

const minute = 60_000
const day = 1_440 * minute

/**
 * The `x-ratelimit-*` headers; a limit without a header, or with -1, is left out. They do not say what a limit is
 * counted over: tokens are counted by the minute, and of requests the pace at which they come back tells.
 */
export function rateLimits(headers: HeaderReader): Pick<RateLimits, 'requests' | 'tokens'> {
  const requests = timed(rateLimit(headers, 'requests'))
  const found = rateLimit(headers, 'tokens')
  const tokens = found && { ...found, windowMs: minute }
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

/** Where `limit` comes back over a minute, what was used comes back in its share of one; over a day, likewise. */
function timed(state: RateLimitState | undefined): RateLimitState | undefined {
  const { limit, remaining, resetMs } = state ?? {}
  if (limit === undefined || remaining === undefined || remaining >= limit || resetMs === undefined) return state
  const windowMs = (resetMs * limit) / (limit - remaining) > 5 * minute ? day : minute
  return { ...state, windowMs }
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
