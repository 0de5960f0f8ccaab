import type { AttemptRecord, SwitchyardError } from '../contract/errors.ts'
import type { Target } from './target.ts'

/** What errors and answers tell of one failed attempt. */
export function attemptRecord(
  target: Target,
  error: SwitchyardError,
  more: Pick<AttemptRecord, 'durationMs' | 'sent'>,
): AttemptRecord {
  const { kind, message, status, code, requestId, phase, retryAfterMs } = error
  return {
    target: target.key,
    kind,
    message,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(requestId !== undefined && { requestId }),
    ...(phase !== undefined && { phase }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...more,
  }
}

/** The records of one failed try: what a nested chain tried says more than that it failed. */
export function attemptRecords(target: Target, error: SwitchyardError, durationMs: number): readonly AttemptRecord[] {
  if (error.attempts.length > 0) return error.attempts
  return error.kind === 'aborted' ? [] : [attemptRecord(target, error, { durationMs })]
}
