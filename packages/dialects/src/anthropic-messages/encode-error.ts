import type { ErrorKind, JsonObject, SwitchyardError } from '@switchyard/core/contract'
import { encodedAttempts, errorStatus, isRefusedUpstream, retryAfterHeader } from '../error-status.ts'

export interface EncodedError {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: JsonObject
}

const statuses: Partial<Readonly<Record<ErrorKind, number>>> = { overloaded: 529, quota: 402 }

const types: Readonly<Record<ErrorKind, string>> = {
  aborted: 'api_error',
  timeout: 'timeout_error',
  'rate-limit': 'rate_limit_error',
  quota: 'billing_error',
  overloaded: 'overloaded_error',
  unavailable: 'api_error',
  network: 'api_error',
  truncated: 'api_error',
  protocol: 'api_error',
  authentication: 'authentication_error',
  permission: 'permission_error',
  'not-found': 'not_found_error',
  'invalid-request': 'invalid_request_error',
  'context-length': 'invalid_request_error',
  'content-filter': 'invalid_request_error',
  unsupported: 'invalid_request_error',
  'circuit-open': 'overloaded_error',
  'budget-exceeded': 'billing_error',
  exhausted: 'api_error',
}

const typesByStatus: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  402: 'billing_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** An error as clients of this dialect read it; its code says its kind, and beside it is what was tried. */
export function encodeError(error: SwitchyardError): EncodedError {
  const refused = isRefusedUpstream(error)
  const status = statuses[error.kind] ?? errorStatus(error)
  const usual = refused ? 'api_error' : types[error.kind]
  const type = error.kind === 'exhausted' ? (typesByStatus[status] ?? usual) : usual
  const details = { error_code: codeOf(error, refused), ...encodedAttempts(error) }
  const body = {
    type: 'error',
    error: { type, message: messageOf(error), details },
    request_id: error.requestId ?? null,
  }
  return { status, headers: retryAfterHeader(error), body }
}

function codeOf({ kind, code }: SwitchyardError, refused: boolean): string {
  const own = kind.replaceAll('-', '_')
  if (refused) return `upstream_${own}`
  return kind === 'invalid-request' && code !== undefined ? code : own
}

// clients know a prompt that is too long by these words
function messageOf({ kind, message }: SwitchyardError): string {
  if (kind !== 'context-length' || /prompt is too long/i.test(message)) return message
  return `prompt is too long: ${message}`
}
