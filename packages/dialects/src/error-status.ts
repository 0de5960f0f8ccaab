import type { AttemptRecord, ErrorKind, JsonObject, SwitchyardError } from '@switchyard/core/contract'

const statuses: Readonly<Record<ErrorKind, number>> = {
  aborted: 499,
  timeout: 504,
  'rate-limit': 429,
  quota: 429,
  overloaded: 503,
  unavailable: 502,
  network: 502,
  truncated: 502,
  protocol: 502,
  authentication: 401,
  permission: 403,
  'not-found': 404,
  'invalid-request': 400,
  'context-length': 400,
  'content-filter': 400,
  unsupported: 400,
  'circuit-open': 503,
  'budget-exceeded': 402,
  exhausted: 502,
}

/** Whether a provider refused our key or what it may do, which is not the caller's fault. */
export function isRefusedUpstream({ kind, provider }: SwitchyardError): boolean {
  return (kind === 'authentication' || kind === 'permission') && provider !== undefined
}

/** The HTTP status that tells an error to a client, in every dialect that has no other word for it. */
export function errorStatus(error: SwitchyardError): number {
  if (isRefusedUpstream(error)) return 502
  if (error.kind === 'exhausted') return agreedStatus(error.attempts) ?? statuses.exhausted
  return statuses[error.kind]
}

function agreedStatus(attempts: readonly AttemptRecord[]): number | undefined {
  const status = attempts[0]?.status
  if (status === undefined || status < 400 || status === 401 || status === 403) return undefined
  return attempts.every(attempt => attempt.status === status) ? status : undefined
}

/** `retry-after`, in whole seconds, where the error says when to come back. */
export function retryAfterHeader({ retryAfterMs }: SwitchyardError): Record<string, string> {
  return retryAfterMs === undefined || retryAfterMs <= 0
    ? {}
    : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
}

/** What was tried before the error, for its body; nothing where nothing was. */
export function encodedAttempts({ attempts }: SwitchyardError): { readonly attempts?: readonly JsonObject[] } {
  return attempts.length === 0 ? {} : { attempts: attempts.map(encodeAttempt) }
}

function encodeAttempt({ target, kind, status, message }: AttemptRecord): JsonObject {
  return { target, kind, ...(status !== undefined && { status }), message }
}
