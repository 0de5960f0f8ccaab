import {
  isSwitchyardError,
  type JsonObject,
  type MessageChunk,
  ResponseAccumulator,
  type SwitchyardError,
} from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import type { AnswerContext } from '../answer-context.ts'
import { streamDecoder } from './stream-decoder.ts'

const context: AnswerContext = { provider: 'acme', model: 'tiny', secrets: ['s3cret-value'], requestId: 'req_1' }
const bytes = (text: string) => new TextEncoder().encode(text)
const event = (type: string, fields: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
const usage = { input_tokens: 5, cache_read_input_tokens: 7, cache_creation_input_tokens: 0, output_tokens: 1 }
const begin = (fields: object = {}) =>
  event('message_start', {
    message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'tiny', content: [], usage, ...fields },
  })
const open = (block: object, index = 0) => event('content_block_start', { index, content_block: block })
const delta = (fields: object, index = 0) => event('content_block_delta', { index, delta: fields })
const close = (index = 0) => event('content_block_stop', { index })
const text = { type: 'text', text: '', citations: null }
const say = (words: string, index = 0) => delta({ type: 'text_delta', text: words }, index)
const ends = (stop_reason: string | null, fields: object = {}, used: object | null = { output_tokens: 4 }) =>
  event('message_delta', {
    delta: { stop_reason, stop_sequence: null, stop_details: null, container: null, ...fields },
    usage: used,
  })
const stop = event('message_stop')
const ping = event('ping')
const spoken = (...words: string[]) => open(text) + words.map(word => say(word)).join('') + close()
const hello = begin() + spoken('Hel', 'lo') + ends('end_turn') + stop

function read(body: string, more: Partial<AnswerContext> = {}): MessageChunk[] {
  const decoder = streamDecoder({ ...context, ...more })
  const chunks = [...decoder.decode(bytes(body))]
  if (decoder.state !== 'finished') chunks.push(...decoder.end())
  return chunks
}

function whole(body: string, more: Partial<AnswerContext> = {}) {
  const accumulator = new ResponseAccumulator()
  for (const chunk of read(body, more)) accumulator.add(chunk)
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

// what is thrown once all that came before was delivered
function failureOf(body: string): SwitchyardError {
  return failure(() => {
    const decoder = streamDecoder(context)
    decoder.decode(bytes(body))
    if (decoder.state === 'failed') decoder.decode(bytes(''))
    decoder.end()
  })
}

const tools = [
  begin({
    usage: {
      ...usage,
      cache_creation_input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
    },
  }),
  open({ type: 'thinking', thinking: '', signature: '' }),
  delta({ type: 'thinking_delta', thinking: 'Two cities, ' }),
  delta({ type: 'thinking_delta', thinking: 'zwei Fälle 🌍.' }),
  delta({ type: 'signature_delta', signature: 'Eq' }),
  delta({ type: 'signature_delta', signature: 'Q=' }),
  close(),
  ping,
  open(text, 1),
  say('Looking.', 1),
  close(1),
  open({ type: 'tool_use', id: 'toolu_a', name: 'look', input: {}, caller: { type: 'direct' } }, 2),
  delta({ type: 'input_json_delta', partial_json: '' }, 2),
  delta({ type: 'input_json_delta', partial_json: '{"city": "Os' }, 2),
  delta({ type: 'input_json_delta', partial_json: 'lo"}' }, 2),
  close(2),
  open({ type: 'tool_use', id: 'toolu_b', name: 'look', input: {}, caller: { type: 'direct' } }, 3),
  delta({ type: 'input_json_delta', partial_json: '{"city": "Rome"}' }, 3),
  close(3),
  ends('tool_use', {}, { output_tokens: 120, output_tokens_details: { thinking_tokens: 40 } }),
  stop,
].join('')

describe('a streamed answer', () => {
  test('is told piece by piece, its end once it is known', () => {
    const decoder = streamDecoder(context)
    expect(decoder.decode(bytes(begin()))).toEqual([
      { type: 'start', id: 'msg_1', model: 'acme/tiny', extra: { 'anthropic-messages': { usage } } },
    ])
    expect(decoder.decode(bytes(open(text) + say('Hel')))).toEqual([
      { type: 'text-start', id: 0 },
      { type: 'text-delta', id: 0, text: 'Hel' },
    ])
    expect(decoder.decode(bytes(say('lo') + ping + ping))).toEqual([
      { type: 'text-delta', id: 0, text: 'lo' },
      { type: 'ping' },
    ])
    expect(decoder.decode(bytes(close()))).toEqual([])
    expect(decoder.decode(bytes(ends('end_turn')))).toEqual([{ type: 'text-end', id: 0, complete: true }])
    expect(decoder.state).toBe('open')
    expect(decoder.decode(bytes(`${stop}junk`))).toMatchObject([
      { type: 'finish', reason: 'stop', rawReason: 'end_turn' },
    ])
    expect(decoder.state).toBe('finished')
    expect(decoder.decode(bytes(stop))).toEqual([])
  })

  test('is the same wherever its bytes are split', () => {
    const all = bytes(tools)
    const accumulated = (places: readonly number[]) => {
      const decoder = streamDecoder(context)
      const accumulator = new ResponseAccumulator()
      let from = 0
      for (const to of [...places, all.length]) {
        for (const chunk of decoder.decode(all.subarray(from, to))) accumulator.add(chunk)
        from = to
      }
      return accumulator.response()
    }
    const expected = accumulated([])
    for (let at = 1; at < all.length; at++) expect(accumulated([at])).toEqual(expected)
    expect(accumulated(Array.from({ length: all.length }, (_, at) => at))).toEqual(expected)
  })

  test('holds thoughts with their signature and model, text and calls', () => {
    expect(whole(tools)).toMatchObject({
      content: [
        {
          type: 'reasoning',
          text: 'Two cities, zwei Fälle 🌍.',
          signature: 'EqQ=',
          origin: 'anthropic-messages',
          extra: { 'anthropic-messages': { model: 'tiny' } },
        },
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', id: 'toolu_a', name: 'look', input: { city: 'Oslo' } },
        { type: 'tool-call', id: 'toolu_b', name: 'look', input: { city: 'Rome' } },
      ],
      reason: 'tool-calls',
      rawReason: 'tool_use',
    })
  })

  test('tells no piece that says nothing', () => {
    const pieces = read(tools).flatMap(chunk => ('text' in chunk ? [chunk.text] : []))
    expect(pieces).not.toContain('')
  })

  test('is billed by its parts, later counts over earlier ones', () => {
    expect(whole(tools).usage).toMatchObject({
      input: { uncached: 5, cacheRead: 7, cacheWrite: { '5m': 1, '1h': 2 } },
      output: { text: 80, reasoning: 40 },
    })
    const later = ends('end_turn', {}, { input_tokens: 9, cache_read_input_tokens: null, output_tokens: 2 })
    expect(whole(begin() + later + stop).usage).toMatchObject({
      input: { uncached: 9, cacheRead: 7 },
      output: { text: 2 },
    })
  })

  test('without counts has no usage', () => {
    expect(whole(begin({ usage: undefined }) + spoken('a') + ends('end_turn', {}, null) + stop)).not.toHaveProperty(
      'usage',
    )
  })

  test("has an id for each call that is fit, and keeps the wire's own", () => {
    const long = `toolu_${'x'.repeat(50)}`
    const made = (id: string, index: number) =>
      open({ type: 'tool_use', id, name: 'look', input: {} }, index) + close(index)
    const { content } = whole(begin() + made(long, 0) + made('a', 1) + made('a', 2) + ends('tool_use') + stop)
    const ids = content.map(part => (part.type === 'tool-call' ? part.id : ''))
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
    expect(new Set(ids).size).toBe(3)
    expect(content[0]).toMatchObject({ input: {}, extra: { 'anthropic-messages': { id: long } } })
  })

  test.each([
    ['arguments that do not parse', '{"a', 'tool_use', { complete: undefined, invalid: { text: '{"a' } }],
    ['arguments that a limit cut', '{"a', 'max_tokens', { complete: false, invalid: { text: '{"a' } }],
    ['no arguments yet when a limit came', '', 'max_tokens', { complete: false, invalid: { text: '' } }],
    ['arguments that are whole when a limit comes', '{"a":1}', 'max_tokens', { complete: undefined, input: { a: 1 } }],
  ])('tells %s', (_, json, reason, expected) => {
    const call =
      open({ type: 'tool_use', id: 'a', name: 'look', input: {} }) +
      delta({ type: 'input_json_delta', partial_json: json })
    const [part] = whole(begin() + call + close() + ends(reason) + stop).content
    expect(part && { complete: 'complete' in part ? part.complete : undefined, ...part }).toMatchObject(expected)
  })

  test('takes the input of a call that comes at once', () => {
    const call = open({ type: 'tool_use', id: 'a', name: 'look', input: { city: 'Oslo' } }) + close()
    expect(whole(begin() + call + ends('end_turn') + stop)).toMatchObject({
      content: [{ input: { city: 'Oslo' } }],
      reason: 'tool-calls',
    })
  })

  test('takes text, thoughts and signatures that come with the start of their block', () => {
    const started =
      open({ type: 'thinking', thinking: 'Hm', signature: 's' }) +
      close() +
      open({ type: 'text', text: 'a' }, 1) +
      close(1)
    expect(whole(begin() + started + ends('end_turn') + stop).content).toMatchObject([
      { text: 'Hm', signature: 's' },
      { text: 'a' },
    ])
  })

  test.each([
    ['end_turn', 'stop', true],
    ['stop_sequence', 'stop-sequence', true],
    ['max_tokens', 'length', false],
    ['model_context_window_exceeded', 'context-length', false],
    ['pause_turn', 'pause', true],
    ['refusal', 'refusal', true],
    ['strange', 'other', true],
  ])('that ends with %s ends with %s', (word, reason, complete) => {
    const chunks = read(begin() + spoken('a') + ends(word) + stop)
    expect(chunks.at(-1)).toMatchObject({ reason, rawReason: word })
    expect(chunks.at(-2)).toMatchObject({ type: 'text-end', complete })
  })

  test('is cut in its last block alone', () => {
    const two = spoken('a') + open(text, 1) + say('b', 1) + close(1)
    const { content } = whole(begin() + two + ends('max_tokens') + stop)
    expect(content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b', complete: false },
    ])
  })

  test('may leave its last block open', () => {
    expect(whole(begin() + open(text) + say('a') + ends('max_tokens') + stop).content).toMatchObject([
      { complete: false },
    ])
  })

  test('says at which sequence it stopped, why it refused, and in what container it was', () => {
    const details = { type: 'refusal', category: 'bio', explanation: 'No.' }
    const told = { stop_sequence: 'END', stop_details: details, container: { id: 'c' } }
    expect(whole(begin() + spoken('a') + ends('refusal', told) + stop)).toMatchObject({
      stopSequence: 'END',
      extra: { 'anthropic-messages': { stop_details: details, container: { id: 'c' } } },
    })
  })

  test('keeps citations with their text', () => {
    const cited =
      open({ type: 'text', text: '', citations: [] }) +
      say('a') +
      delta({ type: 'citations_delta', citation: { url: 'b' } })
    expect(whole(begin() + cited + close() + ends('end_turn') + stop).content).toEqual([
      { type: 'text', text: 'a', extra: { 'anthropic-messages': { citations: [{ url: 'b' }] } } },
    ])
  })

  test('keeps blocks that nobody here knows, with their deltas', () => {
    const start = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const piece = { type: 'input_json_delta', partial_json: '{"q":1}' }
    expect(whole(begin() + open(start) + delta(piece) + close() + ends('end_turn') + stop).content).toEqual([
      { type: 'opaque', origin: 'anthropic-messages', value: [start, piece] },
    ])
  })

  test('passes over events and deltas that came to be later', () => {
    const later =
      event('message_weather', { index: 0 }) + open(text) + delta({ type: 'mood_delta', mood: 5 }) + say('a') + close()
    expect(whole(begin() + later + ends('end_turn') + stop).content).toEqual([{ type: 'text', text: 'a' }])
  })

  test('says that it is simulated, by whom it was made, and what nobody here knows', () => {
    const fields = { simulated: true, model: 'tiny-2026', container: { id: 'c' }, x_new: 1 }
    const [start] = read(begin(fields) + ends('end_turn') + stop)
    const extra: JsonObject = { usage, model: 'tiny-2026', container: { id: 'c' }, x_new: 1 }
    expect(start).toEqual({
      type: 'start',
      id: 'msg_1',
      model: 'acme/tiny',
      simulated: true,
      extra: { 'anthropic-messages': extra },
    })
    expect(read(begin({ id: '' }) + ends('end_turn') + stop, { simulated: true })[0]).toMatchObject({ simulated: true })
  })

  test('reads words that JSON spells otherwise', () => {
    expect(whole(begin() + spoken('plain', 'say "x"\n', ' é', '\u0000') + ends('end_turn') + stop).content).toEqual([
      { type: 'text', text: 'plainsay "x"\n é\u0000' },
    ])
  })

  test('reads a last event whose blank line never came', () => {
    expect(whole(hello.trimEnd()).reason).toBe('stop')
  })

  test('tells nothing of pings before it begins', () => {
    expect(read(ping + hello)[0]).toMatchObject({ type: 'start' })
    expect(read(`: comment\n\n${hello}`)[0]).toMatchObject({ type: 'start' })
  })
})

describe('a broken stream', () => {
  test.each([
    ['nothing at all', ''],
    ['a beginning alone', begin()],
    ['text without an end', begin() + open(text) + say('Cut off he')],
    ['an end without its last event', begin() + spoken('a') + ends('end_turn')],
    ['half an event', `${begin()}event: content_block_start\ndata: {"type":"conte`],
    ['a last event without a reason', begin() + spoken('a') + stop],
    ['a reason of nothing', begin() + spoken('a') + ends(null) + stop],
  ])('of %s is truncated', (_, body) => {
    expect(failureOf(body)).toMatchObject({ kind: 'truncated', provider: 'acme', model: 'tiny', requestId: 'req_1' })
  })

  test.each([
    ['no JSON', 'data: {nope\n\n', /is not JSON/],
    ['no object', 'data: 5\n\n', /not a JSON object/],
    ['no type', 'data: {}\n\n', /has no type/],
    ['a block before the message', open(text), /content_block_start came before message_start/],
    ['a message that is none', event('message_start', { message: 5 }), /malformed or out of place/],
    ['a second message', begin() + begin(), /out of place/],
    ['a block without its place', begin() + event('content_block_start', { content_block: text }), /out of place/],
    ['a block that is none', begin() + event('content_block_start', { index: 0, content_block: 5 }), /out of place/],
    ['a block without a type', begin() + open({}), /out of place/],
    ['a block where one is', begin() + open(text) + open(text), /out of place/],
    ['a delta of no block', begin() + say('a'), /out of place/],
    ['a delta that is none', begin() + open(text) + event('content_block_delta', { index: 0 }), /out of place/],
    ['a delta without a type', begin() + open(text) + delta({}), /out of place/],
    ['a text of numbers', begin() + open(text) + delta({ type: 'text_delta', text: 5 }), /out of place/],
    ['thoughts in a text', begin() + open(text) + delta({ type: 'thinking_delta', thinking: 'a' }), /out of place/],
    [
      'a signature in a text',
      begin() + open(text) + delta({ type: 'signature_delta', signature: 'a' }),
      /out of place/,
    ],
    [
      'arguments in a text',
      begin() + open(text) + delta({ type: 'input_json_delta', partial_json: 'a' }),
      /out of place/,
    ],
    ['text in thoughts', begin() + open({ type: 'thinking' }) + say('a'), /out of place/],
    [
      'a citation in thoughts',
      begin() + open({ type: 'thinking' }) + delta({ type: 'citations_delta', citation: {} }),
      /out of place/,
    ],
    ['an end of no block', begin() + close(), /out of place/],
    ['an end that is none', begin() + event('message_delta'), /out of place/],
  ])('with %s breaks the protocol', (_, body, message) => {
    const error = failureOf(body)
    expect(error).toMatchObject({ kind: 'protocol', provider: 'acme', model: 'tiny' })
    expect(error.message).toMatch(message)
  })

  test('takes no more text for a block that has ended, however alike it is', () => {
    expect(failureOf(begin() + spoken('a', 'b') + say('c'))).toMatchObject({ kind: 'protocol' })
  })

  test('tells no secret of what it held', () => {
    expect(failureOf('data: {"a": s3cret-value\n\n').message).not.toContain('s3cret')
  })

  test.each([
    ['overloaded_error', 'overloaded'],
    ['conflict_error', 'unavailable'],
    ['rate_limit_error', 'rate-limit'],
    ['api_error', 'unavailable'],
    ['timeout_error', 'timeout'],
    ['authentication_error', 'authentication'],
    ['billing_error', 'quota'],
    ['invalid_request_error', 'invalid-request'],
  ])('tells %s as %s, after what came before it', (type, kind) => {
    const decoder = streamDecoder({ provider: 'acme', model: 'tiny' })
    const error = event('error', { error: { type, message: 'Sorry' }, request_id: 'req_9' })
    const chunks = decoder.decode(bytes(begin() + open(text) + say('Par') + error + stop))
    expect(chunks.at(-1)).toEqual({ type: 'text-delta', id: 0, text: 'Par' })
    expect(decoder.state).toBe('failed')
    for (const next of [() => decoder.decode(bytes(stop)), () => decoder.end()]) {
      expect(failure(next)).toMatchObject({ kind, code: type, requestId: 'req_9', message: 'acme/tiny: Sorry' })
    }
  })

  test('tells an error that is no JSON', () => {
    expect(failureOf('event: error\ndata: upstream is overloaded\n\n')).toMatchObject({ kind: 'overloaded' })
  })
})
