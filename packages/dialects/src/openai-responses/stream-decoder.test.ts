import { type MessageChunk, type MessageResponse, ResponseAccumulator } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import type { AnswerContext } from '../answer-context.ts'
import { streamDecoder } from './stream-decoder.ts'

const context: AnswerContext = { provider: 'p', model: 'm', secrets: ['s3cret-value'] }
type Event = Record<string, unknown>

const response = (more: Event = {}): Event => ({
  id: 'resp_1',
  object: 'response',
  created_at: 5,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  model: 'm',
  output: [],
  service_tier: 'auto',
  usage: null,
  ...more,
})
const created: Event = { type: 'response.created', response: response() }
const completed = (more: Event = {}): Event => ({
  type: 'response.completed',
  response: response({ status: 'completed', ...more }),
})

function text(events: readonly Event[]): string {
  return events
    .map((event, at) => {
      const numbered = JSON.stringify({ type: event.type, sequence_number: at, ...event })
      return `event: ${event.type}\ndata: ${numbered}\n\n`
    })
    .join('')
}

function decode(events: readonly Event[] | string, pieces = 1 << 20, asked = context): MessageChunk[] {
  const bytes = new TextEncoder().encode(typeof events === 'string' ? events : text(events))
  const decoder = streamDecoder(asked)
  const chunks: MessageChunk[] = []
  for (let at = 0; at < bytes.length; at += pieces) chunks.push(...decoder.decode(bytes.subarray(at, at + pieces)))
  return [...chunks, ...decoder.end()]
}

function answer(events: readonly Event[]): MessageResponse {
  const accumulator = new ResponseAccumulator()
  for (const chunk of decode(events)) accumulator.add(chunk)
  return accumulator.response()
}

/** What the reading of these events ends with. */
function failure(events: readonly Event[] | string): unknown {
  const decoder = streamDecoder(context)
  try {
    decoder.decode(new TextEncoder().encode(typeof events === 'string' ? events : text(events)))
    decoder.end()
  } catch (error) {
    return error
  }
  return expect.fail('it should have thrown')
}

const message = { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] }
const added = (item: Event, output_index = 0): Event => ({ type: 'response.output_item.added', output_index, item })
const done = (item: Event, output_index = 0): Event => ({ type: 'response.output_item.done', output_index, item })
const inPart = (type: string, more: Event, output_index = 0): Event => ({
  type,
  item_id: 'msg_1',
  output_index,
  content_index: 0,
  ...more,
})
const part = (value: string, more: Event = {}): Event => ({
  type: 'output_text',
  annotations: [],
  logprobs: [],
  text: value,
  ...more,
})
const delta = (value: string, more: Event = {}): Event =>
  inPart('response.output_text.delta', { delta: value, logprobs: [], obfuscation: 'a1', ...more })
const spoken = [
  added(message),
  inPart('response.content_part.added', { part: part('') }),
  delta('Hel'),
  delta('lo.'),
  inPart('response.output_text.done', { text: 'Hello.', logprobs: [] }),
  inPart('response.content_part.done', { part: part('Hello.') }),
  done({ ...message, status: 'completed', content: [part('Hello.')] }),
]
const usage = {
  input_tokens: 37,
  input_tokens_details: { cached_tokens: 7, cache_write_tokens: 10, cache_write_tokens_details: { ttl_30m_tokens: 4 } },
  output_tokens: 75,
  output_tokens_details: { reasoning_tokens: 64 },
  total_tokens: 112,
}

describe('text', () => {
  const events = [created, { ...created, type: 'response.in_progress' }, ...spoken, completed({ usage })]

  test('comes as it is made, wherever the bytes are cut', () => {
    const chunks = decode(events)
    expect(chunks.map(({ type }) => type)).toEqual([
      'start',
      'ping',
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'finish',
    ])
    expect(chunks[0]).toEqual({
      type: 'start',
      id: 'resp_1',
      model: 'p/m',
      created: 5,
      extra: { 'openai-responses': { service_tier: 'auto' } },
    })
    expect(decode(events, 7)).toEqual(chunks)
    expect(decode(text(events).replaceAll('\n', '\r\n'))).toEqual(chunks)
  })

  test('ends with its reason, its usage in parts, and what was said late', () => {
    const late = completed({
      usage,
      service_tier: 'flex',
      completed_at: 9,
      tool_usage: { web_search: { num_requests: 2 } },
    })
    expect(decode([created, ...spoken, late]).at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      rawReason: 'completed',
      usage: {
        input: { uncached: 20, cacheRead: 7, cacheWrite: { '30m': 4, default: 6 } },
        output: { text: 11, reasoning: 64 },
        units: { searches: 2 },
        raw: usage,
      },
      extra: {
        'openai-responses': {
          service_tier: 'flex',
          completed_at: 9,
          tool_usage: { web_search: { num_requests: 2 } },
        },
      },
    })
  })

  test('keeps annotations and log probabilities, each once', () => {
    const annotation = { type: 'url_citation', url: 'https://a.example' }
    const logprobs = [{ token: 'Hi', logprob: -0.1 }]
    const whole = part('Hi', { annotations: [annotation, { type: 'file_path' }], logprobs })
    const { content } = answer([
      created,
      added(message),
      delta('Hi', { logprobs }),
      inPart('response.output_text.annotation.added', { annotation_index: 0, annotation }),
      done({ ...message, status: 'completed', content: [whole] }),
      completed(),
    ])
    expect(content).toEqual([
      {
        type: 'text',
        text: 'Hi',
        extra: {
          'openai-responses': {
            item: { id: 'msg_1', type: 'message', status: 'completed' },
            logprobs,
            annotations: [annotation, { type: 'file_path' }],
          },
        },
      },
    ])
  })

  test('is whole where only its end tells it', () => {
    const whole = done({ ...message, status: 'completed', content: [part('Hello.'), { type: 'x_map', at: 1 }] })
    expect(answer([created, whole, completed()]).content).toMatchObject([
      { type: 'text', text: 'Hello.' },
      { type: 'opaque', value: { content_part: { type: 'x_map', at: 1 } } },
    ])
    const output = [{ ...message, status: 'completed', content: [part('Hello.')] }]
    expect(answer([created, completed({ output })]).content).toMatchObject([{ type: 'text', text: 'Hello.' }])
  })

  test('that declines says so', () => {
    const refusal = [
      added(message),
      inPart('response.content_part.added', { part: { type: 'refusal', refusal: '' } }),
      inPart('response.refusal.delta', { delta: 'No.' }),
      inPart('response.refusal.done', { refusal: 'No.' }),
      done({ ...message, status: 'completed', content: [{ type: 'refusal', refusal: 'No.' }] }),
    ]
    expect(answer([created, ...refusal, completed()])).toMatchObject({
      reason: 'refusal',
      content: [{ type: 'text', text: 'No.', refusal: true }],
    })
  })

  test('that a limit cut is incomplete, whether or not its item was ended', () => {
    const cut = { type: 'response.incomplete', response: response(incomplete('max_output_tokens')) }
    const begun = [created, added(message), delta('Hel')]
    for (const events of [
      [...begun, cut],
      [...begun, done({ ...message, status: 'incomplete', content: [part('Hel')] }), cut],
    ]) {
      expect(answer(events)).toMatchObject({
        reason: 'length',
        rawReason: 'max_output_tokens',
        content: [{ type: 'text', text: 'Hel', complete: false }],
      })
    }
  })
})

function incomplete(reason?: string): Event {
  return { status: 'incomplete', incomplete_details: reason === undefined ? null : { reason } }
}

test('other reasons for an end keep their word', () => {
  const end = (more: Event) => decode([created, { type: 'response.incomplete', response: response(more) }]).at(-1)
  expect(end(incomplete('content_filter'))).toMatchObject({ reason: 'content-filter', rawReason: 'content_filter' })
  expect(end(incomplete('steered'))).toMatchObject({ reason: 'other', rawReason: 'steered' })
  expect(end(incomplete())).toMatchObject({ reason: 'other', rawReason: 'incomplete' })
  expect(end({ status: 'cancelled' })).toMatchObject({ reason: 'other', rawReason: 'cancelled' })
})

describe('reasoning and calls', () => {
  const thought = { id: 'rs_1', type: 'reasoning', summary: [] }
  const summary = (type: string, more: Event): Event => ({
    type: `response.reasoning_summary_${type}`,
    item_id: 'rs_1',
    output_index: 0,
    summary_index: 0,
    ...more,
  })
  const call = {
    id: 'fc_1',
    type: 'function_call',
    status: 'in_progress',
    call_id: 'call_a',
    name: 'weather',
    arguments: '',
  }
  const wire = [
    created,
    added(thought),
    summary('part.added', { part: { type: 'summary_text', text: '' } }),
    summary('text.delta', { delta: 'Need ' }),
    summary('text.delta', { delta: 'both.' }),
    summary('text.done', { text: 'Need both.' }),
    summary('part.done', { part: { type: 'summary_text', text: 'Need both.' } }),
    summary('text.delta', { delta: 'Now.', summary_index: 1 }),
    done({
      ...thought,
      summary: [
        { type: 'summary_text', text: 'Need both.' },
        { type: 'summary_text', text: 'Now.' },
      ],
      encrypted_content: 'gAAA',
    }),
    added(call, 1),
    { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: '{"city":' },
    { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 1, delta: '"Oslo"}' },
    { type: 'response.function_call_arguments.done', item_id: 'fc_1', output_index: 1, arguments: '{"city":"Oslo"}' },
    done({ ...call, status: 'completed', arguments: '{"city":"Oslo"}' }, 1),
    done({ ...call, id: 'fc_2', call_id: 'functions.weather:1', status: 'completed', arguments: '{ }' }, 2),
    completed(),
  ]

  test('are told in their order, with all that a replay needs', () => {
    expect(answer(wire)).toMatchObject({
      reason: 'tool-calls',
      rawReason: 'completed',
      content: [
        {
          type: 'reasoning',
          text: 'Need both.\n\nNow.',
          signature: 'gAAA',
          origin: 'openai-responses',
          extra: { 'openai-responses': { id: 'rs_1', summary: [{ text: 'Need both.' }, { text: 'Now.' }] } },
        },
        {
          type: 'tool-call',
          id: 'call_a',
          name: 'weather',
          input: { city: 'Oslo' },
          extra: { 'openai-responses': { id: 'fc_1', after: 'rs_1', status: 'completed' } },
        },
        {
          type: 'tool-call',
          id: expect.stringMatching(/^functions_weather_1_[a-z0-9]+$/),
          input: {},
          extra: { 'openai-responses': { id: 'fc_2', call_id: 'functions.weather:1', arguments: '{ }' } },
        },
      ],
    })
  })

  test('begin with their first word: a model that thinks in silence has said nothing yet', () => {
    const read = (events: readonly Event[]) =>
      streamDecoder(context)
        .decode(new TextEncoder().encode(text(events)))
        .map(({ type }) => type)
    expect(read(wire.slice(0, 3))).toEqual(['start'])
    expect(read(wire.slice(0, 4))).toEqual(['start', 'reasoning-start', 'reasoning-delta'])
    expect(read([created, added(thought), done(thought)])).toEqual(['start', 'reasoning-start', 'reasoning-end'])
  })

  test('of servers that tell the text of reasoning, or only its end, are read too', () => {
    const told = {
      type: 'response.reasoning_text.delta',
      item_id: 'rs_1',
      output_index: 0,
      content_index: 0,
      delta: 'Hm.',
    }
    const content = [{ type: 'reasoning_text', text: 'Hm.' }]
    const end = done({ ...thought, content })
    for (const events of [
      [created, added(thought), told, { ...told, type: 'response.reasoning_text.done' }, end, completed()],
      [created, end, completed()],
    ]) {
      expect(answer(events).content).toEqual([
        {
          type: 'reasoning',
          text: 'Hm.',
          origin: 'openai-responses',
          extra: { 'openai-responses': { id: 'rs_1', summary: [], content } },
        },
      ])
    }
  })

  test('that a limit cut keep what there is', () => {
    const cut = { type: 'response.incomplete', response: response(incomplete('max_output_tokens')) }
    const half = { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 0, delta: '{"ci' }
    expect(answer([created, added(call), half, cut])).toMatchObject({
      reason: 'length',
      content: [{ type: 'tool-call', complete: false, invalid: { text: '{"ci' } }],
    })
    expect(answer([created, added(thought), cut])).toMatchObject({
      reason: 'length',
      content: [{ type: 'reasoning', complete: false }],
    })
  })
})

describe('what has no word here', () => {
  const search = { id: 'ws_1', type: 'web_search_call', status: 'in_progress' }
  const searching = { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' }

  test('an item is kept with its events, and its end', () => {
    const whole = { ...search, status: 'completed', action: { type: 'search', query: 'Oslo' } }
    expect(answer([created, added(search), searching, done(whole), completed()])).toMatchObject({
      reason: 'stop',
      content: [{ type: 'opaque', origin: 'openai-responses', value: [search, { type: searching.type }, whole] }],
    })
    expect(answer([created, added(whole), done(whole), completed()]).content).toEqual([
      { type: 'opaque', origin: 'openai-responses', value: whole },
    ])
  })

  test('a call that the client has to answer ends as one', () => {
    const custom = { id: 'ctc_1', type: 'custom_tool_call', call_id: 'call_1', name: 'grep', input: 'a' }
    expect(answer([created, done(custom), completed()]).reason).toBe('tool-calls')
  })

  test('an unknown event of a known item stays with it', () => {
    const strange = (type: string, output_index: number): Event => ({ type, output_index, item_id: 'x', mood: 'calm' })
    const thought = { id: 'rs_1', type: 'reasoning', summary: [] }
    const call = { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }
    const { content } = answer([
      created,
      added(message),
      strange('response.output_text.early', 0),
      delta('Hi'),
      strange('response.output_text.mood', 0),
      inPart('response.output_text.annotation.added', { annotation_index: 0 }),
      done({ ...message, status: 'completed', content: [part('Hi')] }),
      added(thought, 1),
      strange('response.reasoning.mood', 1),
      added(call, 2),
      strange('response.function_call.mood', 2),
      added({ ...message, id: 'msg_2' }, 3),
      inPart('response.content_part.added', { part: { type: 'x_map' } }, 3),
      strange('response.x_map.mood', 3),
      done({ ...message, id: 'msg_2', content: [{ type: 'x_map', at: 1 }] }, 3),
      completed(),
    ])
    const told = (type: string) => ({ 'openai-responses': { events: [{ type, mood: 'calm' }] } })
    expect(content).toMatchObject([
      { type: 'text', extra: told('response.output_text.mood') },
      { type: 'reasoning', extra: told('response.reasoning.mood') },
      { type: 'tool-call', input: {}, extra: told('response.function_call.mood') },
      {
        type: 'opaque',
        value: [
          { content_part: { type: 'x_map' }, item: { id: 'msg_2' } },
          { type: 'response.x_map.mood' },
          { content_part: { type: 'x_map', at: 1 } },
        ],
      },
    ])
  })

  test('an unknown event of the answer is a block of its own, one of no answer says that it lives', () => {
    const compacting = { type: 'response.compaction.compacting', item: 5 }
    const chunks = decode([created, compacting, { type: 'keepalive' }, completed()])
    expect(chunks.map(({ type }) => type)).toEqual(['start', 'opaque-start', 'opaque-end', 'ping', 'finish'])
    expect(chunks[1]).toMatchObject({ value: compacting })
  })

  test('comments are one sign of life for each read', () => {
    expect(decode(`: a\n\n${text([created])}: b\n\n: c\n\n${text([completed()])}`).map(({ type }) => type)).toEqual([
      'start',
      'ping',
      'finish',
    ])
  })

  test('what follows the end of an item or of the answer is not read', () => {
    const late = [delta('!'), done({ ...message, content: [part('Hello.!')] })]
    expect(answer([created, ...spoken, ...late, completed()]).content).toMatchObject([{ text: 'Hello.' }])
    expect(decode([created, completed(), { type: 'error', error: {} }]).at(-1)?.type).toBe('finish')
  })
})

describe('errors', () => {
  test('within `error`, with headers, as production sends them', () => {
    const error = {
      type: 'tokens',
      code: 'rate_limit_exceeded',
      headers: { 'x-ratelimit-remaining-tokens': '4735', 'x-ratelimit-reset-tokens': '50.529s' },
      message: 'Rate limit reached for m. Please try again in 6.57s.',
      param: null,
    }
    const limited = { kind: 'rate-limit', code: 'rate_limit_exceeded', provider: 'p', model: 'm' }
    expect(failure([created, { type: 'error', error }])).toMatchObject({ ...limited, retryAfterMs: 6570 })
    const asked = { ...error, headers: { 'retry-after': '3' } }
    expect(failure([created, { type: 'error', error: asked }])).toMatchObject({ ...limited, retryAfterMs: 3000 })
    const used = { ...error, message: 'Slow.', headers: { ...error.headers, 'x-ratelimit-remaining-tokens': '0' } }
    expect(failure([created, { type: 'error', error: used }])).toMatchObject({ ...limited, retryAfterMs: 50_529 })
  })

  test('flat, as they are documented, and as bare words', () => {
    const flat = { type: 'error', code: 'server_error', message: 'The server had an error, s3cret-value.', param: null }
    expect(failure([created, flat])).toMatchObject({
      kind: 'unavailable',
      code: 'server_error',
      message: 'p/m: The server had an error, [redacted].',
    })
    expect(failure('event: error\ndata: The server is overloaded\n\n')).toMatchObject({ kind: 'overloaded' })
  })

  test('of an answer that failed are told by their code', () => {
    const failed = (code: string, more = 'It broke.') => {
      const error = { code, message: more }
      return failure([created, { type: 'response.failed', response: response({ status: 'failed', error }) }])
    }
    expect(failed('server_error')).toMatchObject({ kind: 'unavailable', message: 'p/m: It broke.' })
    expect(failed('rate_limit_exceeded')).toMatchObject({ kind: 'rate-limit' })
    expect(failed('invalid_prompt')).toMatchObject({ kind: 'content-filter' })
    expect(failed('image_too_large')).toMatchObject({ kind: 'invalid-request' })
    expect(failed('invalid_encrypted_content')).toMatchObject({ kind: 'invalid-request' })
  })

  test('come after what was told before them, and again at each further read', () => {
    const decoder = streamDecoder(context)
    const bytes = new TextEncoder().encode(text([created, added(message), delta('Hi'), { type: 'error', code: 'x' }]))
    expect(decoder.decode(bytes).map(({ type }) => type)).toEqual(['start', 'text-start', 'text-delta'])
    expect(decoder.state).toBe('failed')
    expect(() => decoder.decode(new Uint8Array(0))).toThrow(expect.objectContaining({ kind: 'unavailable' }))
    expect(() => decoder.end()).toThrow(expect.objectContaining({ kind: 'unavailable' }))
  })

  test('a stream that just ends is truncated, one whose last blank line is missing is not', () => {
    for (const events of [[], [created], [created, ...spoken]])
      expect(failure(events)).toMatchObject({ kind: 'truncated', provider: 'p', model: 'm' })
    expect(failure(`${text([created])}data: {"type":"response.comp`)).toMatchObject({ kind: 'truncated' })
    expect(decode(text([created, completed()]).trimEnd()).at(-1)?.type).toBe('finish')
  })

  test('a malformed event is never skipped', () => {
    for (const [event, message] of [
      ['{"type"', 'an event is not JSON'],
      ['[]', 'an event is not a JSON object'],
      ['{}', 'an event has no type'],
      ['{"type":5}', 'an event has no type'],
      ['{"type":"response.output_item.added","output_index":0}', 'an event has no item'],
      ['{"type":"response.output_text.delta","output_index":3,"delta":"a"}', 'an event is of an item that never began'],
    ] as const) {
      expect(failure(`${text([created])}data: ${event}\n\n`)).toMatchObject({
        kind: 'protocol',
        message: expect.stringContaining(`p/m: ${message}`),
      })
    }
    expect(failure([delta('Hi')])).toMatchObject({ kind: 'protocol' })
    expect(failure('data: "s3cret-value"\n\n')).toMatchObject({ message: expect.not.stringContaining('s3cret') })
  })
})

test('a simulated answer says so, and an answer may have another model than was asked for', () => {
  const [start] = decode([{ ...created, response: response({ simulated: true, model: 'm-2', id: '' }) }, completed()])
  expect(start).toMatchObject({ simulated: true, extra: { 'openai-responses': { model: 'm-2' } } })
  expect(start).not.toHaveProperty('id')
})

test('an event named error is one, whatever type its data tells', () => {
  const wire = { type: 'rate_limit_error', message: 'Slow, try again in 2s' }
  expect(failure(`event: error\ndata: ${JSON.stringify(wire)}\n\n`)).toMatchObject({
    kind: 'rate-limit',
    retryAfterMs: 2000,
  })
})

test('log probabilities of pieces that look alike are all told', () => {
  const place = { output_index: 0, content_index: 0, item_id: 'msg_1' }
  const logprobs = [{ token: 'a', logprob: -1 }]
  const piece = { type: 'response.output_text.delta', ...place, delta: 'a', logprobs }
  const chunks = decode([
    created,
    { type: 'response.output_item.added', output_index: 0, item: { type: 'message', id: 'msg_1', content: [] } },
    piece,
    piece,
    piece,
    completed(),
  ])
  const told = chunks.filter(({ type }) => type === 'text-delta')
  expect(told).toHaveLength(3)
  for (const chunk of told) expect(chunk).toMatchObject({ extra: { 'openai-responses': { logprobs } } })
})

test('arguments that only the whole item tells are told', () => {
  const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look', arguments: '' }
  const whole = { ...item, status: 'completed', arguments: '{"a":1}' }
  const { content } = answer([
    created,
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_item.done', output_index: 0, item: whole },
    completed(),
  ])
  expect(content).toMatchObject([{ type: 'tool-call', input: { a: 1 } }])
})

test.each([
  'custom_tool_call',
  'computer_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'mcp_approval_request',
])('a %s waits for the client', type => {
  expect(answer([created, completed({ output: [{ type, id: 'x_1', status: 'completed' }] })]).reason).toBe('tool-calls')
})
