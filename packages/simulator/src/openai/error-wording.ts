import type { ErrorWording, FaultKind } from '../error-wording.ts'
import type { IntakeProblem } from '../simulated-api.ts'

const words: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> = {
  400: ['invalid_request_error', null, 'The request is not valid.'],
  401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-sim****.'],
  402: ['billing_error', 'billing_hard_limit_reached', 'Billing hard limit has been reached.'],
  403: ['request_forbidden', 'unsupported_country_region_territory', 'Country, region, or territory not supported'],
  404: ['invalid_request_error', 'model_not_found', 'The model does not exist or you do not have access to it.'],
  408: ['timeout', null, 'The request took too long.'],
  409: ['conflict_error', null, 'The request conflicts with another one.'],
  413: ['invalid_request_error', 'request_too_large', 'The request is too large.'],
  422: ['invalid_request_error', null, 'The request could not be processed.'],
  429: [
    'requests',
    'rate_limit_exceeded',
    'Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1.',
  ],
  498: ['server_error', 'capacity_exceeded', 'The flex tier has no capacity left.'],
  500: ['server_error', null, 'The server had an error while processing your request. Sorry about that!'],
  502: ['server_error', null, 'Bad gateway.'],
  503: [
    'service_unavailable_error',
    'server_is_overloaded',
    'Our servers are currently overloaded. Please try again later.',
  ],
  504: ['server_error', null, 'Gateway timeout.'],
  529: ['overloaded_error', null, 'Overloaded.'],
}

/** What OpenAI, or a server like it, says with a status. */
export function errorOfStatus(status: number): ErrorWording {
  const [type, code, message] = words[status] ?? ['server_error', null, `Status ${status}.`]
  return { status, message, type, code, param: null }
}

const statuses: Readonly<Record<FaultKind, number>> = {
  authentication: 401,
  permission: 403,
  'not-found': 404,
  'invalid-request': 400,
  'context-length': 400,
  'content-filter': 400,
  'rate-limit': 429,
  quota: 429,
  overloaded: 503,
  unavailable: 500,
  timeout: 504,
}

const special: Partial<Readonly<Record<FaultKind, Partial<ErrorWording>>>> = {
  'context-length': {
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages.",
    code: 'context_length_exceeded',
    param: 'messages',
  },
  'content-filter': {
    message: 'Your request was rejected as a result of our safety system.',
    code: 'content_policy_violation',
  },
  quota: {
    message: 'You exceeded your current quota, please check your plan and billing details.',
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  },
}

/** What OpenAI says of a kind of error. */
export function errorOfKind(kind: FaultKind): ErrorWording {
  return { ...errorOfStatus(statuses[kind]), ...special[kind] }
}

const intakeCodes: Partial<Readonly<Record<IntakeProblem['type'], string>>> = {
  'unknown-method': 'method_not_supported',
  'too-large': 'request_too_large',
  'content-type': 'unsupported_content_type',
  'no-simulation': 'invalid_simulation',
}

/** What OpenAI says before it looks at what a request asks. */
export function errorOfIntake({ type, status, message }: IntakeProblem): ErrorWording {
  const param = type === 'no-simulation' ? 'x-simulate' : null
  return { status, message, type: 'invalid_request_error', param, code: intakeCodes[type] ?? null }
}

/** What OpenAI says to a key that is missing or wrong. */
export function keyRefusal(credential = ''): ErrorWording {
  const missing = credential === ''
  return {
    status: 401,
    message: missing
      ? "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
      : `Incorrect API key provided: ${credential.slice(0, 6)}****. You can find your API key at https://platform.openai.com/account/api-keys.`,
    type: 'invalid_request_error',
    param: null,
    code: missing ? null : 'invalid_api_key',
  }
}

export function errorBody({ message, type, param = null, code = null }: ErrorWording): string {
  return JSON.stringify({ error: { message, type, param, code } })
}
