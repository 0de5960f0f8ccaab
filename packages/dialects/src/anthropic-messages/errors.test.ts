import { type ErrorKind, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeError, decodeErrorEvent } from './decode-error.ts'
import { encodeError } from './encode-error.ts'
import { rateLimits } from './rate-limits.ts'

const context = { provider: 'anthropic', model: 'claude', secrets: ['hidden-word'] }
const headers = (fields: Record<string, string> = {}) => new Headers(fields)
const body = (type: string, message: string, details?: object) =>
  JSON.stringify({ type: 'error', error: { type, message, ...(details && { details }) }, request_id: 'req_b' })
const decode = (status: number, text: string, fields: Record<string, string> = {}) =>
  decodeError({ status, headers: headers(fields), body: text }, context)

describe('an error of the server', () => {
  test.each<[number, string, string, object | undefined, ErrorKind]>([
    [401, 'authentication_error', 'invalid x-api-key', undefined, 'authentication'],
    [402, 'billing_error', 'There is an issue with your billing.', undefined, 'quota'],
    [402, 'billing_error', 'x', { error_code: 'linked_organization_spend_limit_reached' }, 'quota'],
    [403, 'permission_error', 'Your API key may not use this.', undefined, 'permission'],
    [404, 'not_found_error', 'model: claude-nope', undefined, 'not-found'],
    [400, 'invalid_request_error', 'prompt is too long: 1000245 tokens > 1000000 maximum', undefined, 'context-length'],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 5 + 6 > 7',
      undefined,
      'context-length',
    ],
    [400, 'invalid_request_error', 'temperature: Extra inputs are not permitted', undefined, 'unsupported'],
    [400, 'invalid_request_error', "tool_choice type 'any' is not supported on this model.", undefined, 'unsupported'],
    [400, 'invalid_request_error', 'You have reached your specified API usage limits.', undefined, 'quota'],
    [400, 'invalid_request_error', 'Your credit balance is too low.', undefined, 'quota'],
    [400, 'invalid_request_error', 'Output blocked by content filtering policy', undefined, 'content-filter'],
    [400, 'invalid_request_error', 'messages.0.content: Field required', undefined, 'invalid-request'],
    [400, 'invalid_request_error', 'On hold.', { error_code: 'organization_on_hold' }, 'authentication'],
    [413, 'request_too_large', 'Request exceeds the maximum size', undefined, 'context-length'],
    [429, 'rate_limit_error', 'This would exceed your rate limit.', undefined, 'rate-limit'],
    [429, 'rate_limit_error', 'Over the tier.', { error_code: 'enforced_spend_limit_reached' }, 'quota'],
    [429, 'rate_limit_error', 'Over the contract.', { error_code: 'contract_spend_limit_reached' }, 'quota'],
    [429, 'rate_limit_error', 'Too fast.', { error_code: 'ramp_limit_exceeded' }, 'rate-limit'],
    [500, 'api_error', 'Internal server error', undefined, 'unavailable'],
    [503, 'api_error', 'x', { error_code: 'cmek_key_unreachable' }, 'unavailable'],
    [504, 'timeout_error', 'Request timed out.', undefined, 'timeout'],
    [529, 'overloaded_error', 'Overloaded', undefined, 'overloaded'],
  ])('with %i %s (%s) is understood', (status, type, message, details, kind) => {
    const error = decode(status, body(type, message, details))
    expect(error).toMatchObject({
      kind,
      status,
      provider: 'anthropic',
      model: 'claude',
      message: `anthropic/claude: ${message}`,
    })
    expect(error.code).toBe(details === undefined ? type : Object.values(details)[0])
    expect(error.requestId).toBe('req_b')
  })

  test('that is none of its own is understood by its status', () => {
    expect(decode(502, '<html><body>Bad gateway</body></html>')).toMatchObject({
      kind: 'unavailable',
      message: 'anthropic/claude: Bad gateway',
    })
    expect(decode(529, '')).toMatchObject({ kind: 'overloaded' })
    expect(decode(401, '{"error":"no key"}')).toMatchObject({ kind: 'authentication' })
    expect(decode(400, '5')).toMatchObject({ kind: 'invalid-request' })
  })

  test('names the field that is at fault', () => {
    const param = (message: string) => decode(400, body('invalid_request_error', message)).param
    expect(param('messages.0.content: Field required')).toBe('messages.0.content')
    expect(param('temperature: Extra inputs are not permitted')).toBe('temperature')
    expect(param('prompt is too long: 5 tokens > 4 maximum')).toBeUndefined()
    expect(decode(404, body('not_found_error', 'model: claude-nope')).param).toBeUndefined()
  })

  test('has the id of its request from the header, else from the body', () => {
    expect(decode(500, body('api_error', 'x'), { 'request-id': 'req_h' }).requestId).toBe('req_h')
    expect(decode(500, 'x').requestId).toBeUndefined()
  })

  test('says when to come back', () => {
    const busy = body('rate_limit_error', 'x')
    const spent = {
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-20T12:00:30Z',
    }
    const date = { date: 'Fri, 20 Nov 2026 12:00:00 GMT' }
    expect(decode(429, busy, { 'retry-after': '12' }).retryAfterMs).toBe(12_000)
    expect(decode(429, busy, { ...spent, ...date }).retryAfterMs).toBe(30_000)
    expect(decode(429, busy, { ...spent, ...date, 'retry-after': '3' }).retryAfterMs).toBe(3000)
    expect(
      decode(429, busy, { ...spent, 'anthropic-ratelimit-input-tokens-remaining': '4', ...date }).retryAfterMs,
    ).toBeUndefined()
    const sooner = {
      'anthropic-ratelimit-output-tokens-remaining': '0',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-20T12:00:10Z',
    }
    expect(decode(429, busy, { ...spent, ...sooner, ...date }).retryAfterMs).toBe(30_000)
    expect(decode(429, busy, spent).retryAfterMs).toBeUndefined()
    expect(decode(500, body('api_error', 'x'), { ...spent, ...date }).retryAfterMs).toBeUndefined()
    expect(decode(529, body('overloaded_error', 'x'), { 'retry-after': '1' }).retryAfterMs).toBe(1000)
  })

  test('tells no secret', () => {
    expect(decode(401, body('authentication_error', 'the key hidden-word is wrong')).message).not.toContain(
      'hidden-word',
    )
  })

  test('in an answer has the words alone', () => {
    const event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_e' }
    expect(decodeErrorEvent(event, context)).toMatchObject({ kind: 'overloaded', requestId: 'req_e' })
    expect(decodeErrorEvent(event, { ...context, requestId: 'req_h' }).requestId).toBe('req_h')
    expect(decodeErrorEvent({ error: 'odd' }, context)).toMatchObject({ kind: 'unavailable' })
  })
})

describe('the limits of an account', () => {
  test('are read of the headers that are there', () => {
    const told = {
      'anthropic-ratelimit-requests-limit': '1000',
      'anthropic-ratelimit-requests-remaining': '999',
      'anthropic-ratelimit-requests-reset': '2026-11-20T12:00:01Z',
      'anthropic-ratelimit-output-tokens-remaining': '5',
      'anthropic-ratelimit-tokens-limit': 'many',
    }
    const now = Date.parse('2026-11-20T12:00:00Z')
    expect(rateLimits(headers(told), now)).toEqual({
      requests: { limit: 1000, remaining: 999, resetMs: 1000, windowMs: 60_000 },
      outputTokens: { remaining: 5, windowMs: 60_000 },
    })
    expect(rateLimits(headers(told), now + 5000).requests?.resetMs).toBe(0)
  })
})

describe('an error for a client', () => {
  const encode = (kind: ErrorKind, message = 'x', details: object = {}) =>
    encodeError(new SwitchyardError(kind, message, details))

  test.each<[ErrorKind, number, string]>([
    ['aborted', 499, 'api_error'],
    ['timeout', 504, 'timeout_error'],
    ['rate-limit', 429, 'rate_limit_error'],
    ['quota', 402, 'billing_error'],
    ['budget-exceeded', 402, 'billing_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['circuit-open', 503, 'overloaded_error'],
    ['unavailable', 502, 'api_error'],
    ['authentication', 401, 'authentication_error'],
    ['permission', 403, 'permission_error'],
    ['not-found', 404, 'not_found_error'],
    ['invalid-request', 400, 'invalid_request_error'],
    ['unsupported', 400, 'invalid_request_error'],
    ['exhausted', 502, 'api_error'],
  ])('of kind %s has status %i and is a %s', (kind, status, type) => {
    const { status: told, body: wire } = encode(kind)
    expect(told).toBe(status)
    expect(wire).toEqual({
      type: 'error',
      error: { type, message: 'x', details: { error_code: kind.replaceAll('-', '_') } },
      request_id: null,
    })
  })

  test('whose prompt is too long says so in the words that clients look for', () => {
    expect(encode('context-length', '9 tokens').body.error).toMatchObject({ message: 'prompt is too long: 9 tokens' })
    expect(encode('context-length', 'The prompt is too long.').body.error).toMatchObject({
      message: 'The prompt is too long.',
    })
  })

  test('that is of our own key is not theirs', () => {
    expect(encode('authentication', 'x', { provider: 'p' })).toMatchObject({
      status: 502,
      body: { error: { type: 'api_error', details: { error_code: 'upstream_authentication' } } },
    })
  })

  test('keeps the code of their own mistake, says when to come back, and what was tried', () => {
    const attempts = [{ target: 'p/m', kind: 'overloaded', status: 529, message: 'Busy' }] as const
    expect(encode('invalid-request', 'x', { code: 'empty_array' }).body.error).toMatchObject({
      details: { error_code: 'empty_array' },
    })
    expect(encode('exhausted', 'x', { attempts, retryAfterMs: 1500, requestId: 'r' })).toMatchObject({
      status: 529,
      headers: { 'retry-after': '2' },
      body: { error: { type: 'overloaded_error', details: { attempts } }, request_id: 'r' },
    })
    expect(encode('exhausted', 'x', { attempts: [{ ...attempts[0], status: 418 }] }).body.error).toMatchObject({
      type: 'api_error',
    })
  })

  test('is read as what it was', () => {
    for (const kind of ['rate-limit', 'quota', 'overloaded', 'timeout', 'not-found', 'context-length'] as const) {
      const { status, body: wire } = encode(kind)
      expect(decode(status, JSON.stringify(wire)).kind).toBe(kind)
    }
  })
})
