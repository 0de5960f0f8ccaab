import type { ErrorWording, FaultKind } from '../error-wording.ts'
import type { IntakeProblem } from '../simulated-api.ts'

const types = 'type.googleapis.com/google.rpc.'

const words: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  401: ['UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  402: ['FAILED_PRECONDITION', 'Please enable billing on your project.'],
  403: ['PERMISSION_DENIED', 'Your API key does not have permission to access this resource.'],
  404: ['NOT_FOUND', 'models/gemini-nope is not found for API version v1, or is not supported for generateContent.'],
  408: ['DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'],
  409: ['ABORTED', 'The operation was aborted.'],
  413: ['INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'],
  429: ['RESOURCE_EXHAUSTED', 'Resource exhausted. Please try again later.'],
  498: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  500: ['INTERNAL', 'An internal error has occurred.'],
  503: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  504: ['DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'],
  529: ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
}

/** What Gemini, or the servers before it, say with a status. */
export function errorOfStatus(status: number): ErrorWording {
  const usual = status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE'
  const [type, message] = words[status] ?? [usual, `Status ${status}.`]
  return { status, type, message }
}

const quotaMessage = 'You exceeded your current quota, please check your plan and billing details.'

const kinds: Readonly<Record<FaultKind, Partial<ErrorWording> & { readonly status: number }>> = {
  authentication: keyRefusal('wrong'),
  permission: { status: 403 },
  'not-found': { status: 404 },
  'invalid-request': { status: 400 },
  'context-length': {
    status: 400,
    message: 'The input token count (1048600) exceeds the maximum number of tokens allowed (1048576).',
  },
  'content-filter': { status: 400, message: 'The request was blocked because of prohibited content.' },
  'rate-limit': {
    status: 429,
    message: quotaMessage,
    details: quotaFailure('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', 10),
  },
  quota: {
    status: 429,
    message: quotaMessage,
    details: quotaFailure('GenerateRequestsPerDayPerProjectPerModel-FreeTier', 250),
  },
  overloaded: { status: 503 },
  unavailable: { status: 500 },
  timeout: { status: 504 },
}

/** What Gemini says of a kind of error. */
export function errorOfKind(kind: FaultKind): ErrorWording {
  const special = kinds[kind]
  return { ...errorOfStatus(special.status), ...special }
}

/** What was used up, as an error's details tell it. */
export function quotaFailure(quotaId: string, quotaValue: number): readonly object[] {
  const quotaMetric = 'generativelanguage.googleapis.com/generate_content_free_tier_requests'
  return [{ '@type': `${types}QuotaFailure`, violations: [{ quotaMetric, quotaId, quotaValue: String(quotaValue) }] }]
}

/** What Gemini says before it looks at what a request asks. */
export function errorOfIntake({ type, status, message }: IntakeProblem): ErrorWording {
  const said = type === 'no-json' ? `Invalid JSON payload received. ${message}` : message
  return { ...errorOfStatus(status), message: said }
}

/** What Gemini says to a key that is missing or wrong. */
export function keyRefusal(credential = ''): ErrorWording {
  if (credential === '') {
    const message =
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."
    return { status: 403, type: 'PERMISSION_DENIED', message }
  }
  const message = 'API key not valid. Please pass a valid API key.'
  return { status: 400, type: 'INVALID_ARGUMENT', message, code: 'API_KEY_INVALID' }
}

/** A `google.rpc.Status`, in whose details the time to wait is. */
export function errorBody({ status, message, type, code, details, retryAfter }: ErrorWording): string {
  const metadata = { service: 'generativelanguage.googleapis.com' }
  const all = [
    ...(code ? [{ '@type': `${types}ErrorInfo`, reason: code, domain: 'googleapis.com', metadata }] : []),
    ...(Array.isArray(details) ? details : []),
    ...(retryAfter === undefined ? [] : [{ '@type': `${types}RetryInfo`, retryDelay: spelledDelay(retryAfter) }]),
  ]
  return JSON.stringify({ error: { code: status, message, status: type, ...(all.length > 0 && { details: all }) } })
}

function spelledDelay(retryAfter: number | string): string {
  return typeof retryAfter === 'number' ? `${retryAfter}s` : retryAfter
}
