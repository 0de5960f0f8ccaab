import { type MessageChunk, SwitchyardError, type Usage } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { streamEncoder } from './stream-encoder.ts'

const start: MessageChunk = { type: 'start', id: 'msg_1', model: 'p/m' }
const usage: Usage = { input: { uncached: 5, cacheRead: 2, cacheWrite: {} }, output: { text: 3, reasoning: 1 } }
const finish: MessageChunk = { type: 'finish', reason: 'stop', usage }
const text = (id: number): MessageChunk => ({ type: 'text-start', id })
const say = (id: number, words: string): MessageChunk => ({ type: 'text-delta', id, text: words })
const done = (id: number): MessageChunk => ({ type: 'text-end', id, complete: true })
const call = (id: number): MessageChunk => ({ type: 'tool-call-start', id, callId: `call_${id}`, name: 'look' })
const piece = (id: number, json: string): MessageChunk => ({ type: 'tool-call-delta', id, text: json })
const called = (id: number): MessageChunk => ({ type: 'tool-call-end', id, complete: true, input: {} })

interface Told {
  readonly name: string | undefined
  readonly data: { readonly type: string; readonly [field: string]: unknown }
}

function events(...chunks: MessageChunk[]): Told[] {
  return told(streamEncoder({ model: 'fast' }).encode(chunks))
}

function told(body: string): Told[] {
  return body
    .split('\n\n')
    .filter(part => part !== '')
    .map(part => {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? []
      return { name, data: JSON.parse(data ?? 'null') }
    })
}

// type, and place where there is one
const order = (all: readonly Told[]) =>
  all.map(({ data }) => ('index' in data ? `${data.type} ${data.index}` : data.type))

describe('the events of an answer', () => {
  test('are those that the real server sends', () => {
    const all = events(start, text(0), say(0, 'Hel'), say(0, 'lo "x"'), done(0), finish)
    expect(all.map(({ name }) => name)).toEqual(all.map(({ data }) => data.type))
    expect(all.map(({ data }) => data)).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'fast',
          content: [],
          container: null,
          diagnostics: null,
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          usage: {
            input_tokens: 0,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 0,
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
            output_tokens: 0,
            output_tokens_details: null,
            server_tool_use: null,
            service_tier: 'standard',
            inference_geo: null,
            speed: null,
          },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hel' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'lo "x"' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { container: null, stop_reason: 'end_turn', stop_sequence: null, stop_details: null },
        usage: {
          input_tokens: 5,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 2,
          output_tokens: 4,
          output_tokens_details: { thinking_tokens: 1 },
          server_tool_use: null,
        },
      },
      { type: 'message_stop' },
    ])
  })

  test('tell thoughts with their signature, those of others with none', () => {
    const thought = (origin: string, signature?: string): MessageChunk[] => [
      { type: 'reasoning-start', id: 0, origin, extra: { 'anthropic-messages': { model: 'm' } } },
      { type: 'reasoning-delta', id: 0, text: 'Hm' },
      { type: 'reasoning-end', id: 0, complete: true, ...(signature !== undefined && { signature }) },
    ]
    expect(
      events(start, ...thought('anthropic-messages', 's'), finish)
        .slice(1, -2)
        .map(({ data }) => data),
    ).toEqual([
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 's' } },
      { type: 'content_block_stop', index: 0 },
    ])
    expect(JSON.stringify(events(start, ...thought('gemini', 's'), finish))).not.toContain('signature_delta')
  })

  test('tell calls with their arguments as they come', () => {
    expect(
      events(start, call(0), piece(0, '{"a'), piece(0, '":1}'), called(0), finish)
        .slice(1, 5)
        .map(({ data }) => data),
    ).toEqual([
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'tool_use', id: 'call_0', name: 'look', input: {}, caller: { type: 'direct' } },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"a' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '":1}' } },
      { type: 'content_block_stop', index: 0 },
    ])
  })

  test('tell one block after the other, however they were told', () => {
    const all = events(
      start,
      call(0),
      piece(0, '1'),
      call(1),
      piece(1, '2'),
      text(2),
      piece(0, '3'),
      called(1),
      say(2, 'x'),
      called(0),
      done(2),
      finish,
    )
    expect(order(all)).toEqual([
      'message_start',
      'content_block_start 0',
      'content_block_delta 0',
      'content_block_delta 0',
      'content_block_stop 0',
      'content_block_start 1',
      'content_block_delta 1',
      'content_block_stop 1',
      'content_block_start 2',
      'content_block_delta 2',
      'content_block_stop 2',
      'message_delta',
      'message_stop',
    ])
    expect(JSON.stringify(all)).toMatch(/"partial_json":"1".*"partial_json":"3".*"partial_json":"2"/)
  })

  test('tell citations behind their text', () => {
    const cited: MessageChunk = {
      type: 'text-delta',
      id: 0,
      text: 'b',
      extra: { 'anthropic-messages': { citations: [{ url: 'c' }] } },
    }
    const open: MessageChunk = {
      type: 'text-start',
      id: 0,
      extra: { 'anthropic-messages': { citations: [{ url: 'a' }] } },
    }
    expect(
      events(start, open, cited, done(0), finish)
        .slice(1, 5)
        .map(({ data }) => data.content_block ?? data.delta),
    ).toEqual([
      { type: 'text', text: '', citations: [] },
      { type: 'citations_delta', citation: { url: 'a' } },
      { type: 'text_delta', text: 'b' },
      { type: 'citations_delta', citation: { url: 'c' } },
    ])
  })

  test('tell blocks that only this dialect knows, and none of others', () => {
    const block = (origin: string, value: MessageChunk extends infer _ ? readonly object[] : never): MessageChunk[] => [
      { type: 'opaque-start', id: 7, origin, value: value as never },
      { type: 'opaque-delta', id: 7, value: { type: 'x_delta' } },
      { type: 'opaque-end', id: 7, complete: true },
    ]
    const own = [{ type: 'x' }, { type: 'first_delta' }]
    expect(
      events(start, ...block('anthropic-messages', own), finish)
        .slice(1, 4)
        .map(({ data }) => data.content_block ?? data.delta),
    ).toEqual([{ type: 'x' }, { type: 'first_delta' }, { type: 'x_delta' }])
    expect(order(events(start, ...block('gemini', own), finish))).toEqual([
      'message_start',
      'message_delta',
      'message_stop',
    ])
  })

  test('tell that the server is alive, and nothing of who goes on', () => {
    expect(order(events(start, { type: 'ping' }, { type: 'target', model: 'q/n', reason: 'x' }))).toEqual([
      'message_start',
      'ping',
    ])
  })

  test('tell the counts of the beginning where the server said them', () => {
    const begun = { input_tokens: 5 }
    const [first] = events({
      ...start,
      simulated: true,
      extra: { 'anthropic-messages': { usage: begun, model: 'x', x_new: 1 } },
    })
    expect(first?.data.message).toMatchObject({ usage: begun, model: 'fast', x_new: 1, simulated: true })
  })

  test('tell what was written to the cache for long, which the beginning could not', () => {
    const written = { ...usage, input: { ...usage.input, cacheWrite: { '1h': 4, '5m': 1 } } }
    const end = (first: MessageChunk) => events(first, { ...finish, usage: written }).at(-2)?.data.usage
    expect(end(start)).toMatchObject({
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 4 },
    })
    expect(end({ ...start, extra: { 'anthropic-messages': { usage: {} } } })).not.toHaveProperty('cache_creation')
  })

  test('tell the ending in the words of this dialect', () => {
    const ending = (chunk: Partial<MessageChunk & { type: 'finish' }>) =>
      events(start, { ...finish, ...chunk } as MessageChunk).at(-2)?.data.delta
    expect(ending({ reason: 'stop-sequence', stopSequence: 'END' })).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    })
    expect(ending({ reason: 'content-filter' })).toMatchObject({ stop_reason: 'refusal' })
    const extra = { 'anthropic-messages': { stop_reason: 'strange', stop_details: { a: 1 }, container: { id: 'c' } } }
    expect(ending({ reason: 'other', extra })).toEqual({
      stop_reason: 'strange',
      stop_sequence: null,
      stop_details: { a: 1 },
      container: { id: 'c' },
    })
    expect(ending({ reason: 'other' })).toMatchObject({ stop_reason: 'end_turn' })
  })

  test('tell an error as the last of them', () => {
    const encoder = streamEncoder()
    encoder.encode([start, text(0)])
    const error = new SwitchyardError('overloaded', 'Busy.', { requestId: 'r' })
    expect(told(encoder.error(error))).toEqual([
      {
        name: 'error',
        data: {
          type: 'error',
          error: { type: 'overloaded_error', message: 'Busy.', details: { error_code: 'overloaded' } },
          request_id: 'r',
        },
      },
    ])
  })

  test('pass over what was never begun', () => {
    expect(order(events(start, say(9, 'a'), done(9), finish))).toEqual([
      'message_start',
      'message_delta',
      'message_stop',
    ])
  })
})
