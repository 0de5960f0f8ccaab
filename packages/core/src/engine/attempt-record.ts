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
