import type { ErrorKind, JsonObject, SwitchyardError } from '@switchyard/core/contract'
import { encodedAttempts, errorStatus, isRefusedUpstream, retryAfterHeader } from '../error-status.ts'

export interface EncodedError {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: JsonObject
}

interface Words {
  readonly type: string
  readonly code: string
}

const words = (type: string, code: string): Words => ({ type, code })

const wordsOf: Readonly<Record<ErrorKind, Words>> = {
  aborted: words('server_error', 'aborted'),
  timeout: words('server_error', 'timeout'),
  'rate-limit': words('rate_limit_error', 'rate_limit_exceeded'),
  quota: words('insufficient_quota', 'insufficient_quota'),
  overloaded: words('service_unavailable_error', 'overloaded'),
  unavailable: words('server_error', 'unavailable'),
  network: words('server_error', 'network'),
  truncated: words('server_error', 'truncated'),
  protocol: words('server_error', 'protocol'),
  authentication: words('invalid_request_error', 'invalid_api_key'),
  permission: words('permission_error', 'permission_denied'),
  'not-found': words('invalid_request_error', 'model_not_found'),
  'invalid-request': words('invalid_request_error', 'invalid_request'),
  'context-length': words('invalid_request_error', 'context_length_exceeded'),
  'content-filter': words('invalid_request_error', 'content_filter'),
  unsupported: words('invalid_request_error', 'unsupported'),
  'circuit-open': words('service_unavailable_error', 'circuit_open'),
  'budget-exceeded': words('insufficient_quota', 'budget_exceeded'),
  exhausted: words('server_error', 'exhausted'),
}

/** An error as clients of this dialect read it, with what was tried beside it. */
export function encodeError(error: SwitchyardError): EncodedError {
  const { type, code } = wordsFor(error)
  const body = { error: { message: error.message, type, param: error.param ?? null, code, ...encodedAttempts(error) } }
  return { status: errorStatus(error), headers: retryAfterHeader(error), body }
}

function wordsFor(error: SwitchyardError): Words {
  const { kind, code } = error
  if (isRefusedUpstream(error)) return words('server_error', `upstream_${kind}`)
  // the caller's own mistake keeps the word that names it
  const isCallers = kind === 'invalid-request' || kind === 'content-filter' || kind === 'not-found'
  return isCallers && code !== undefined ? { ...wordsOf[kind], code } : wordsOf[kind]
}
