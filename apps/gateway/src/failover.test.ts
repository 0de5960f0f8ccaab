import type { Fault } from '@switchyard/simulator'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  firstText,
  hello,
  type ProviderType,
  secondText,
  startTwoTargets,
  streamedText,
  type TwoTargets,
  wholeText,
} from './testing/two-targets.ts'

interface Failure {
  readonly name: string
  /** Once, for the first request alone. */
  readonly once?: Fault
  readonly always?: Fault
  readonly answer: string
  /** HTTP attempts for one request, both targets together. */
  readonly attempts: number
}

const survived: readonly Failure[] = [
  {
    name: '429 with Retry-After',
    once: { type: 'status', status: 429, retryAfter: 2 },
    answer: secondText,
    attempts: 2,
  },
  { name: '429 for ever', always: { type: 'status', status: 429 }, answer: secondText, attempts: 3 },
  { name: '500 once', once: { type: 'status', status: 500 }, answer: firstText, attempts: 2 },
  { name: '503 for ever', always: { type: 'status', status: 503 }, answer: secondText, attempts: 3 },
  { name: 'a TCP reset', always: { type: 'reset' }, answer: secondText, attempts: 3 },
  { name: 'silence', always: { type: 'silence' }, answer: secondText, attempts: 2 },
  { name: 'a slow first token', always: { type: 'slow-first-event', ms: 8_000 }, answer: secondText, attempts: 2 },
  { name: 'an error event at once', always: { type: 'error-event', atEvent: 0 }, answer: secondText, attempts: 3 },
  { name: 'a malformed first event', always: { type: 'malformed-event', atEvent: 0 }, answer: secondText, attempts: 3 },
  { name: 'a missing [DONE]', always: { type: 'no-terminator' }, answer: firstText, attempts: 1 },
  {
    name: 'context length',
    always: { type: 'status', status: 400, code: 'context_length_exceeded', errorType: 'invalid_request_error' },
    answer: secondText,
    attempts: 2,
  },
  {
    name: 'a bad key',
    always: { type: 'status', status: 401, code: 'invalid_api_key', echoKey: true },
    answer: secondText,
    attempts: 2,
  },
  {
    name: 'no quota',
    always: { type: 'status', status: 429, code: 'insufficient_quota', errorType: 'insufficient_quota' },
    answer: secondText,
    attempts: 2,
  },
]

const broken: readonly { readonly name: string; readonly fault: Fault | readonly Fault[] }[] = [
  { name: 'is cut', fault: { type: 'cut', atEvent: 4 } },
  {
    name: 'is reset',
    fault: [
      { type: 'reset', atByte: 900 },
      { type: 'drip', ms: 20 },
    ],
  },
  { name: 'stalls', fault: { type: 'stall', atEvent: 4 } },
  { name: 'ends without its marker', fault: { type: 'no-finish' } },
  { name: 'reports an error', fault: { type: 'error-event', atEvent: 4, echoKey: true } },
  { name: 'holds a malformed event', fault: { type: 'malformed-event', atEvent: 4 } },
]

describe.each<ProviderType>(['openai', 'openai-compatible'])('a chain whose first target is %s', type => {
  let pair: TwoTargets
  // retries are rationed and breakers remember: each case stands alone
  beforeEach(async () => {
    pair = await startTwoTargets({ type })
  })
  afterEach(async () => {
    await pair[Symbol.asyncDispose]()
  })

  describe.each(survived)('answers in spite of $name', ({ once, always, answer, attempts }) => {
    const fail = (): void => {
      if (once !== undefined) pair.first.script(once)
      pair.first.setFault(always)
    }
    const sent = (): number => pair.first.requestCount + pair.second.requestCount

    test('in one piece', async () => {
      fail()
      const { data, response } = await pair.client.chat.completions.create(hello).withResponse()
      expect(data.choices[0]?.message.content).toBe(answer)
      expect(data.choices[0]?.finish_reason).toBe('stop')
      expect(data.model).toBe(answer === firstText ? 'first/model-a' : 'second/model-b')
      expect(response.headers.get('x-switchyard-target')).toBe(data.model)
      expect(response.headers.get('x-switchyard-attempts')).toBe(String(attempts))
      expect(sent()).toBe(attempts)
    })

    test('streaming', async () => {
      fail()
      expect(await streamedText(pair.client)).toBe(answer)
      expect(sent()).toBe(attempts)
    })
  })

  test('a content filter is told as it is, and nobody else is asked', async () => {
    const filtered: Fault = {
      type: 'status',
      status: 400,
      code: 'content_filter',
      message: 'That is not allowed here.',
    }
    for (const ask of [wholeText, streamedText]) {
      pair.first.script(filtered)
      const error = await ask(pair.client).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(OpenAI.BadRequestError)
      expect(error).toMatchObject({ status: 400, code: 'content_filter' })
      expect((error as Error).message).toContain('That is not allowed here.')
    }
    expect(pair.second.requestCount).toBe(0)
    expect(pair.first.requestCount).toBe(2)
  })

  // the second would say something else
  describe.each(broken)('a stream that $name after its first text, and that nobody can go on with,', ({ fault }) => {
    test('ends with a clean error in the stream, never as a success', async () => {
      pair.first.setFault(fault)
      const chunks: OpenAI.ChatCompletionChunk[] = []
      const read = async () => {
        for await (const chunk of await pair.client.chat.completions.create({ ...hello, stream: true })) {
          chunks.push(chunk)
        }
      }
      await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError)
      expect(chunks.length).toBeGreaterThan(0)
      const shown = chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')
      expect(firstText.startsWith(shown)).toBe(true)
      expect(chunks.every(chunk => chunk.choices[0]?.finish_reason == null)).toBe(true)
      expect(pair.second.requestCount).toBe(1)
    })

    test('has no [DONE] on the wire, and no key', async () => {
      pair.first.setFault(fault)
      const response = await fetch(`${pair.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...hello, stream: true }),
      })
      const text = await response.text()
      expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      expect(text).not.toContain('[DONE]')
      expect(text).not.toContain(pair.first.apiKey)
      const last = text.trimEnd().split('\n\n').at(-1) ?? ''
      expect(JSON.parse(last.replace(/^(event: error\n)?data: /, ''))).toMatchObject({
        error: { message: expect.any(String), code: expect.any(String) },
      })
    })

    test('does no harm to an answer in one piece', async () => {
      pair.first.setFault(fault)
      expect(await wholeText(pair.client)).toBe(secondText)
    })
  })

  test('when every target fails, the error tells all attempts, the wait, and no key', async () => {
    pair.first.setFault({ type: 'status', status: 429, retryAfter: 37, echoKey: true })
    pair.second.setFault({ type: 'status', status: 429, retryAfter: 39, echoKey: true })
    const error = await wholeText(pair.client).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    const { headers, error: body } = error as { headers: Headers; error: { attempts: readonly unknown[] } }
    expect(headers.get('retry-after')).toBe('37')
    expect(headers.get('x-switchyard-attempts')).toBe('2')
    expect(body.attempts).toEqual([
      { target: 'first/model-a', kind: 'rate-limit', status: 429, message: expect.any(String) },
      { target: 'second/model-b', kind: 'rate-limit', status: 429, message: expect.any(String) },
    ])
    expect(JSON.stringify(error)).not.toContain(pair.first.apiKey)
    await expect.poll(() => pair.log).toHaveLength(1)
    expect(pair.log[0]).toMatchObject({
      error: 'exhausted',
      failures: ['first/model-a rate-limit 429', 'second/model-b rate-limit 429'],
    })
  })

  test('when every target fails in the same way, the error is that failure', async () => {
    const tooLong: Fault = { type: 'status', status: 400, code: 'context_length_exceeded' }
    pair.first.setFault(tooLong)
    pair.second.setFault(tooLong)
    await expect(wholeText(pair.client)).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' })
  })

  test('when they fail in different ways, the status is 502', async () => {
    pair.first.setFault({ type: 'status', status: 503 })
    pair.second.setFault({ type: 'reset' })
    const error = await streamedText(pair.client).catch((error: unknown) => error)
    expect(error).toMatchObject({ status: 502 })
  })
})
