import { type MessageChunk, type MessageResponse, responseChunks, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeResponse } from './decode-response.ts'
import { encodeResponse } from './encode-response.ts'
import { type StreamEncoderOptions, streamEncoder } from './stream-encoder.ts'

interface Told {
  readonly type: string
  readonly sequence_number: number
  readonly [field: string]: unknown
}

function events(chunks: readonly MessageChunk[], options: StreamEncoderOptions = {}): Told[] {
  const text = streamEncoder(options).encode(chunks)
  const frames = text.split('\n\n').filter(frame => frame.startsWith('event: '))
  return frames.map(frame => {
    const [name, data] = frame.split('\n') as [string, string]
    const event = JSON.parse(data.slice('data: '.length)) as Told
    expect(name).toBe(`event: ${event.type}`)
    return event
  })
}

const start: MessageChunk = { type: 'start', id: 'resp_1', model: 'p/m', created: 5 }
const stop: MessageChunk = { type: 'finish', reason: 'stop' }
const text = (id: number, said: string): MessageChunk[] => [
  { type: 'text-start', id },
  { type: 'text-delta', id, text: said },
  { type: 'text-end', id, complete: true },
]

/** What the answer's last event says of it. */
function lastResponse(chunks: readonly MessageChunk[], options: StreamEncoderOptions = {}): Record<string, unknown> {
  return events(chunks, options).at(-1)?.response as Record<string, unknown>
}

const types = (chunks: readonly MessageChunk[]) => events(chunks).map(({ type }) => type.replace('response.', ''))

describe('an answer', () => {
  test('is told in the order of the real server, numbered from 0', () => {
    const told = events([start, { type: 'ping' }, ...text(0, 'Hi'), stop])
    expect(told.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(told.map(event => event.sequence_number)).toEqual(told.map((_, at) => at))
    expect(told[4]).toMatchObject({ item_id: 'msg_1_0', output_index: 0, content_index: 0, delta: 'Hi', logprobs: [] })
    const output = [
      {
        id: 'msg_1_0',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }],
      },
    ]
    expect(told[7]).toMatchObject({ item: output[0] })
    expect(told[8]).toMatchObject({
      response: {
        id: 'resp_1',
        object: 'response',
        created_at: 5,
        model: 'p/m',
        status: 'completed',
        output,
        usage: null,
      },
    })
    expect(told[2]).toMatchObject({ item: { status: 'in_progress', content: [] } })
  })

  test('ends as incomplete with its reason', () => {
    const end = (reason: 'length' | 'content-filter' | 'refusal') => events([start, { type: 'finish', reason }]).at(-1)
    const incomplete = (reason: string) => ({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason } },
    })
    expect(end('length')).toMatchObject(incomplete('max_output_tokens'))
    expect(end('content-filter')).toMatchObject(incomplete('content_filter'))
    expect(end('refusal')).toMatchObject(incomplete('content_filter'))
    const steered: MessageChunk = { type: 'finish', reason: 'other', rawReason: 'steered' }
    expect(events([start, steered]).at(-1)).toMatchObject(incomplete('steered'))
    const declined: MessageChunk[] = [
      { type: 'text-start', id: 0, refusal: true },
      { type: 'text-delta', id: 0, text: 'No.' },
      { type: 'text-end', id: 0, complete: true },
      { type: 'finish', reason: 'refusal' },
    ]
    expect(types([start, ...declined])).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
  })

  test('tells reasoning and calls as items of their own', () => {
    const chunks: MessageChunk[] = [
      start,
      { type: 'reasoning-start', id: 0, origin: 'anthropic-messages' },
      { type: 'reasoning-delta', id: 0, text: 'Hm.' },
      { type: 'reasoning-end', id: 0, complete: true, signature: 'theirs' },
      ...text(1, 'Wait.'),
      { type: 'tool-call-start', id: 2, callId: 'call_1', name: 'f' },
      { type: 'tool-call-end', id: 2, complete: true, input: { a: 1 } },
      { type: 'finish', reason: 'tool-calls' },
    ]
    expect(types(chunks).slice(2)).toEqual([
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ])
    expect(events(chunks).at(-1)).toMatchObject({
      response: {
        status: 'completed',
        output: [
          { id: 'rs_1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
          { id: 'msg_1_1', type: 'message' },
          {
            id: 'fc_1_2',
            type: 'function_call',
            call_id: 'call_1',
            name: 'f',
            arguments: '{"a":1}',
            status: 'completed',
          },
        ],
      },
    })
    expect(JSON.stringify(events(chunks))).not.toContain('theirs')
  })

  test('puts texts in a row into one message, and interleaved ones where they belong', () => {
    const output = (chunks: readonly MessageChunk[]) => lastResponse([start, ...chunks, stop]).output
    expect(output([...text(0, 'a'), ...text(1, 'b')])).toMatchObject([{ content: [{ text: 'a' }, { text: 'b' }] }])
    const mixed: MessageChunk[] = [
      { type: 'text-start', id: 0 },
      { type: 'tool-call-start', id: 1, callId: 'c', name: 'f' },
      { type: 'text-delta', id: 0, text: 'a' },
      { type: 'tool-call-delta', id: 1, text: '{}' },
      { type: 'text-end', id: 0, complete: true },
      { type: 'tool-call-end', id: 1, complete: true, input: {} },
    ]
    expect(output(mixed)).toMatchObject([{ content: [{ text: 'a' }] }, { call_id: 'c' }])
    expect(types([start, ...mixed, stop]).filter(type => type === 'output_item.done')).toHaveLength(2)
  })

  test('says another model where told to, and goes on from another target', () => {
    const target: MessageChunk = { type: 'target', model: 'q/n', reason: 'it broke' }
    const model = (chunks: readonly MessageChunk[], options?: StreamEncoderOptions) =>
      lastResponse(chunks, options).model
    expect(model([start, target, stop])).toBe('q/n')
    expect(model([start, target, stop], { model: 'fast' })).toBe('fast')
    const bare: MessageChunk = { type: 'start', model: 'p/m', simulated: true }
    expect(events([bare, stop], { id: 'resp_9', created: 7 })[0]).toMatchObject({
      response: { id: 'resp_9', created_at: 7, simulated: true },
    })
    expect(events([bare, stop])[0]).toMatchObject({ response: { id: 'resp_0', created_at: 0 } })
  })

  test('leaves out what a response has no place for', () => {
    const choice = { choice: 1 }
    const chunks: MessageChunk[] = [
      { type: 'text-start', id: 0, ...choice },
      { type: 'text-delta', id: 0, text: 'a' },
      { type: 'text-end', id: 0, complete: true },
      { type: 'tool-call-start', id: 1, callId: 'c', name: 'f', ...choice },
      { type: 'tool-call-delta', id: 1, text: '{}' },
      { type: 'tool-call-end', id: 1, complete: true, input: {} },
      { type: 'reasoning-start', id: 2, origin: 'x', ...choice },
      { type: 'reasoning-end', id: 2, complete: true },
      { type: 'opaque-start', id: 3, origin: 'gemini', value: {} },
      { type: 'opaque-delta', id: 3, value: {} },
      { type: 'opaque-end', id: 3, complete: true },
      { type: 'opaque-start', id: 4, origin: 'openai-responses', value: 5 },
      { type: 'opaque-start', id: 5, origin: 'openai-responses', value: {} },
    ]
    expect(types([start, ...chunks, stop])).toEqual(['created', 'in_progress', 'completed'])
  })

  test('that a limit cut tells which item is incomplete', () => {
    const cut: MessageChunk[] = [
      { type: 'tool-call-start', id: 0, callId: 'c', name: 'f' },
      { type: 'tool-call-delta', id: 0, text: '{"a' },
      { type: 'tool-call-end', id: 0, complete: false, invalid: { text: '{"a', reason: 'cut' } },
      { type: 'reasoning-start', id: 1, origin: 'openai-responses' },
      { type: 'reasoning-end', id: 1, complete: false },
      { type: 'finish', reason: 'length' },
    ]
    expect(events([start, ...cut]).at(-1)).toMatchObject({
      response: {
        output: [
          { arguments: '{"a', status: 'incomplete' },
          { summary: [], status: 'incomplete' },
        ],
      },
    })
  })
})

test('log probabilities, annotations and unknown events are told in their places', () => {
  const own = (fields: object) => ({ extra: { 'openai-responses': fields } }) as object
  const mood = { type: 'response.mood', calm: true }
  const chunks = [
    start,
    { type: 'text-start', id: 0 },
    { type: 'text-delta', id: 0, text: 'Hi', ...own({ logprobs: [{ token: 'Hi' }] }) },
    { type: 'text-delta', id: 0, text: '', ...own({ annotations: [{ type: 'file_path' }], events: [mood, 5] }) },
    { type: 'text-end', id: 0, complete: true, ...own({ annotations: [{ type: 'late' }] }) },
    { type: 'reasoning-start', id: 1, origin: 'openai-responses', ...own({ id: 'rs_7' }) },
    { type: 'reasoning-delta', id: 1, text: '', ...own({ events: [mood] }) },
    { type: 'reasoning-end', id: 1, complete: true, signature: 'gAAA' },
    { type: 'tool-call-start', id: 2, callId: 'c', name: 'f' },
    { type: 'tool-call-delta', id: 2, text: '', ...own({ events: [mood] }) },
    { type: 'tool-call-end', id: 2, complete: true, input: {} },
    { type: 'opaque-start', id: 3, origin: 'openai-responses', value: [{ type: 'web_search_call', id: 'ws_1' }, mood] },
    { type: 'opaque-delta', id: 3, value: { type: 'web_search_call', id: 'ws_1', status: 'completed' } },
    { type: 'opaque-end', id: 3, complete: true },
    { type: 'opaque-start', id: 4, origin: 'openai-responses', value: { type: 'response.queued' } },
    { type: 'opaque-end', id: 4, complete: true },
    { type: 'opaque-start', id: 5, origin: 'openai-responses', value: [{ content_part: { type: 'x_map' } }, mood] },
    { type: 'opaque-delta', id: 5, value: { content_part: { type: 'x_map', at: 1 } } },
    { type: 'opaque-delta', id: 5, value: 5 },
    { type: 'opaque-end', id: 5, complete: true },
    stop,
  ] as MessageChunk[]
  const told = events(chunks)
  expect(told.filter(({ type }) => type === mood.type)).toMatchObject([
    { calm: true, item_id: 'msg_1_0', output_index: 0, content_index: 0 },
    { item_id: 'rs_7', output_index: 1 },
    { item_id: 'fc_1_2', output_index: 2 },
    { item_id: 'ws_1', output_index: 3 },
    { item_id: 'msg_1_4', output_index: 4, content_index: 0 },
  ])
  expect(told.find(({ type }) => type.endsWith('annotation.added'))).toMatchObject({
    annotation_index: 0,
    annotation: { type: 'file_path' },
  })
  expect(told.some(({ type }) => type === 'response.queued')).toBe(true)
  expect(told.at(-1)).toMatchObject({
    response: {
      output: [
        { content: [{ logprobs: [{ token: 'Hi' }], annotations: [{ type: 'file_path' }, { type: 'late' }] }] },
        { id: 'rs_7', encrypted_content: 'gAAA' },
        { arguments: '{}' },
        { id: 'ws_1', status: 'completed' },
        { content: [{ type: 'x_map', at: 1 }] },
      ],
    },
  })
})

test('an error is an event of its own, after which nothing comes', () => {
  const encoder = streamEncoder()
  encoder.encode([start])
  const error = new SwitchyardError('rate-limit', 'Slow down.', { provider: 'p', retryAfterMs: 10 })
  const [name, data] = encoder.error(error).trimEnd().split('\n') as [string, string]
  expect(name).toBe('event: error')
  expect(JSON.parse(data.slice(6))).toMatchObject({
    type: 'error',
    sequence_number: 2,
    error: { message: 'Slow down.', code: 'rate_limit_exceeded' },
  })
})

describe('a whole answer', () => {
  const response: MessageResponse = {
    model: 'p/m',
    content: [
      { type: 'text', text: 'Hi' },
      { type: 'opaque', origin: 'gemini', value: { type: 'x' } },
      {
        type: 'opaque',
        origin: 'openai-responses',
        value: [{ type: 'web_search_call', id: 'a' }, { type: 'response.x' }],
      },
      { type: 'text', text: 'there', complete: false },
    ],
    reason: 'length',
  }

  test('has what clients look for, and what is another’s left out', () => {
    expect(encodeResponse(response, { id: 'resp_5', created: 9, model: 'fast' })).toMatchObject({
      id: 'resp_5',
      object: 'response',
      created_at: 9,
      model: 'fast',
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      error: null,
      tools: [],
      output: [
        { id: 'msg_5_0', status: 'completed' },
        { type: 'web_search_call', id: 'a' },
        { id: 'msg_5_2', status: 'incomplete' },
      ],
    })
    expect(encodeResponse({ ...response, reason: 'other', rawReason: 'max_messages' })).toMatchObject({
      id: 'resp_0',
      created_at: 0,
      model: 'p/m',
      incomplete_details: { reason: 'max_messages' },
    })
    expect(encodeResponse({ ...response, reason: 'pause' })).toMatchObject({ status: 'completed' })
  })

  test('says the same as its stream', () => {
    expect(lastResponse(responseChunks(response)).output).toEqual(encodeResponse(response).output)
  })
})

describe('a whole answer that is none', () => {
  const context = { provider: 'p', model: 'm' }

  test('is refused as what it is', () => {
    for (const [body, kind, message] of [
      ['Hi', 'protocol', 'p/m: the answer is not a JSON object.'],
      [{ status: 'completed' }, 'protocol', 'p/m: the answer has no output.'],
      [{ status: 'completed', output: [5] }, 'protocol', 'p/m: output[0] is not an object.'],
      [{ error: { code: 'server_is_overloaded', message: 'Busy.' } }, 'overloaded', 'p/m: Busy.'],
      [{ status: 'failed', error: { code: 'server_error', message: 'It broke.' } }, 'unavailable', 'p/m: It broke.'],
    ] as const) {
      expect(() => decodeResponse(body, context)).toThrow(expect.objectContaining({ kind, message }))
    }
  })

  test('may lack what lax servers leave out', () => {
    const output = [{ type: 'message' }, { type: 'function_call', call_id: 'c', name: 'f' }, { type: 'reasoning' }]
    expect(decodeResponse({ output }, { ...context, requestId: 'r' })).toEqual({
      model: 'p/m',
      content: [
        { type: 'tool-call', id: 'c', name: 'f', input: {}, extra: { 'openai-responses': { arguments: undefined } } },
        { type: 'reasoning', text: '', origin: 'openai-responses' },
      ],
      reason: 'tool-calls',
      rawReason: 'completed',
    })
    expect(decodeResponse({ status: 'queued', output: [] }, context)).toMatchObject({
      reason: 'other',
      rawReason: 'queued',
    })
  })
})
