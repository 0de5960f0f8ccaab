import type { ErrorWording } from '../error-shapes.ts'

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
export function statusWording(status: number): ErrorWording {
  const [type, code, message] = words[status] ?? ['server_error', null, `Status ${status}.`]
  return { message, type, code, param: null }
}

/** What OpenAI says to a key that is missing or wrong. */
export function keyRefusal(credential: string | undefined): ErrorWording {
  return {
    message:
      credential === undefined || credential === ''
        ? "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
        : `Incorrect API key provided: ${credential.slice(0, 6)}****. You can find your API key at https://platform.openai.com/account/api-keys.`,
    type: 'invalid_request_error',
    param: null,
    code: credential === undefined || credential === '' ? null : 'invalid_api_key',
  }
}
