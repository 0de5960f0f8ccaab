import {
  isSwitchyardError,
  type MessageChunk,
  ResponseAccumulator,
  type SwitchyardError,
} from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import type { AnswerContext } from '../answer-context.ts'
import { streamDecoder } from './stream-decoder.ts'

const context: AnswerContext = { provider: 'acme', model: 'tiny', secrets: ['s3cret-value'], requestId: 'req_1' }
const bytes = (text: string) => new TextEncoder().encode(text)
const event = (fields: object) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', created: 5, model: 'tiny', ...fields })}\n\n`
const choice = (delta: object | null, finish: string | null = null, more: object = {}) =>
  event({ choices: [{ index: 0, delta, finish_reason: finish, ...more }] })
const say = (content: string) => choice({ content })
const end = (finish = 'stop', more: object = {}) => choice({}, finish, more)
const usage = { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 }
const bill = event({ choices: [], usage })
const done = 'data: [DONE]\n\n'
const call = (fields: object) => choice({ tool_calls: [fields] })

function read(text: string, more: Partial<AnswerContext> = {}): MessageChunk[] {
  const decoder = streamDecoder({ ...context, ...more })
  const chunks = [...decoder.decode(bytes(text))]
  if (decoder.state !== 'finished') chunks.push(...decoder.end())
  return chunks
}

function whole(text: string, more: Partial<AnswerContext> = {}) {
  const accumulator = new ResponseAccumulator()
  for (const chunk of read(text, more)) accumulator.add(chunk)
  return accumulator.response()
}

function failure(run: () => unknown): SwitchyardError {
  try {
    run()
  } catch (error) {
    if (isSwitchyardError(error)) return error
    throw error
  }
  throw new Error('nothing failed')
}

describe('streamDecoder', () => {
  test.each(['data: [DONE] \n\n', 'data:[DONE]\n\n'])('knows the terminator however it is spaced: %j', terminator => {
    const decoder = streamDecoder(context)
    decoder.decode(bytes(say('Hi') + end() + terminator))
    expect(decoder.state).toBe('finished')
  })

  test('reads text, and waits for usage with the finish', () => {
    const decoder = streamDecoder(context)
    expect(decoder.decode(bytes(choice({ role: 'assistant', content: '' })))).toEqual([
      { type: 'start', id: 'chatcmpl-1', model: 'acme/tiny', created: 5 },
    ])
    expect(decoder.decode(bytes(say('Hel') + say('lo')))).toEqual([
      { type: 'text-start', id: 0 },
      { type: 'text-delta', id: 0, text: 'Hel' },
      { type: 'text-delta', id: 0, text: 'lo' },
    ])
    expect(decoder.decode(bytes(end()))).toEqual([{ type: 'text-end', id: 0, complete: true }])
    expect(decoder.state).toBe('open')
    expect(decoder.decode(bytes(bill))).toMatchObject([
      { type: 'finish', reason: 'stop', usage: { output: { text: 4 } } },
    ])
    expect(decoder.state).toBe('finished')
    expect(decoder.decode(bytes(done))).toEqual([])
  })

  test.each([
    ['[DONE]', done],
    ['the end of the body', ''],
    ['[DONE] without its blank line', 'data: [DONE]'],
  ])('takes %s for the end where no usage comes', (_, ending) => {
    expect(whole(say('x') + end() + ending)).toMatchObject({ reason: 'stop', rawReason: 'stop' })
  })

  test('reads a last event whose blank line never came', () => {
    expect(whole(say('x') + end() + bill.trimEnd()).usage?.output.text).toBe(4)
  })

  test('takes [DONE] for the end of an answer whose finish reason was never said', () => {
    const { reason, rawReason } = whole(say('x') + done)
    expect([reason, rawReason]).toEqual(['stop', undefined])
  })

  test('knows usage on the finish event, on every event, and where Groq puts it', () => {
    expect(
      whole(say('x') + event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })).usage,
    ).toBeDefined()
    expect(whole(event({ choices: [], usage }) + say('x') + end()).usage?.input.uncached).toBe(5)
    const groq = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { id: 'r', usage } })
    expect(whole(say('x') + groq + done).usage?.output.text).toBe(4)
  })

  test.each([
    ['nothing at all', ''],
    ['no finish reason', say('Cut off he')],
    ['half an event', `${say('x')}data: {"id":"chatcm`],
    [
      'one of two choices unfinished',
      event({
        choices: [
          { index: 0, delta: {}, finish_reason: 'stop' },
          { index: 1, delta: { content: 'x' } },
        ],
      }),
    ],
    ['[DONE] before the answer', done],
    ['[DONE] behind an empty answer', choice({ role: 'assistant' }) + done],
  ])('says truncated where the body holds %s', (_, text) => {
    const error = failure(() => {
      const decoder = streamDecoder(context)
      decoder.decode(bytes(text))
      if (decoder.state === 'failed') decoder.decode(bytes(''))
      decoder.end()
    })
    expect(error).toMatchObject({ kind: 'truncated', provider: 'acme', model: 'tiny', requestId: 'req_1' })
  })

  test.each([
    ['no JSON', 'data: {nope\n\n', /is not JSON/],
    ['no object', 'data: 5\n\n', /not a JSON object/],
    ['no choices', event({}), /has no choices/],
    ['a choice that is no object', event({ choices: [5] }), /choices\[0\] is not an object/],
    ['a delta that is no object', event({ choices: [{ delta: 'x' }] }), /choices\[0\].delta is not an object/],
  ])('says protocol where an event holds %s', (_, text, message) => {
    const decoder = streamDecoder({ provider: 'acme', model: 'tiny' })
    const error = failure(() => {
      decoder.decode(bytes(text))
      decoder.decode(bytes(''))
    })
    expect(error.kind).toBe('protocol')
    expect(error.message).toMatch(message)
  })

  test('says protocol where an event never ends', () => {
    const decoder = streamDecoder(context)
    expect(failure(() => decoder.decode(new Uint8Array(16_000_001).fill(97))).kind).toBe('protocol')
    expect(decoder.state).toBe('failed')
  })

  test('delivers what came before a failure in the same read, and throws at the next call', () => {
    const decoder = streamDecoder(context)
    const text = `${say('Par')}data: {"error":{"message":"overloaded: s3cret-value","type":"server_error","code":null}}\n\n${say('x')}`
    expect(decoder.decode(bytes(text)).at(-1)).toMatchObject({ text: 'Par' })
    expect(decoder.state).toBe('failed')
    const error = failure(() => decoder.decode(bytes('')))
    expect(error).toMatchObject({ kind: 'overloaded', message: 'acme/tiny: overloaded: [redacted]' })
    expect(failure(() => decoder.end())).toBe(error)
  })

  test.each<[string, string, string]>([
    ['an error event', 'event: error\ndata: {"message":"slow","code":"rate_limit_exceeded"}\n\n', 'rate-limit'],
    ['an error event of plain text', 'event: error\ndata: upstream is overloaded\n\n', 'overloaded'],
    ['an error event of a JSON string', 'event: error\ndata: "over_capacity"\n\n', 'overloaded'],
    [
      'an error of Groq',
      event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { error: 'over_capacity' } }),
      'overloaded',
    ],
    [
      'an error as an object',
      'data: {"object":"error","message":"bad","type":"BadRequestError","code":400}\n\n',
      'invalid-request',
    ],
    ['an error with a status', 'data: {"error":{"message":"no","code":502}}\n\n', 'unavailable'],
    ['an error as a text', 'data: {"error":"boom"}\n\n', 'unavailable'],
    ['a detail', 'data: {"detail":"maximum context length is 5"}\n\n', 'context-length'],
  ])('throws for %s', (_, text, kind) => {
    expect(failure(() => streamDecoder(context).decode(bytes(text))).kind).toBe(kind)
  })

  test('reports comments as one ping a read, once the answer began', () => {
    const decoder = streamDecoder(context)
    expect(decoder.decode(bytes(': waiting\n\n'))).toEqual([])
    decoder.decode(bytes(say('x')))
    expect(decoder.decode(bytes(': a\n\n: b\n\n'))).toEqual([{ type: 'ping' }])
    expect(decoder.decode(bytes(`${end()}: tail`))).toHaveLength(1)
    expect(decoder.end()).toMatchObject([{ type: 'finish' }])
    expect(decoder.state).toBe('finished')
  })

  test('tells a refusal, although the reason says stop', () => {
    const answer = whole(choice({ refusal: 'I will ' }) + choice({ refusal: 'not.' }) + end())
    expect(answer).toMatchObject({
      content: [{ type: 'text', text: 'I will not.', refusal: true }],
      reason: 'refusal',
      rawReason: 'stop',
    })
  })

  test.each(['reasoning_content', 'reasoning'])('reads %s as reasoning, apart from text', field => {
    const { content } = whole(
      choice({ [field]: 'h' }) + choice({ [field]: 'm' }) + choice({ [field]: '' }) + say('Hi') + end(),
    )
    expect(content).toEqual([
      {
        type: 'reasoning',
        text: 'hm',
        origin: 'openai-chat',
        ...(field === 'reasoning' && { extra: { 'openai-chat': { field } } }),
      },
      { type: 'text', text: 'Hi' },
    ])
  })

  test('keeps the second of two fields that both tell reasoning', () => {
    const { content } = whole(choice({ reasoning: 'hm', reasoning_content: 'hm' }) + end())
    expect(content).toMatchObject([{ text: 'hm', extra: { 'openai-chat/message': { reasoning: 'hm' } } }])
    expect(whole(choice({ reasoning: null, reasoning_content: 'hm' }) + end()).content).toHaveLength(1)
  })

  test('reads tool calls in pieces, and keeps how their arguments were written', () => {
    const answer = whole(
      call({ index: 0, id: 'call_a', type: 'function', function: { name: 'look', arguments: '' } }) +
        call({ index: 0, function: { arguments: '{"city": ' } }) +
        call({ index: 1, id: 'call_b', type: 'function', function: { name: 'look', arguments: '{}' } }) +
        call({ index: 0, function: { arguments: '"Oslo"}' } }) +
        end('tool_calls'),
    )
    expect(answer).toMatchObject({
      reason: 'tool-calls',
      content: [
        {
          type: 'tool-call',
          id: 'call_a',
          name: 'look',
          input: { city: 'Oslo' },
          extra: { 'openai-chat': { function: { arguments: '{"city": "Oslo"}' } } },
        },
        { type: 'tool-call', id: 'call_b', input: {} },
      ],
    })
  })

  test('reads calls without an index, with the same index, with objects for arguments, and with late names', () => {
    const named = (id: string, args: unknown) => ({ id, type: 'function', function: { name: 'look', arguments: args } })
    const calls = (text: string) =>
      whole(text + end()).content.map(part => part.type === 'tool-call' && [part.id, part.input])
    expect(
      calls(call(named('a', '{"n":1}')) + call(named('b', '{"n":')) + call({ function: { arguments: '2}' } })),
    ).toEqual([
      ['a', { n: 1 }],
      ['b', { n: 2 }],
    ])
    expect(calls(call(named('a', '{"n":')) + call({ id: 'a', function: { arguments: '1}' } }))).toEqual([
      ['a', { n: 1 }],
    ])
    expect(calls(call({ index: 0, ...named('a', '{}') }) + call({ index: 0, ...named('b', '{}') }))).toEqual([
      ['a', {}],
      ['b', {}],
    ])
    expect(calls(call({ index: 0, ...named('a', { n: 3 }) }))).toEqual([['a', { n: 3 }]])
    const late =
      call({ index: 0, function: { arguments: '{"n"' } }) +
      call({ index: 0, id: 'a', function: { name: 'look', arguments: ':4}', x_new: 1 } })
    expect(calls(late)).toEqual([['a', { n: 4 }]])
  })

  test('makes fit ids that are the same each time and unique in the answer', () => {
    const text =
      call({ index: 0, id: 'functions.look:0', function: { name: 'look', arguments: '{}' } }) +
      call({ index: 1, id: '', function: { name: 'look', arguments: '{}' } }) +
      call({ index: 2, id: 'twin', function: { name: 'look', arguments: '{}' } }) +
      call({ index: 3, id: 'twin', function: { name: 'look', arguments: '{}' } }) +
      end()
    const ids = (input: string, more = {}) =>
      whole(input, more).content.map(part => part.type === 'tool-call' && part.id)
    expect(ids(text)).toEqual(ids(text))
    expect(new Set(ids(text)).size).toBe(4)
    for (const id of ids(text)) expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    const nameless = text.replaceAll('"id":"chatcmpl-1",', '')
    expect(ids(nameless, { requestId: 'a' })[1]).not.toBe(ids(nameless, { requestId: 'b' })[1])
  })

  test('tells calls that do not parse, that a limit cut, and that name nothing', () => {
    const broken = call({ index: 0, id: 'a', function: { name: 'look', arguments: '{"ci' } })
    expect(whole(broken + end('tool_calls')).content).toMatchObject([
      { invalid: { text: '{"ci', reason: 'the arguments are not JSON' } },
    ])
    const cut = whole(say('So: ') + broken + end('length'))
    expect(cut.reason).toBe('length')
    expect(cut.content).toMatchObject([
      { type: 'text' },
      { invalid: { text: '{"ci', reason: 'the output limit cut the arguments' }, complete: false },
    ])
    expect(
      whole(call({ index: 0, id: 'a', function: { name: 'look', arguments: '{}' } }) + end('length')).content,
    ).toEqual([{ type: 'tool-call', id: 'a', name: 'look', input: {} }])
    expect(whole(call({ index: 0, id: 'a', function: { arguments: '{}' } }) + end()).content).toMatchObject([
      { name: '', invalid: { reason: 'the call names no function' } },
    ])
    expect(whole(say('cut he') + end('length')).content).toEqual([{ type: 'text', text: 'cut he', complete: false }])
  })

  test('tells the reason by what was answered', () => {
    const called = call({ id: 'a', function: { name: 'look', arguments: '{}' } })
    expect(whole(called + end('stop')).reason).toBe('tool-calls')
    expect(whole(say('x') + end('content_filter')).reason).toBe('content-filter')
    expect(whole(say('x') + end('galactic'))).toMatchObject({
      reason: 'other',
      rawReason: 'galactic',
      extra: { 'openai-chat/choice': { finish_reason: 'galactic' } },
    })
    expect(whole(say('x') + end('stop', { stop_reason: 'END' }))).toMatchObject({
      reason: 'stop-sequence',
      stopSequence: 'END',
    })
    expect(whole(say('x') + end('stop', { stop_reason: 128001 })).reason).toBe('stop')
  })

  test('reads the legacy function_call', () => {
    const answer = whole(
      choice({ function_call: { name: 'look', arguments: '' } }) +
        choice({ function_call: { arguments: '{"a":1}' } }) +
        end('function_call'),
    )
    expect(answer).toMatchObject({
      reason: 'tool-calls',
      content: [
        { type: 'tool-call', name: 'look', input: { a: 1 }, extra: { 'openai-chat': { type: 'function_call' } } },
      ],
    })
  })

  test('keeps calls of other kinds and sound as they came, piece by piece', () => {
    const answer = whole(
      say('x') +
        call({ index: 0, id: 'c', type: 'custom', custom: { name: 'grep', input: 'a' } }) +
        call({ index: 0, custom: { input: 'b' } }) +
        choice({ audio: { id: 'au', transcript: 'hi' } }) +
        choice({ audio: { data: 'aGk=' } }) +
        end('length'),
    )
    expect(answer.content.slice(1)).toMatchObject([
      { type: 'opaque', origin: 'openai-chat', value: [{ tool_calls: [{ id: 'c' }] }, { tool_calls: [{ index: 0 }] }] },
      { type: 'opaque', value: [{ audio: { id: 'au' } }, { audio: { data: 'aGk=' } }], complete: false },
    ])
    expect(answer.content[0]).toEqual({ type: 'text', text: 'x' })
  })

  test('reads content that comes as parts', () => {
    const parts = [{ type: 'text', text: 'a' }, { type: 'text', text: '' }, { type: 'thinking', thinking: [] }, 5]
    expect(whole(choice({ content: parts }) + say('b') + end()).content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'opaque', origin: 'openai-chat', value: { type: 'thinking', thinking: [] } },
      { type: 'text', text: 'b' },
    ])
  })

  test('keeps choices apart, and tells how each ended', () => {
    const pieces = event({
      choices: [
        { index: 1, delta: { content: 'b' } },
        { index: 0, delta: { content: 'a' } },
      ],
    })
    const ends = event({
      choices: [
        { index: 0, delta: {}, finish_reason: 'stop' },
        { index: 1, delta: {}, finish_reason: 'stop', stop_reason: 'X' },
      ],
    })
    expect(whole(pieces + ends + bill)).toMatchObject({
      content: [{ text: 'a' }],
      reason: 'stop',
      otherChoices: [{ choice: 1, reason: 'stop-sequence', content: [{ text: 'b' }] }],
    })
  })

  test('numbers choices by their place where the server does not', () => {
    expect(whole(event({ choices: [{ delta: { content: 'a' }, finish_reason: 'stop' }] })).content).toHaveLength(1)
  })

  test('keeps fields that it does not know, at every level', () => {
    const answer = whole(
      event({ system_fingerprint: 'fp', x_top: 1, choices: [{ delta: { role: 'assistant' }, logprobs: null }] }) +
        event({
          system_fingerprint: 'fp',
          x_top: 1,
          obfuscation: 'abc',
          choices: [{ delta: { content: 'a', x_delta: 2 } }],
        }) +
        event({ x_top: 1, choices: [{ delta: { x_alone: 3 }, logprobs: { content: [{ token: 'a' }] } }] }) +
        event({ x_late: 4, choices: [{ delta: { x_last: 5 }, x_choice: 6, finish_reason: 'stop' }] }) +
        event({ x_bill: 7, choices: [], usage }),
    )
    expect(answer.content).toEqual([
      {
        type: 'text',
        text: 'a',
        extra: {
          'openai-chat/message': { x_delta: 2, x_alone: 3 },
          'openai-chat/choice': { logprobs: { content: [{ token: 'a' }] } },
        },
      },
    ])
    expect(answer.extra).toEqual({
      'openai-chat': { system_fingerprint: 'fp', x_top: 1, x_bill: 7 },
      'openai-chat/message': { x_last: 5 },
      'openai-chat/choice': { x_choice: 6 },
      'openai-chat/answer': { x_late: 4 },
    })
  })

  test('keeps fields beside reasoning and beside nothing', () => {
    const answer = whole(choice({ x_first: 1 }) + choice({ reasoning_content: 'h' }) + choice({ x_alone: 2 }) + end())
    expect(answer.content).toMatchObject([
      { type: 'reasoning', text: 'h', extra: { 'openai-chat/message': { x_alone: 2 } } },
    ])
    expect(answer.extra).toMatchObject({ 'openai-chat/message': { x_first: 1 } })
  })

  test('says that an answer is simulated, and under which other name the model answered', () => {
    expect(whole(say('x') + end(), { simulated: true }).simulated).toBe(true)
    expect(whole(event({ simulated: true, choices: [] }) + say('x') + end()).simulated).toBe(true)
    expect(whole(event({ model: 'tiny-2', object: 'x', choices: [] }) + say('x') + end()).extra).toEqual({
      'openai-chat': { model: 'tiny-2', object: 'x' },
    })
  })
})
