import { describe, expect, test } from 'vitest'
import { decodeResponse } from './decode-response.ts'
import { encodeResponse } from './encode-response.ts'

const context = { provider: 'acme', model: 'tiny', requestId: 'r' }
const answer = (message: object, finish: string | null = 'stop', more: object = {}) =>
  decodeResponse({ id: 'c', choices: [{ index: 0, message, finish_reason: finish, ...more }] }, context)

describe('decodeResponse', () => {
  test('reads an answer', () => {
    const body = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 5,
      model: 'tiny',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    }
    expect(decodeResponse(body, context)).toEqual({
      id: 'chatcmpl-1',
      created: 5,
      model: 'acme/tiny',
      content: [{ type: 'text', text: 'Hi' }],
      reason: 'stop',
      rawReason: 'stop',
      usage: {
        input: { uncached: 1, cacheRead: 0, cacheWrite: {} },
        output: { text: 2, reasoning: 0 },
        raw: body.usage,
      },
    })
  })

  test.each([
    ['text', 'hi', 'protocol', /not a JSON object/],
    ['no choices', {}, 'protocol', /no choices/],
    ['empty choices', { choices: [] }, 'protocol', /no choices/],
    ['a choice without a message', { choices: [{}] }, 'protocol', /choices\[0\] has no message/],
    ['an error', { error: { message: 'full', code: 'overloaded' } }, 'overloaded', /full/],
    ['an error of Groq', { choices: [], x_groq: { error: 'over_capacity' } }, 'overloaded', /over_capacity/],
  ])('fails for %s', (_, body, kind, message) => {
    const expected = { kind, message: expect.stringMatching(message), requestId: 'r' }
    expect(() => decodeResponse(body, context)).toThrow(expect.objectContaining(expected))
    expect(() => decodeResponse(body, { provider: 'a', model: 'b' })).toThrow(expect.objectContaining({ kind }))
  })

  test('reads what lax servers send', () => {
    const call = { function: { name: 'look', arguments: { n: 1 } } }
    const lax = answer({ content: 'So:', tool_calls: [call, { function: { name: 'hear' } }, 5] }, 'stop')
    expect(lax).toMatchObject({
      reason: 'tool-calls',
      content: [{ type: 'text' }, { name: 'look', input: { n: 1 } }, { name: 'hear', input: {} }],
    })
    expect(encodeResponse(lax)).toMatchObject({
      choices: [{ message: { tool_calls: [{ function: { arguments: { n: 1 } } }, { function: { name: 'hear' } }] } }],
    })
    expect(answer({ content: 'x' }, null).reason).toBe('stop')
    expect(answer({ content: 'x', tool_calls: [] }).content).toHaveLength(1)
    expect(decodeResponse({ choices: [{ message: { content: 'x' } }] }, context)).not.toHaveProperty('id')
  })

  test('makes ids for calls that have none, the same each time', () => {
    const read = () =>
      answer({
        content: null,
        tool_calls: [
          { function: { name: 'a', arguments: '{}' } },
          { id: '', function: { name: 'b', arguments: '{}' } },
        ],
      })
    const ids = read().content.map(part => part.type === 'tool-call' && part.id)
    expect(new Set(ids).size).toBe(2)
    expect(read()).toEqual(read())
  })

  test('tells what a limit cut', () => {
    expect(answer({ content: 'cut he' }, 'length').content).toEqual([{ type: 'text', text: 'cut he', complete: false }])
    expect(answer({ content: null }, 'length').content).toEqual([])
    const calls = (last: string) => ({
      content: null,
      tool_calls: ['{"a":1}', last].map((text, at) => ({ id: `c${at}`, function: { name: 'look', arguments: text } })),
    })
    expect(answer(calls('{"b'), 'length').content).toMatchObject([
      { input: { a: 1 } },
      { invalid: { reason: 'the output limit cut the arguments' }, complete: false },
    ])
    expect(answer(calls('{}'), 'length').content[1]).not.toHaveProperty('complete')
    expect(answer({ function_call: { name: 'look', arguments: '{"b' } }, 'length').content).toMatchObject([
      { invalid: { text: '{"b' } },
    ])
  })

  test('tells a refusal, a stop sequence and a word that nobody knows', () => {
    expect(answer({ content: null, refusal: 'No.' }).reason).toBe('refusal')
    expect(answer({ content: 'x' }, 'stop', { stop_reason: 'END' })).toMatchObject({
      reason: 'stop-sequence',
      stopSequence: 'END',
    })
    expect(answer({ content: 'x' }, 'pondering')).toMatchObject({ reason: 'other', rawReason: 'pondering' })
  })

  test('keeps an empty reasoning and a second telling of it', () => {
    const told = answer({ content: 'x', reasoning_content: '', reasoning: 'hm', refusal: '' })
    expect(told.content).toEqual([{ type: 'text', text: 'x' }])
    expect(encodeResponse(told)).toMatchObject({
      choices: [{ message: { reasoning_content: '', reasoning: 'hm', refusal: '' } }],
    })
  })

  test('reads content that comes as parts, and writes it as parts', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'thinking', thinking: [] },
    ]
    const told = answer({ content })
    expect(told.content).toMatchObject([{ type: 'text', text: 'a' }, { type: 'opaque' }])
    expect(encodeResponse(told)).toMatchObject({ choices: [{ message: { content } }] })
  })

  test('puts choices in the order of their numbers', () => {
    const choice = (index: number) => ({ index, message: { content: String(index) }, finish_reason: 'stop' })
    const told = decodeResponse({ choices: [choice(1), choice(0)], simulated: true }, context)
    expect(told).toMatchObject({
      simulated: true,
      content: [{ text: '0' }],
      otherChoices: [{ choice: 1, content: [{ text: '1' }] }],
    })
  })
})

describe('encodeResponse', () => {
  const call = { type: 'tool-call' as const, id: 'c', name: 'look', input: { a: 1 } }

  test('fills in what the answer lacks, and marks simulated ones', () => {
    const plain = { model: 'a/b', content: [], reason: 'stop' as const, simulated: true as const }
    expect(encodeResponse(plain, { id: 'chatcmpl-own', created: 9, model: 'fast' })).toEqual({
      id: 'chatcmpl-own',
      object: 'chat.completion',
      created: 9,
      model: 'fast',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: null, refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      simulated: true,
    })
    expect(encodeResponse(plain)).toMatchObject({ id: 'chatcmpl-0', created: 0, model: 'a/b' })
  })

  test('answers a client that speaks of functions with a function_call', () => {
    const body = encodeResponse({ model: 'a/b', content: [call, call], reason: 'tool-calls' }, { functionCall: true })
    expect(body).toMatchObject({
      choices: [{ message: { function_call: { name: 'look', arguments: '{"a":1}' } }, finish_reason: 'function_call' }],
    })
  })

  test('leaves out blocks of other dialects, and joins what a stream told in pieces', () => {
    const content = [
      { type: 'opaque' as const, origin: 'anthropic', value: { type: 'thinking' } },
      { type: 'opaque' as const, origin: 'openai-chat', value: 5 },
      {
        type: 'opaque' as const,
        origin: 'openai-chat',
        value: [
          { audio: { id: 'au', transcript: 'a' } },
          { audio: { transcript: 'b', data: 'x' } },
          { audio: { data: 'y' } },
        ],
      },
    ]
    const [choice] = encodeResponse({ model: 'a/b', content, reason: 'refusal' }).choices as object[]
    expect(choice).toMatchObject({
      message: { content: null, audio: { id: 'au', transcript: 'ab', data: 'xy' } },
      finish_reason: 'content_filter',
    })
  })

  test('collects the fields that came with the pieces', () => {
    const piece = (token: string) => ({
      'openai-chat/choice': { logprobs: { content: [{ token }], refusal: null } },
      'openai-chat/answer': { x: token },
    })
    const body = encodeResponse({
      model: 'a/b',
      content: [
        { type: 'reasoning', text: 'h', origin: 'openai-chat', extra: piece('h') },
        { type: 'text', text: 'a', extra: piece('a') },
      ],
      reason: 'stop',
    })
    expect(body).toMatchObject({ x: 'a', choices: [{ logprobs: { content: [{ token: 'h' }, { token: 'a' }] } }] })
  })
})
