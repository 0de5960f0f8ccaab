import { SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeError, decodeErrorLine } from './decode-error.ts'
import { decodeResponse } from './decode-response.ts'
import { encodeError } from './encode-error.ts'

const context = { provider: 'lab', model: 'qwen3', secrets: ['hidden-word'] }

function decode(status: number, body: string, headers: Record<string, string> = {}): SwitchyardError {
  return decodeError({ status, headers: new Headers(headers), body }, context)
}
const said = (text: string) => JSON.stringify({ error: text })

describe('an error of the server', () => {
  test.each([
    [404, "model 'nope' not found", 'not-found'],
    [400, 'registry.ollama.ai/library/gemma:latest does not support tools', 'unsupported'],
    [400, '"llama3.2" does not support thinking', 'unsupported'],
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'overloaded'],
    [
      500,
      'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error',
      'unavailable',
    ],
    [502, 'upstream error', 'unavailable'],
    [503, 'starting', 'unavailable'],
    [400, 'the input length exceeds the context length', 'context-length'],
    [500, 'request (302 tokens) exceeds the available context size (256 tokens), try increasing it', 'context-length'],
    [500, 'model "gone" not found, try pulling it first', 'unavailable'],
    [400, 'invalid think value: "hard"', 'invalid-request'],
    [401, 'unauthorized', 'authentication'],
    [402, 'payment required', 'quota'],
    [403, 'this is not allowed', 'permission'],
    [405, 'method not allowed', 'unsupported'],
    [408, 'too late', 'timeout'],
    [409, 'conflict', 'unavailable'],
    [410, 'gone', 'not-found'],
    [529, 'overloaded', 'overloaded'],
    [429, 'you have reached your weekly usage limit', 'rate-limit'],
    [499, 'request canceled', 'unavailable'],
    [304, 'not modified', 'protocol'],
  ])('%i %s', (status, text, kind) => {
    expect(decode(status, said(text))).toMatchObject({ kind, status, provider: 'lab', model: 'qwen3' })
    expect(decode(status, said(text)).message).toBe(`lab/qwen3: ${text}`)
  })

  test('may say when to come back, and tells no secret', () => {
    const error = decode(429, said('slow down hidden-word'), { 'retry-after': '7' })
    expect(error).toMatchObject({ kind: 'rate-limit', retryAfterMs: 7000 })
    expect(error.message).toBe('lab/qwen3: slow down [redacted]')
  })

  test.each([
    ['404 page not found', 404, 'lab/qwen3: 404 page not found'],
    ['', 500, 'lab/qwen3: answered 500 and said nothing'],
    ['<html>Bad gateway</html>', 502, 'lab/qwen3: answered 502 and said nothing'],
    ['{"error":{"message":"from a proxy"}}', 500, 'lab/qwen3: from a proxy'],
    ['{"error":{"code":7}}', 500, 'lab/qwen3: {"code":7}'],
    ['{"detail":"other"}', 500, 'lab/qwen3: {"detail":"other"}'],
  ])('may be %j', (body, status, message) => {
    expect(decode(status, body).message).toBe(message)
  })

  test.each([
    ['server busy, please try again.  maximum pending requests exceeded', 'overloaded'],
    ["model 'nope' not found", 'not-found'],
    ['the prompt exceeds the context length', 'context-length'],
    ['an error was encountered while running the model', 'unavailable'],
    ['unauthorized', 'authentication'],
    ['too many requests', 'rate-limit'],
    ['this model requires a subscription', 'quota'],
  ])('within a stream goes by its words: %s', (text, kind) => {
    expect(decodeErrorLine(text, context)).toMatchObject({ kind })
  })

  test('in place of an answer counts, and so does an answer that is none', () => {
    expect(() => decodeResponse({ error: 'server busy' }, context)).toThrow(
      expect.objectContaining({ kind: 'overloaded' }),
    )
    for (const body of [null, [], {}, { message: 'Hi' }])
      expect(() => decodeResponse(body, context)).toThrow(expect.objectContaining({ kind: 'protocol', model: 'qwen3' }))
  })
})

describe('an error for a client', () => {
  test('is a sentence, a status, and when to come back', () => {
    const error = new SwitchyardError('rate-limit', 'Slow down.', { retryAfterMs: 1500 })
    expect(encodeError(error)).toEqual({ status: 429, headers: { 'retry-after': '2' }, body: { error: 'Slow down.' } })
  })

  test('tells what was tried', () => {
    const attempts = [{ target: 'lab/qwen3', kind: 'unavailable', message: 'm', status: 500 }] as const
    const error = new SwitchyardError('exhausted', 'Nothing is left.', { attempts })
    expect(encodeError(error)).toEqual({ status: 500, headers: {}, body: { error: 'Nothing is left.', attempts } })
  })
})
