import type { Random } from '../clock/clock.ts'

/** When the same target is asked again. */
export interface RetryPolicy {
  /** Attempts for each target, the first included. Default 3. */
  readonly attempts: number
  /** Upper end of the first wait, in milliseconds; it doubles with each attempt. Default 500. */
  readonly baseDelayMs: number
  /** The longest computed wait, in milliseconds. Default 8,000. */
  readonly maxDelayMs: number
  /** A provider that asks for a longer wait than this is not waited for, in milliseconds. Default 60,000. */
  readonly maxRetryAfterMs: number
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 3,
  baseDelayMs: 500,
  maxDelayMs: 8_000,
  maxRetryAfterMs: 60_000,
}

/** Where another target could answer, waiting longer than this for the same one is waste, in milliseconds. */
export const patienceMs = 1_000

/**
 * The wait before the attempt after `attempt` (1 is the first): full jitter, and never less than
 * what the provider asked for; `undefined` when it asks for more than the policy grants.
 */
export function retryDelay(
  policy: RetryPolicy,
  attempt: number,
  retryAfterMs: number | undefined,
  random: Random,
): number | undefined {
  if (retryAfterMs !== undefined && retryAfterMs > policy.maxRetryAfterMs) return undefined
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1))
  return Math.max(random() * ceiling, retryAfterMs ?? 0)
}
