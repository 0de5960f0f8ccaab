import type { RateLimitState, RateLimits } from '@switchyard/core/contract'
import type { HeaderReader } from '../header-reader.ts'

const names = { requests: 'requests', tokens: 'tokens', inputTokens: 'input-tokens', outputTokens: 'output-tokens' }

/**
 * The `anthropic-ratelimit-*` headers, all by the minute; a limit without one is left out. When a limit is full again is told as a date,
 * which counts from `now` (milliseconds since 1970), else from the answer's own Date header.
 */
export function rateLimits(headers: HeaderReader, now?: number): RateLimits {
  const from = now ?? Date.parse(headers.get('date') ?? '')
  const found: { -readonly [Name in keyof RateLimits]: RateLimits[Name] } = {}
  for (const name of Object.keys(names) as (keyof typeof names)[]) {
    const state = rateLimit(headers, names[name], from)
    if (Object.keys(state).length > 0) found[name] = { ...state, windowMs: 60_000 }
  }
  return found
}

/** How long until every limit that is used up has room again. */
export function exhaustedLimitMs(headers: HeaderReader, now?: number): number | undefined {
  let wait: number | undefined
  for (const { remaining, resetMs } of Object.values(rateLimits(headers, now)))
    if (remaining === 0 && resetMs !== undefined) wait = Math.max(wait ?? 0, resetMs)
  return wait
}

function rateLimit(headers: HeaderReader, name: string, from: number): RateLimitState {
  const limit = count(headers.get(`anthropic-ratelimit-${name}-limit`))
  const remaining = count(headers.get(`anthropic-ratelimit-${name}-remaining`))
  const reset = Date.parse(headers.get(`anthropic-ratelimit-${name}-reset`) ?? '') - from
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(!Number.isNaN(reset) && { resetMs: Math.max(0, reset) }),
  }
}

function count(value: string | null | undefined): number | undefined {
  return value && /^\d+$/.test(value.trim()) ? Number(value) : undefined
}
