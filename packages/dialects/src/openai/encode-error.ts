import type { AttemptRecord, ErrorKind, JsonObject, SwitchyardError } from '@switchyard/core/contract'

export interface EncodedError {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: JsonObject
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly code: string
}

const answer = (status: number, type: string, code: string): Answer => ({ status, type, code })

const answers: Readonly<Record<ErrorKind, Answer>> = {
  aborted: answer(499, 'server_error', 'aborted'),
  timeout: answer(504, 'server_error', 'timeout'),
  'rate-limit': answer(429, 'rate_limit_error', 'rate_limit_exceeded'),
  quota: answer(429, 'insufficient_quota', 'insufficient_quota'),
  overloaded: answer(503, 'service_unavailable_error', 'overloaded'),
  unavailable: answer(502, 'server_error', 'unavailable'),
  network: answer(502, 'server_error', 'network'),
  truncated: answer(502, 'server_error', 'truncated'),
  protocol: answer(502, 'server_error', 'protocol'),
  authentication: answer(401, 'invalid_request_error', 'invalid_api_key'),
  permission: answer(403, 'permission_error', 'permission_denied'),
  'not-found': answer(404, 'invalid_request_error', 'model_not_found'),
  'invalid-request': answer(400, 'invalid_request_error', 'invalid_request'),
  'context-length': answer(400, 'invalid_request_error', 'context_length_exceeded'),
  'content-filter': answer(400, 'invalid_request_error', 'content_filter'),
  unsupported: answer(400, 'invalid_request_error', 'unsupported'),
  'circuit-open': answer(503, 'service_unavailable_error', 'circuit_open'),
  'budget-exceeded': answer(402, 'budget_exceeded', 'budget_exceeded'),
  exhausted: answer(502, 'server_error', 'exhausted'),
}

/** An error as clients of this dialect read it, with what was tried beside it. */
export function encodeError(error: SwitchyardError): EncodedError {
  const told = answerTo(error)
  const wait = error.retryAfterMs
  const body = {
    error: {
      message: error.message,
      type: told.type,
      param: error.param ?? null,
      code: told.code,
      ...(error.attempts.length > 0 && { attempts: error.attempts.map(encodeAttempt) }),
    },
  }
  const headers: Record<string, string> = {}
  if (wait !== undefined && wait > 0) headers['retry-after'] = String(Math.ceil(wait / 1000))
  return { status: told.status, headers, body }
}

function answerTo(error: SwitchyardError): Answer {
  const usual = answers[error.kind]
  switch (error.kind) {
    case 'authentication':
    case 'permission':
      // a provider's refusal of our key is not the caller's fault
      return error.provider === undefined ? usual : answer(502, 'server_error', `upstream_${error.kind}`)
    case 'exhausted':
      return { ...usual, status: agreedStatus(error.attempts) ?? usual.status }
    case 'invalid-request':
    case 'content-filter':
    case 'not-found':
      // the caller's own mistake keeps the word that names it
      return error.code === undefined ? usual : { ...usual, code: error.code }
    default:
      return usual
  }
}

function agreedStatus(attempts: readonly AttemptRecord[]): number | undefined {
  const status = attempts[0]?.status
  if (status === undefined || status < 400 || status === 401 || status === 403) return undefined
  return attempts.every(attempt => attempt.status === status) ? status : undefined
}

function encodeAttempt(attempt: AttemptRecord): JsonObject {
  return {
    target: attempt.target,
    kind: attempt.kind,
    ...(attempt.status !== undefined && { status: attempt.status }),
    message: attempt.message,
  }
}
