import { type AttemptRecord, SwitchyardError } from '../contract/errors.ts'

/**
 * The error when no target is left. Where nothing was sent and all were refused alike, it is that
 * refusal; else `exhausted`, with the status that all attempts agree on.
 */
export function exhausted(attempts: readonly AttemptRecord[]): SwitchyardError {
  const sent = attempts.filter(attempt => attempt.sent !== false)
  const kind = sent.length === 0 ? agreed(attempts.map(attempt => attempt.kind)) : undefined
  const status = agreed((sent.length > 0 ? sent : attempts).map(attempt => attempt.status))
  const waits = attempts.map(attempt => attempt.retryAfterMs).filter(wait => wait !== undefined)
  return new SwitchyardError(kind ?? 'exhausted', explanation(attempts), {
    attempts,
    ...(status !== undefined && { status }),
    ...(waits.length > 0 && { retryAfterMs: Math.min(...waits) }),
  })
}

/** The value that all share; `undefined` when they differ or there are none. */
function agreed<Value>(values: readonly Value[]): Value | undefined {
  return values.every(value => value === values[0]) ? values[0] : undefined
}

function explanation(attempts: readonly AttemptRecord[]): string {
  if (attempts.length === 0) return 'There is no target to ask.'
  const last = new Map<string, AttemptRecord>()
  for (const attempt of attempts) {
    if (attempt.sent !== false || !last.has(attempt.target)) last.set(attempt.target, attempt)
  }
  if (last.size === 1) return [...last.values()].map(attempt => attempt.message).join(' ')
  const lines = [...last.values()].map(attempt => `${attempt.target}: ${attempt.message}`)
  return `None of ${last.size} targets answered. ${lines.join(' ')}`
}
