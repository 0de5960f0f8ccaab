import { isSwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeResponse } from './decode-response.ts'
import { encodeResponse } from './encode-response.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { wholeBlock } from './whole-block.ts'

const context = { provider: 'p', model: 'm', requestId: 'r' }
const message = (fields: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  ...fields,
})
const decode = (fields: object) => decodeResponse(message(fields), context)
const call = { type: 'tool_use', id: 'a', name: 'look', input: { city: 'Oslo' } }

describe('a whole answer', () => {
  test('that nothing says the end of has ended', () => {
    expect(decode({})).toEqual({ id: 'msg_1', model: 'p/m', content: [], reason: 'stop', rawReason: 'end_turn' })
  })

  test('with calls ended for them, whatever the server says', () => {
    expect(decode({ content: [call], stop_reason: 'end_turn' }).reason).toBe('tool-calls')
  })

  test('that a limit cut has a call whose input cannot be trusted', () => {
    expect(decode({ content: [call], stop_reason: 'max_tokens' }).content).toMatchObject([
      { complete: false, invalid: { text: '{"city":"Oslo"}' } },
    ])
    expect(decode({ content: [call, { type: 'text', text: 'a' }], stop_reason: 'max_tokens' }).content).toMatchObject([
      { input: { city: 'Oslo' } },
      { complete: false },
    ])
  })

  test('takes calls without an input or an id', () => {
    expect(decode({ id: undefined, content: [{ type: 'tool_use', name: 'look' }] }).content).toMatchObject([
      { id: expect.stringMatching(/^call_/), input: {} },
    ])
    expect(
      decodeResponse(message({ id: '', content: [{ type: 'tool_use', name: 'a', id: '' }] }), { provider: 'p' })
        .content,
    ).toHaveLength(1)
  })

  test('says whose thoughts they are where that is known', () => {
    const content = [{ type: 'thinking', thinking: 'Hm', signature: 's' }]
    expect(decode({ content }).content).toMatchObject([{ extra: { 'anthropic-messages': { model: 'm' } } }])
    expect(decodeResponse(message({ content }), { provider: 'p' }).content).toEqual([
      { type: 'reasoning', text: 'Hm', signature: 's', origin: 'anthropic-messages' },
    ])
  })

  test.each([
    ['no object', 5, /not a JSON object/],
    ['no content', message({ content: null }), /has no content/],
    ['a block that is none', message({ content: [5] }), /content\[0\] is not an object/],
    ['a block without a type', message({ content: [{}] }), /content\[0\] has no type/],
  ])('with %s breaks the protocol', (_, body, words) => {
    expect(() => decodeResponse(body, context)).toThrow(words)
  })

  const failed = { error: { type: 'overloaded_error', message: 'Busy' } }
  test.each([{ type: 'error', ...failed }, failed])('that is an error is thrown as one: %j', body => {
    try {
      decodeResponse(body, context)
      expect.unreachable()
    } catch (error) {
      expect(isSwitchyardError(error, 'overloaded')).toBe(true)
    }
  })
})

describe('an answer for a client', () => {
  test('of another dialect has what this one can say', () => {
    expect(
      encodeResponse({
        model: 'openai/gpt',
        content: [
          { type: 'reasoning', text: 'Hm', origin: 'openai-responses', signature: 's' },
          { type: 'opaque', origin: 'openai-responses', value: {} },
          { type: 'text', text: 'a', refusal: true },
          { type: 'tool-call', id: 'c', name: 'look', invalid: { text: '{', reason: 'x' } },
        ],
        reason: 'content-filter',
      }),
    ).toEqual({
      id: 'msg_0',
      type: 'message',
      role: 'assistant',
      model: 'openai/gpt',
      container: null,
      diagnostics: null,
      content: [
        { type: 'thinking', thinking: 'Hm', signature: '' },
        { type: 'text', text: 'a', citations: null },
        { type: 'tool_use', id: 'c', name: 'look', input: {}, caller: { type: 'direct' } },
      ],
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: null,
      usage: expect.objectContaining({ input_tokens: 0, output_tokens: 0 }),
    })
  })
})

describe('usage', () => {
  test('counts what was written to the cache once', () => {
    const written = (fields: object) => decodeUsage({ input_tokens: 1, output_tokens: 2, ...fields })?.input.cacheWrite
    expect(written({ cache_creation_input_tokens: 5 })).toEqual({ '5m': 5 })
    expect(written({ cache_creation_input_tokens: 5, cache_creation: { ephemeral_1h_input_tokens: 5 } })).toEqual({
      '1h': 5,
    })
    expect(written({ cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 } })).toEqual({
      '5m': 2,
      '1h': 3,
    })
  })

  test('has searches as units, and no more thoughts than tokens', () => {
    const usage = decodeUsage({
      output_tokens: 3,
      output_tokens_details: { thinking_tokens: 9 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
    })
    expect(usage).toMatchObject({ output: { text: 0, reasoning: 3 }, units: { web_search_requests: 2 } })
    expect(decodeUsage(null)).toBeUndefined()
    expect(decodeUsage({ server_tool_use: { web_search_requests: 0 } })).not.toHaveProperty('units')
  })

  test('of another dialect is counted anew', () => {
    const raw = { input_tokens: 5, output_tokens: 3, total_tokens: 8 }
    const usage = {
      input: { uncached: 5, cacheRead: 0, cacheWrite: { default: 2 } },
      output: { text: 3, reasoning: 0 },
      raw,
    }
    expect(encodeUsage(usage)).toMatchObject({
      input_tokens: 5,
      cache_creation_input_tokens: 2,
      cache_creation: { ephemeral_5m_input_tokens: 2 },
    })
    expect(encodeUsage({ ...usage, units: { web_fetch_requests: 1 } }).server_tool_use).toEqual({
      web_search_requests: 0,
      web_fetch_requests: 1,
    })
  })
})

describe('a block that came in pieces', () => {
  test('is put together', () => {
    const start = { type: 'server_tool_use', input: {} }
    const json = (partial_json: string) => ({ type: 'input_json_delta', partial_json })
    expect(wholeBlock([start, json('{"a"'), json(':1}')])).toEqual({ ...start, input: { a: 1 } })
    expect(wholeBlock([start, json('{"a"')])).toEqual(start)
    const cited = { type: 'citations_delta', citation: { url: 'a' } }
    expect(wholeBlock([{ type: 'x' }, cited, cited])).toEqual({ type: 'x', citations: [{ url: 'a' }, { url: 'a' }] })
    expect(wholeBlock([{ type: 'x', text: 'a', n: 1 }, { type: 'd', text: 'b', n: 2 }, 5])).toEqual({
      type: 'x',
      text: 'ab',
      n: 2,
    })
  })

  test('is none where its start is none', () => {
    expect(wholeBlock([5])).toBeUndefined()
    expect(wholeBlock('x')).toBeUndefined()
  })
})
