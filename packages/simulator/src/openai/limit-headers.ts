import type { AccountLimits } from '../account-limits.ts'
import { spelledDuration } from '../rate-limit.ts'

/** The `x-ratelimit-*` headers, as OpenAI and Groq spell them. */
export function limitHeaders(limits: AccountLimits): Record<string, string> {
  const [requests, tokens] = [limits.left('requests'), limits.left('tokens')]
  return {
    'x-ratelimit-limit-requests': String(requests.limit),
    'x-ratelimit-limit-tokens': String(tokens.limit),
    'x-ratelimit-remaining-requests': String(requests.remaining),
    'x-ratelimit-remaining-tokens': String(tokens.remaining),
    'x-ratelimit-reset-requests': spelledDuration(requests.resetMs),
    'x-ratelimit-reset-tokens': spelledDuration(tokens.resetMs),
  }
}
