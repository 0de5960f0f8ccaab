import { type ErrorKind, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeError, decodeErrorEvent } from './decode-error.ts'
import { encodeError } from './encode-error.ts'

const context = { provider: 'gemini', model: 'm', secrets: ['my-secret-key'] }
const type = (name: string) => `type.googleapis.com/google.rpc.${name}`

function decode(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return decodeError({ status, headers: new Headers(headers), body: text }, context)
}
const rpc = (code: number, status: string, message = 'No.', details?: object[]) => ({
  error: { code, message, status, ...(details && { details }) },
})

describe('the kind of an error', () => {
  test('is told by its status', () => {
    const cases: [number, string, ErrorKind][] = [
      [400, 'INVALID_ARGUMENT', 'invalid-request'],
      [400, 'OUT_OF_RANGE', 'invalid-request'],
      [401, 'UNAUTHENTICATED', 'authentication'],
      [403, 'PERMISSION_DENIED', 'permission'],
      [404, 'NOT_FOUND', 'not-found'],
      [409, 'ABORTED', 'unavailable'],
      [429, 'RESOURCE_EXHAUSTED', 'rate-limit'],
      [499, 'CANCELLED', 'unavailable'],
      [500, 'INTERNAL', 'unavailable'],
      [501, 'UNIMPLEMENTED', 'unsupported'],
      [503, 'UNAVAILABLE', 'unavailable'],
      [504, 'DEADLINE_EXCEEDED', 'timeout'],
      // a word that nobody knows leaves it to the HTTP status
      [403, 'SOMETHING_NEW', 'permission'],
    ]
    for (const [code, status, kind] of cases)
      expect(decode(code, rpc(code, status)), status).toMatchObject({ kind, status: code, code: status })
  })

  test('is told by its reason: a bad key comes with 400', () => {
    const details = [{ '@type': type('ErrorInfo'), reason: 'API_KEY_INVALID', domain: 'googleapis.com' }]
    const error = decode(400, rpc(400, 'INVALID_ARGUMENT', 'API key not valid. my-secret-key', details))
    expect(error).toMatchObject({ kind: 'authentication', code: 'API_KEY_INVALID', provider: 'gemini', model: 'm' })
    expect(error.message).toBe('gemini/m: API key not valid. [redacted]')
  })

  test('is told by its words where the status says little', () => {
    const cases: [string, string, ErrorKind][] = [
      ['INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', 'authentication'],
      [
        'INVALID_ARGUMENT',
        'The input token count (1048600) exceeds the maximum number of tokens allowed (1048576).',
        'context-length',
      ],
      ['FAILED_PRECONDITION', 'User location is not supported for the API use.', 'permission'],
      ['FAILED_PRECONDITION', 'Please enable billing on your project.', 'quota'],
      ['INVALID_ARGUMENT', 'The request was blocked for safety reasons.', 'content-filter'],
      ['INVALID_ARGUMENT', 'Thinking level is not supported for this model.', 'unsupported'],
      ['INVALID_ARGUMENT', 'Function call is missing a thought_signature in functionCall parts.', 'invalid-request'],
      ['UNAVAILABLE', 'The model is overloaded. Please try again later.', 'overloaded'],
      ['UNAVAILABLE', 'This model is currently experiencing high demand.', 'overloaded'],
      ['RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.', 'quota'],
    ]
    for (const [status, message, kind] of cases)
      expect(decode(400, rpc(400, status, message)), message).toMatchObject({ kind })
  })

  test('of what is used up depends on which quota it was', () => {
    const message = 'You exceeded your current quota, please check your plan and billing details.'
    const quota = (quotaId: string) => ({ '@type': type('QuotaFailure'), violations: [{ quotaId }, {}] })
    const wait = { '@type': type('RetryInfo'), retryDelay: '34.5s' }
    const kind = (...details: object[]) => decode(429, rpc(429, 'RESOURCE_EXHAUSTED', message, details))
    expect(kind(quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'), wait)).toMatchObject({
      kind: 'rate-limit',
      retryAfterMs: 34_500,
    })
    expect(kind(quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'), wait)).toMatchObject({ kind: 'quota' })
    expect(kind(wait)).toMatchObject({ kind: 'rate-limit' })
    expect(kind()).toMatchObject({ kind: 'quota' })
  })
})

test('how long to wait is in the details, in the words or in a header', () => {
  const exhausted = (message: string, headers = {}) => decode(429, rpc(429, 'RESOURCE_EXHAUSTED', message), headers)
  expect(exhausted('Please retry in 7.5s.').retryAfterMs).toBe(7500)
  expect(exhausted('No.', { 'retry-after': '3' }).retryAfterMs).toBe(3000)
  expect(exhausted('No.').retryAfterMs).toBeUndefined()
  const odd = [{ '@type': type('RetryInfo'), retryDelay: 'soon' }]
  expect(decode(429, rpc(429, 'RESOURCE_EXHAUSTED', 'No.', odd)).retryAfterMs).toBeUndefined()
})

test('the field at fault and the id of the request are told', () => {
  const details = [
    { '@type': type('BadRequest'), fieldViolations: [{ field: 'contents[0].role', description: 'No.' }] },
  ]
  expect(decode(400, rpc(400, 'INVALID_ARGUMENT', 'No.', details), { 'x-request-id': 'r1' })).toMatchObject({
    param: 'contents[0].role',
    requestId: 'r1',
  })
})

test('bodies of servers in between are understood, whatever their shape', () => {
  const cases: [number, unknown, ErrorKind][] = [
    [503, { error: 'down for a while' }, 'unavailable'],
    [429, '', 'rate-limit'],
    [502, '<html><body>Bad gateway</body></html>', 'unavailable'],
    [400, '{"error": {"mess', 'invalid-request'],
    [400, { error: { message: 'No.', code: 'context_length_exceeded' } }, 'context-length'],
    [404, [], 'not-found'],
    [500, { error: { code: 500 } }, 'unavailable'],
    [500, { error: { code: 500, status: '', message: '' } }, 'unavailable'],
  ]
  for (const [status, body, kind] of cases)
    expect(decode(status, body), JSON.stringify(body)).toMatchObject({ kind, status })
})

test('an error within an answer has its code for a status', () => {
  expect(decodeErrorEvent(rpc(429, 'SOMETHING_NEW'), context)).toMatchObject({
    kind: 'rate-limit',
    code: 'SOMETHING_NEW',
  })
  expect(decodeErrorEvent([rpc(500, 'INTERNAL')], context)).toMatchObject({ kind: 'unavailable' })
  expect(decodeErrorEvent({ error: 'over_capacity' }, context)).toMatchObject({ kind: 'overloaded' })
})

describe('an error of ours', () => {
  test('is one of this wire, with what is known of its cure', () => {
    const error = new SwitchyardError('rate-limit', 'Slow down.', { retryAfterMs: 1500, param: 'model' })
    expect(encodeError(error)).toEqual({
      status: 429,
      headers: { 'retry-after': '2' },
      body: {
        error: {
          code: 429,
          message: 'Slow down.',
          status: 'RESOURCE_EXHAUSTED',
          details: [
            { '@type': type('ErrorInfo'), reason: 'RATE_LIMIT_EXCEEDED', domain: 'switchyard' },
            { '@type': type('BadRequest'), fieldViolations: [{ field: 'model' }] },
            { '@type': type('RetryInfo'), retryDelay: '1.5s' },
          ],
        },
      },
    })
  })

  test('tells what was tried', () => {
    const attempts = [
      { target: 'p/m', kind: 'overloaded', message: 'Busy.', status: 503 },
      { target: 'q/n', kind: 'network', message: 'Gone.' },
    ] as const
    const { body } = encodeError(new SwitchyardError('exhausted', 'Nothing is left.', { attempts }))
    expect(body.error).toMatchObject({ code: 503, details: [{ attempts }] })
  })

  test("about our own key is not the caller's fault", () => {
    const error = new SwitchyardError('authentication', 'No.', { provider: 'p' })
    expect(encodeError(error)).toMatchObject({ status: 500, body: { error: { status: 'INTERNAL' } } })
    expect(encodeError(new SwitchyardError('authentication', 'No.'))).toMatchObject({ status: 400 })
  })

  test('comes back as the same kind', () => {
    for (const kind of [
      'rate-limit',
      'quota',
      'overloaded',
      'permission',
      'not-found',
      'timeout',
      'unsupported',
    ] as const) {
      const message = kind === 'overloaded' ? 'The model is overloaded.' : 'No.'
      const { status, headers, body } = encodeError(new SwitchyardError(kind, message))
      expect(decode(status, body, headers), kind).toMatchObject({ kind })
    }
  })
})
