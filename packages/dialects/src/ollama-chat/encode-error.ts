import type { JsonObject, SwitchyardError } from '@switchyard/core/contract'
import { encodedAttempts, errorStatus, retryAfterHeader } from '../error-status.ts'

export interface EncodedError {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: JsonObject
}

/** An error as clients of this dialect read it, as one sentence, with what was tried beside it. */
export function encodeError(error: SwitchyardError): EncodedError {
  return {
    status: errorStatus(error),
    headers: retryAfterHeader(error),
    body: { error: error.message, ...encodedAttempts(error) },
  }
}
