import type { ErrorKind, JsonObject, SwitchyardError } from '@switchyard/core/contract'
import { encodedAttempts, isRefusedUpstream, retryAfterHeader } from '../error-status.ts'

export interface EncodedError {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: JsonObject
}

type Answer = readonly [status: number, word: string, reason?: string]

const answers: Readonly<Record<ErrorKind, Answer>> = {
  aborted: [499, 'CANCELLED'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  'rate-limit': [429, 'RESOURCE_EXHAUSTED', 'RATE_LIMIT_EXCEEDED'],
  quota: [429, 'RESOURCE_EXHAUSTED', 'BILLING_DISABLED'],
  overloaded: [503, 'UNAVAILABLE'],
  unavailable: [500, 'INTERNAL'],
  network: [500, 'INTERNAL'],
  truncated: [500, 'INTERNAL'],
  protocol: [500, 'INTERNAL'],
  authentication: [400, 'INVALID_ARGUMENT', 'API_KEY_INVALID'],
  permission: [403, 'PERMISSION_DENIED'],
  'not-found': [404, 'NOT_FOUND'],
  'invalid-request': [400, 'INVALID_ARGUMENT'],
  'context-length': [400, 'INVALID_ARGUMENT'],
  'content-filter': [400, 'INVALID_ARGUMENT'],
  unsupported: [501, 'UNIMPLEMENTED'],
  'circuit-open': [503, 'UNAVAILABLE'],
  'budget-exceeded': [402, 'FAILED_PRECONDITION'],
  exhausted: [503, 'UNAVAILABLE'],
}

/** An error as clients of this dialect read it, with what was tried beside it. */
export function encodeError(error: SwitchyardError): EncodedError {
  const [code, status, reason] = isRefusedUpstream(error) ? answers.unavailable : answers[error.kind]
  const details: JsonObject[] = []
  if (reason !== undefined) details.push({ '@type': `${types}ErrorInfo`, reason, domain: 'switchyard' })
  if (error.param !== undefined)
    details.push({ '@type': `${types}BadRequest`, fieldViolations: [{ field: error.param }] })
  if (error.retryAfterMs !== undefined && error.retryAfterMs > 0)
    details.push({ '@type': `${types}RetryInfo`, retryDelay: `${error.retryAfterMs / 1000}s` })
  if (error.attempts.length > 0) details.push({ '@type': attempts, ...encodedAttempts(error) })
  return {
    status: code,
    headers: retryAfterHeader(error),
    body: { error: { code, message: error.message, status, ...(details.length > 0 && { details }) } },
  }
}

const types = 'type.googleapis.com/google.rpc.'
const attempts = 'type.googleapis.com/switchyard.Attempts'
