import type { ErrorWording, FaultKind } from '../error-wording.ts'
import type { IntakeProblem } from '../simulated-api.ts'

const words: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'The request is not valid.'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'There is an issue with your billing or payment information.'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'Not found'],
  408: ['timeout_error', 'Request timed out.'],
  413: ['request_too_large', 'Request exceeds the maximum size'],
  429: [
    'rate_limit_error',
    'This request would exceed the rate limit for your organization of 50 requests per minute.',
  ],
  500: ['api_error', 'Internal server error'],
  504: ['timeout_error', 'Request timed out.'],
  529: ['overloaded_error', 'Overloaded'],
}

/** What Anthropic says with a status. */
export function errorOfStatus(status: number): ErrorWording {
  const usual = status < 500 ? 'invalid_request_error' : 'api_error'
  const [type, message] = words[status] ?? [usual, `Status ${status}.`]
  return { status, type, message, ...(status === 529 && { headers: { 'x-should-retry': 'true' } }) }
}

const kinds: Readonly<Record<FaultKind, readonly [status: number, message?: string]>> = {
  authentication: [401],
  permission: [403],
  'not-found': [404, 'model: claude-nope'],
  'invalid-request': [400],
  'context-length': [400, 'prompt is too long: 200245 tokens > 200000 maximum'],
  'content-filter': [400, 'Output blocked by content filtering policy'],
  'rate-limit': [429],
  quota: [402],
  overloaded: [529],
  unavailable: [500],
  timeout: [504],
}

/** What Anthropic says of a kind of error. */
export function errorOfKind(kind: FaultKind): ErrorWording {
  const [status, message] = kinds[kind]
  const usual = errorOfStatus(status)
  return { ...usual, message: message ?? usual.message }
}

/** What Anthropic says before it looks at what a request asks. */
export function errorOfIntake({ type, status, message }: IntakeProblem): ErrorWording {
  const usual = errorOfStatus(status)
  const said = type === 'unknown-path' || type === 'too-large' ? usual.message : message
  return { ...usual, message: said }
}

/** What Anthropic says to a key that is missing or wrong. */
export function keyRefusal(credential = ''): ErrorWording {
  const message = credential === '' ? 'x-api-key header is required' : 'invalid x-api-key'
  return { status: 401, type: 'authentication_error', message }
}

export function errorBody({ type, message, code, details }: ErrorWording, requestId: string): string {
  const further = details ?? (code ? { error_code: code } : undefined)
  const error = { type, message, ...(further !== undefined && { details: further }) }
  return JSON.stringify({ type: 'error', error, request_id: requestId })
}
