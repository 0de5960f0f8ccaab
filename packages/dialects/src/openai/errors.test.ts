import { type AttemptRecord, type ErrorKind, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeError, decodeErrorEvent, encodeError } from './errors.ts'

const context = { provider: 'acme', model: 'tiny', secrets: ['s3cret-value'] }
const reply = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  decodeError(
    { status, headers: new Headers(headers), body: typeof body === 'string' ? body : JSON.stringify(body) },
    context,
  )
const error = (message: string, type?: string, code?: string | number) => ({
  error: { message, type, code, param: null },
})

test('an error of a call about no model names the provider alone', () => {
  const asked = { provider: 'acme' }
  const refusal = { status: 401, headers: new Headers(), body: '{"error":{"message":"Incorrect API key"}}' }
  for (const failure of [decodeError(refusal, asked), decodeErrorEvent({ error: 'Incorrect API key' }, asked)]) {
    expect(failure).toMatchObject({ kind: 'authentication', message: 'acme: Incorrect API key', provider: 'acme' })
    expect('model' in failure).toBe(false)
  }
})

describe('decodeError', () => {
  test.each<[number, unknown, ErrorKind]>([
    [400, error('no', 'invalid_request_error'), 'invalid-request'],
    [400, error('too much', 'invalid_request_error', 'context_length_exceeded'), 'context-length'],
    [400, error("This model's maximum context length is 5 tokens.", 'BadRequestError', 400), 'context-length'],
    [400, error('prompt is too long: 5 > 4'), 'context-length'],
    [400, error('Unknown setting', 'invalid_request_error', 'unsupported_parameter'), 'unsupported'],
    [400, error('Tools with effort are not supported for tiny here.', 'invalid_request_error'), 'unsupported'],
    [400, error('tiny does not support images'), 'unsupported'],
    [400, error('no', 'invalid_request_error', 'content_filter'), 'content-filter'],
    [400, error('no', 'image_generation_user_error', 'content_policy_violation'), 'content-filter'],
    [400, error('The response was filtered by the content management policy.'), 'content-filter'],
    [400, error('gone', 'invalid_request_error', 'model_decommissioned'), 'not-found'],
    [
      400,
      { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***.' },
      'authentication',
    ],
    [
      400,
      {
        code: 'Client specified an invalid argument',
        error: "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
      },
      'context-length',
    ],
    [401, error('no', 'invalid_request_error', 'invalid_api_key'), 'authentication'],
    [401, '', 'authentication'],
    [402, error('pay'), 'quota'],
    [403, error('not here', 'request_forbidden', 'unsupported_country_region_territory'), 'permission'],
    [403, error('forbidden'), 'permission'],
    [403, { code: 'denied', error: 'Your team has used all available credits.' }, 'quota'],
    [403, { code: 'denied', error: 'Content violates usage guidelines.' }, 'content-filter'],
    [404, { error: "model 'nope' not found" }, 'not-found'],
    [405, '', 'unsupported'],
    [408, '', 'timeout'],
    [409, error('conflict'), 'unavailable'],
    [410, '', 'not-found'],
    [
      413,
      error('Request too large for tiny on tokens per minute (TPM): Limit 8000, Requested 12000.'),
      'context-length',
    ],
    [
      429,
      error(
        'Request too large for tiny on tokens per min (TPM): Limit 8, Requested 12.',
        'tokens',
        'rate_limit_exceeded',
      ),
      'context-length',
    ],
    [
      413,
      '<html><title>Error</title>Request too large for tiny on tokens per minute (TPM): Limit 8, Requested 12.</html>',
      'context-length',
    ],
    [413, error('Too many tokens per minute (TPM)', 'tokens'), 'rate-limit'],
    [
      429,
      error(
        'Rate limit reached on tokens per min (TPM): Limit 8, Used 7, Requested 2.',
        'tokens',
        'rate_limit_exceeded',
      ),
      'rate-limit',
    ],
    [400, error('Failed to call a function.', 'invalid_request_error', 'tool_use_failed'), 'protocol'],
    [400, error('Failed to validate JSON.', 'invalid_request_error', 'json_validate_failed'), 'protocol'],
    [413, '<html>Request Entity Too Large</html>', 'invalid-request'],
    [418, '', 'invalid-request'],
    [422, { detail: [{ loc: ['body', 'messages'], msg: 'field required' }] }, 'invalid-request'],
    [429, error('slow', 'tokens', 'rate_limit_exceeded'), 'rate-limit'],
    [429, error('slow'), 'rate-limit'],
    [429, error('slow', 'api_error'), 'rate-limit'],
    [500, error('oops', 'api_error'), 'unavailable'],
    [429, error('no money', 'insufficient_quota', 'insufficient_quota'), 'quota'],
    [429, error('You exceeded your current quota'), 'quota'],
    [498, error('busy', 'capacity_exceeded', 'capacity_exceeded'), 'overloaded'],
    [498, '', 'overloaded'],
    [499, '', 'unavailable'],
    [500, error('oops', 'server_error'), 'unavailable'],
    [501, '', 'unsupported'],
    [502, '<html><head><style>b{}</style></head><body>Bad <b>Gateway</b></body></html>', 'unavailable'],
    [503, error('full', 'service_unavailable_error', 'server_is_overloaded'), 'overloaded'],
    [503, error('The model is at capacity.', 'service_unavailable', '503'), 'overloaded'],
    [503, error('slow', undefined, 'rate_limit_exceeded'), 'unavailable'],
    [503, error('tiny is currently over capacity.', 'internal_server_error'), 'overloaded'],
    [503, '', 'unavailable'],
    [504, '', 'unavailable'],
    [529, '', 'overloaded'],
    [302, '', 'protocol'],
  ])('%i %j is told as %s', (status, body, kind) => {
    expect(reply(status, body)).toMatchObject({ kind, status, provider: 'acme', model: 'tiny' })
  })

  test.each<[unknown, string]>([
    [error('s3cret-value and sk-abcdef123456 are wrong'), 'acme/tiny: [redacted] and [redacted] are wrong'],
    ['<html><style>x</style><body><h1>Bad</h1> Gateway</body></html>', 'acme/tiny: Bad Gateway'],
    ['upstream timed out', 'acme/tiny: upstream timed out'],
    ['', 'acme/tiny: answered 500 and said nothing'],
    [{}, 'acme/tiny: answered 500 and said nothing'],
    ['[]', 'acme/tiny: answered 500 and said nothing'],
    ['""', 'acme/tiny: answered 500 and said nothing'],
    ['5', 'acme/tiny: answered 500 and said nothing'],
    [[error('first')], 'acme/tiny: first'],
    [{ detail: 'Not Found' }, 'acme/tiny: Not Found'],
    [{ detail: { message: 'deep' } }, 'acme/tiny: deep'],
    [{ detail: [] }, 'acme/tiny: answered 500 and said nothing'],
    [{ detail: [{ loc: ['body', 'messages', 0], msg: 'bad' }, { loc: 'x' }] }, 'acme/tiny: messages.0: bad; invalid'],
    [{ error: { message: { reason: 'odd' } } }, 'acme/tiny: {"reason":"odd"}'],
    [{ error: { code: 'only_code' } }, 'acme/tiny: only_code'],
    [{ message: 'flat' }, 'acme/tiny: flat'],
  ])('%j reads as %s', (body, message) => {
    expect(reply(500, body).message).toBe(message)
  })

  test('shortens what is long', () => {
    expect(reply(500, 'x'.repeat(5000)).message.length).toBeLessThan(1100)
  })

  test('carries code, param, request id and when to come back', () => {
    const headers = { 'x-request-id': 'req_9', 'retry-after': '7', 'retry-after-ms': '6570' }
    const body = { error: { message: 'slow', type: 'tokens', code: 'rate_limit_exceeded', param: 'messages' } }
    expect(reply(429, body, headers)).toMatchObject({
      code: 'rate_limit_exceeded',
      param: 'messages',
      requestId: 'req_9',
      retryAfterMs: 6570,
    })
    expect(
      decodeError({ status: 500, headers: new Headers(), body: '' }, { ...context, requestId: 'own' }).requestId,
    ).toBe('own')
    expect(reply(503, '', { 'retry-after': '2' }).retryAfterMs).toBe(2000)
    expect(reply(422, { detail: [{ loc: ['body', 'n'], msg: 'no' }] }).param).toBe('n')
  })

  test('finds when to come back in the limits and in the words where no header says it', () => {
    const limits = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6.5s' }
    expect(reply(429, error('slow'), limits).retryAfterMs).toBe(6500)
    expect(reply(429, error('Please try again in 1m5.2s.')).retryAfterMs).toBe(65_200)
    expect(reply(429, error('slow')).retryAfterMs).toBeUndefined()
    expect(reply(500, error('try again in 5s')).retryAfterMs).toBeUndefined()
  })

  test('takes words of money for a limit where the server says when to come back', () => {
    expect(reply(429, error('You exceeded your current quota'), { 'retry-after': '5' }).kind).toBe('rate-limit')
  })
})

describe('decodeErrorEvent', () => {
  test.each<[unknown, ErrorKind, number | undefined]>([
    [error('slow, try again in 2s', 'requests', 'rate_limit_exceeded'), 'rate-limit', 2000],
    [error('gone', undefined, 404), 'not-found', undefined],
    [error('no', 'invalid_request_error'), 'invalid-request', undefined],
    [error('Invalid API key', 'api_error'), 'unavailable', undefined],
    [{ error: 'over_capacity' }, 'overloaded', undefined],
    [error('tiny is currently over capacity.', 'internal_server_error'), 'overloaded', undefined],
    [{ error: 'something broke' }, 'unavailable', undefined],
    [{ code: 'Some resource has been exhausted', error: 'Please slow down.' }, 'rate-limit', undefined],
    [{ code: 'Some requested entity was not found', error: 'No such model.' }, 'not-found', undefined],
    [
      { code: 'The caller does not have permission to execute the specified operation', error: 'No credits left.' },
      'quota',
      undefined,
    ],
    [
      { code: 'Client specified an invalid argument', error: 'The maximum prompt length is 8.' },
      'context-length',
      undefined,
    ],
    [{}, 'unavailable', undefined],
  ])('%j is %s', (value, kind, retryAfterMs) => {
    const told = decodeErrorEvent(value, { ...context, requestId: 'r' })
    expect(told).toMatchObject({ kind, requestId: 'r' })
    expect(told.retryAfterMs).toBe(retryAfterMs)
    expect(told.status).toBeUndefined()
  })
})

const attempt = (status: number | undefined, kind: ErrorKind = 'unavailable'): AttemptRecord => ({
  target: 'acme/tiny',
  kind,
  message: 'no',
  ...(status !== undefined && { status }),
})

describe('encodeError', () => {
  test.each<[ErrorKind, number]>([
    ['aborted', 499],
    ['timeout', 504],
    ['rate-limit', 429],
    ['quota', 429],
    ['overloaded', 503],
    ['unavailable', 502],
    ['network', 502],
    ['truncated', 502],
    ['protocol', 502],
    ['authentication', 401],
    ['permission', 403],
    ['not-found', 404],
    ['invalid-request', 400],
    ['context-length', 400],
    ['content-filter', 400],
    ['unsupported', 400],
    ['circuit-open', 503],
    ['budget-exceeded', 402],
    ['exhausted', 502],
  ])('%s answers %i', (kind, status) => {
    const encoded = encodeError(new SwitchyardError(kind, 'why', { param: 'n' }))
    expect(encoded.status).toBe(status)
    expect(encoded.body).toMatchObject({ error: { message: 'why', param: 'n', type: expect.any(String) } })
    expect(encoded.headers).toEqual({})
  })

  test.each<ErrorKind>([
    'rate-limit',
    'quota',
    'overloaded',
    'unavailable',
    'authentication',
    'permission',
    'not-found',
    'invalid-request',
    'context-length',
    'content-filter',
    'unsupported',
    'timeout',
    'circuit-open',
    'budget-exceeded',
  ])('%s is read back as itself', kind => {
    const { status, headers, body } = encodeError(new SwitchyardError(kind, 'why', { retryAfterMs: 1500 }))
    expect(reply(status, body, headers)).toMatchObject({ kind, retryAfterMs: 2000 })
  })

  test.each(['authentication', 'permission'] as const)(
    'a provider that refuses us (%s) is not the caller’s fault',
    kind => {
      const { status, body } = encodeError(new SwitchyardError(kind, 'why', { provider: 'acme' }))
      expect(status).toBe(502)
      expect(body).toMatchObject({ error: { code: `upstream_${kind}` } })
    },
  )

  test('keeps the word that names the caller’s mistake', () => {
    const { body } = encodeError(new SwitchyardError('invalid-request', 'why', { code: 'image_too_large' }))
    expect(body).toMatchObject({ error: { code: 'image_too_large' } })
  })

  test('lists the attempts, and answers the status that all of them had', () => {
    const attempts = [attempt(503), attempt(503)]
    const { status, body } = encodeError(new SwitchyardError('exhausted', 'why', { attempts }))
    expect(status).toBe(503)
    expect(body).toMatchObject({
      error: { attempts: [{ target: 'acme/tiny', kind: 'unavailable', status: 503, message: 'no' }, {}] },
    })
  })

  test.each([
    [[attempt(503), attempt(429)]],
    [[attempt(503), attempt(undefined)]],
    [[attempt(undefined)]],
    [[attempt(401, 'authentication')]],
    [[attempt(403, 'permission')]],
    [[]],
  ])('answers 502 where the attempts do not agree, or blame our key: %j', attempts => {
    expect(encodeError(new SwitchyardError('exhausted', 'why', { attempts })).status).toBe(502)
  })

  test('says when to come back, in whole seconds', () => {
    expect(encodeError(new SwitchyardError('rate-limit', 'why', { retryAfterMs: 1001 })).headers).toEqual({
      'retry-after': '2',
    })
    expect(encodeError(new SwitchyardError('rate-limit', 'why', { retryAfterMs: 0 })).headers).toEqual({})
  })
})

test('the wait that a message tells comes before the time in which a whole limit is free again', () => {
  const error = { message: 'Please try again in 6.57s.', code: 'rate_limit_exceeded' }
  const fields: Record<string, string> = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '50.5s' }
  const headers = { get: (name: string) => fields[name] }
  const context = { provider: 'p', model: 'm', secrets: [] }
  expect(decodeErrorEvent({ error }, context, headers).retryAfterMs).toBe(6570)
  expect(decodeError({ status: 429, headers, body: JSON.stringify({ error }) }, context).retryAfterMs).toBe(6570)
})
