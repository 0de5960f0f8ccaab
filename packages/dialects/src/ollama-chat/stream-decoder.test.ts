import type { MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { streamDecoder } from './stream-decoder.ts'

const context = { provider: 'lab', model: 'qwen3', requestId: 'r1' }
const bytes = (text: string) => new TextEncoder().encode(text)

const line = (message: object | undefined, more: object = {}) =>
  `${JSON.stringify({ model: 'qwen3', created_at: '2026-11-20T12:00:00Z', message, done: false, ...more })}\n`
const say = (content: string, more: object = {}) => line({ role: 'assistant', content, ...more })
const counts = { total_duration: 4_883_583_458, prompt_eval_count: 26, eval_count: 10, eval_duration: 4_535_599_000 }
const done = (word = 'stop', more: object = counts) =>
  line({ role: 'assistant', content: '' }, { done: true, done_reason: word, ...more })

const start: MessageChunk = { type: 'start', model: 'lab/qwen3', created: 1_795_176_000 }
const usage = { input: { uncached: 26, cacheRead: 0, cacheWrite: {} }, output: { text: 10, reasoning: 0 }, raw: counts }

function read(text: string, cuts: readonly number[] = []): MessageChunk[] {
  const decoder = streamDecoder(context)
  const all = bytes(text)
  const chunks: MessageChunk[] = []
  let from = 0
  for (const to of [...cuts, all.length]) {
    chunks.push(...decoder.decode(all.subarray(from, to)))
    from = to
  }
  if (decoder.state === 'failed') decoder.decode(bytes(''))
  return decoder.state === 'finished' ? chunks : [...chunks, ...decoder.end()]
}

function failure(text: string): { readonly error: SwitchyardError; readonly before: readonly MessageChunk[] } {
  const decoder = streamDecoder(context)
  const before: MessageChunk[] = []
  try {
    before.push(...decoder.decode(bytes(text)))
    if (decoder.state === 'failed') decoder.decode(bytes(''))
    else before.push(...decoder.end())
  } catch (error) {
    expect(decoder.state).toBe('failed')
    expect(() => decoder.decode(bytes(''))).toThrow(error as Error)
    expect(() => decoder.end()).toThrow(error as Error)
    return { error: error as SwitchyardError, before }
  }
  return expect.fail('it should have failed')
}

describe('lines that repeat', () => {
  const pieces = ['one', ' two', ' "three"', ' four\n', ' fünf', '\\', ' seven', '', ' eight']
  const spaced = (value: object) => JSON.stringify(value, null, 1).replaceAll('\n', ' ')
  const told = (spelled: (value: object) => string, fields: (at: number) => object) => {
    const lines = ['thinking', 'content', 'thinking', 'content'].flatMap((field, turn) =>
      pieces.map((text, index) => {
        const at = turn * pieces.length + index
        const message = field === 'content' ? { role: 'assistant', content: text } : { content: '', thinking: text }
        return `${spelled({ ...fields(at), message, done: false })}\n`
      }),
    )
    return read(lines.join('') + done())
  }
  const second = (at: number) => `2026-11-20T12:00:${10 + at}.${'1'.repeat(1 + (at % 7))}Z`

  test.each<[string, (at: number) => object]>([
    ['at other times', at => ({ model: 'qwen3', created_at: second(at) })],
    ['without a time', at => ({ server: `host${at >> 2}`, model: 'qwen3' })],
    ['with a time within', at => ({ model: 'qwen3', server: { created_at: second(at >> 2) } })],
    ['with a field before it that changes', at => ({ load: at >> 2, created_at: second(at) })],
    ['with a field after it that changes', at => ({ model: 'qwen3', created_at: second(at), load: at >> 2 })],
    ['with a field of each text', at => ({ model: 'qwen3', created_at: second(at), logprobs: [1] })],
  ])('%s tell the same as if each were read anew', (_, fields) => {
    expect(told(JSON.stringify, fields)).toEqual(told(spaced, fields))
  })

  test('lose nothing of what they say beside', () => {
    const both = (thinking: string) => say('So.', { thinking })
    const texts = read(say('', { thinking: 'a' }) + both('b') + both('c') + done()).flatMap(chunk =>
      chunk.type === 'text-delta' || chunk.type === 'reasoning-delta' ? [chunk.text] : [],
    )
    expect(texts).toEqual(['a', 'b', 'So.', 'c', 'So.'])
  })

  test('are told no more when an error, the end or half a line comes', () => {
    const text = say('a') + say('b') + say('c')
    expect(failure(`${text}{"error":"broken"}\n`).before).toHaveLength(5)
    expect(read(text + line({ role: 'assistant', content: 'd' }, { done: true })).slice(-3)).toMatchObject([
      { text: 'd' },
      { type: 'text-end' },
      { type: 'finish' },
    ])
    expect(failure(text + say('d').slice(0, -5)).error.kind).toBe('truncated')
  })
})

describe('a stream', () => {
  test('tells text, and its usage with the durations beside it', () => {
    expect(read(say('Hel') + say('lo.') + done())).toEqual([
      start,
      { type: 'text-start', id: 0 },
      { type: 'text-delta', id: 0, text: 'Hel' },
      { type: 'text-delta', id: 0, text: 'lo.' },
      { type: 'text-end', id: 0, complete: true },
      { type: 'finish', reason: 'stop', rawReason: 'stop', usage },
    ])
  })

  test('is over at its last line, whatever is left in the body', () => {
    const decoder = streamDecoder(context)
    decoder.decode(bytes(done() + say('more').trimEnd()))
    expect(decoder.state).toBe('finished')
    expect(decoder.end()).toEqual([])
  })

  test('says the same wherever its bytes are split', () => {
    const text = say('Grüße 👋') + say('', { thinking: 'hm' }) + done()
    const whole = read(text)
    for (let cut = 0; cut <= bytes(text).length; cut++) expect(read(text, [cut])).toEqual(whole)
  })

  test('tells what was thought before what is said', () => {
    const both = say('Hello.', { thinking: 'greet' })
    expect(read(say('', { thinking: 'The user ' }) + both + done()).slice(1, -1)).toEqual([
      { type: 'reasoning-start', id: 0, origin: 'ollama-chat' },
      { type: 'reasoning-delta', id: 0, text: 'The user ' },
      { type: 'reasoning-delta', id: 0, text: 'greet' },
      { type: 'reasoning-end', id: 0, complete: true },
      { type: 'text-start', id: 1 },
      { type: 'text-delta', id: 1, text: 'Hello.' },
      { type: 'text-end', id: 1, complete: true },
    ])
  })

  test('tells calls whole, under their ids, and so ends with tool calls', () => {
    const call = (id: string, index: number, city: string) =>
      say('', { tool_calls: [{ id, function: { index, name: 'get_weather', arguments: { city } } }] })
    const chunks = read(
      say('Let me see.') + call('call_ab12cd34', 0, 'Oslo') + call('call_ef56gh78', 1, 'Rome') + done(),
    )
    expect(chunks.slice(3)).toEqual([
      { type: 'text-end', id: 0, complete: true },
      { type: 'tool-call-start', id: 1, callId: 'call_ab12cd34', name: 'get_weather' },
      { type: 'tool-call-delta', id: 1, text: '{"city":"Oslo"}' },
      { type: 'tool-call-end', id: 1, complete: true, input: { city: 'Oslo' } },
      { type: 'tool-call-start', id: 2, callId: 'call_ef56gh78', name: 'get_weather' },
      { type: 'tool-call-delta', id: 2, text: '{"city":"Rome"}' },
      { type: 'tool-call-end', id: 2, complete: true, input: { city: 'Rome' } },
      { type: 'finish', reason: 'tool-calls', rawReason: 'stop', usage },
    ])
  })

  test('makes ids for calls without one, always the same, and keeps two apart', () => {
    const called = { name: 'now', arguments: {} }
    const text = say('', { tool_calls: [{ function: called }, { function: called }, 'nonsense'] }) + done()
    const ids = read(text).flatMap(chunk => (chunk.type === 'tool-call-start' ? [chunk.callId] : []))
    expect(new Set(ids).size).toBe(2)
    expect(read(text)).toEqual(read(text))
  })

  test('takes arguments that are text, as some servers send them, and says where they are none', () => {
    const call = (given: unknown) => say('', { tool_calls: [{ id: 'a', function: { name: 'f', arguments: given } }] })
    expect(read(call('{"a":1}') + done())).toContainEqual(expect.objectContaining({ input: { a: 1 } }))
    expect(read(call(undefined) + done())).toContainEqual(expect.objectContaining({ input: {} }))
    expect(read(call('{"a"') + done())).toContainEqual({
      type: 'tool-call-end',
      id: 0,
      complete: true,
      invalid: { text: '{"a"', reason: 'the arguments are not JSON' },
    })
  })

  test.each([
    ['length', 'length', false],
    ['load', 'other', true],
    ['unload', 'other', true],
  ])('that ends by %s', (word, reason, complete) => {
    const chunks = read(say('Cut') + done(word, {}))
    expect(chunks).toContainEqual({ type: 'text-end', id: 0, complete })
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', reason, rawReason: word })
    expect(chunks.at(-1)).not.toHaveProperty('usage')
  })

  test('may be one line, without its newline, without a word for its end or a message', () => {
    const { message } = JSON.parse(say('Hello.'))
    expect(read(JSON.stringify({ message, done: true }))).toEqual([
      { type: 'start', model: 'lab/qwen3' },
      { type: 'text-start', id: 0 },
      { type: 'text-delta', id: 0, text: 'Hello.' },
      { type: 'text-end', id: 0, complete: true },
      { type: 'finish', reason: 'stop', rawReason: 'stop' },
    ])
    expect(read('{"done":true}\n').map(({ type }) => type)).toEqual(['start', 'finish'])
  })

  test('keeps what nobody here knows with what it came with', () => {
    const probabilities = (token: string) => ({ logprobs: [{ token, logprob: 0 }] })
    const text =
      line({ role: 'assistant', content: 'Hi', x: 1 }, { remote_model: 'big', ...probabilities('Hi') }) +
      line({ role: 'assistant', content: '' }, { remote_model: 'big', ...probabilities('!') }) +
      done('stop', { remote_model: 'big', y: 2 })
    expect(read(text)).toEqual([
      { ...start, extra: { 'ollama-chat': { remote_model: 'big' } } },
      { type: 'text-start', id: 0 },
      {
        type: 'text-delta',
        id: 0,
        text: 'Hi',
        extra: { 'ollama-chat/message': { x: 1 }, 'ollama-chat/answer': probabilities('Hi') },
      },
      { type: 'text-delta', id: 0, text: '', extra: { 'ollama-chat/answer': probabilities('!') } },
      { type: 'text-delta', id: 0, text: '', extra: { 'ollama-chat/answer': { y: 2 } } },
      { type: 'text-end', id: 0, complete: true },
      { type: 'finish', reason: 'stop', rawReason: 'stop' },
    ])
    const early = read(line({ content: '', x: 1 }) + line({ content: 'Hi', x: 2, y: 3 }) + done('stop', {}))
    expect(early[2]).toMatchObject({ text: 'Hi', extra: { 'ollama-chat/message': { x: 2, y: 3 } } })
    expect(early.at(-1)).not.toHaveProperty('extra')
    const silent = read(line({ content: '', x: 1 }, probabilities('a')) + done('stop', probabilities('b')))
    expect(silent.at(-1)).toMatchObject({
      extra: {
        'ollama-chat/message': { x: 1 },
        'ollama-chat/answer': { logprobs: [{ token: 'a' }, { token: 'b' }] },
      },
    })
  })

  test('says whose answer is simulated, and which model the server says it is', () => {
    const text = JSON.stringify({ model: 'qwen3:8b', simulated: true, message: { content: '' }, done: true })
    expect(read(text)[0]).toEqual({
      type: 'start',
      model: 'lab/qwen3',
      simulated: true,
      extra: { 'ollama-chat': { model: 'qwen3:8b' } },
    })
    const decoder = streamDecoder({ ...context, simulated: true })
    expect(decoder.decode(bytes('{"done":true,"created_at":"never"}\n'))[0]).toEqual({
      type: 'start',
      model: 'lab/qwen3',
      simulated: true,
    })
  })

  test('ends at its last line, whatever follows', () => {
    const decoder = streamDecoder(context)
    decoder.decode(bytes(`${say('Hi')}${done()}nonsense\n`))
    expect(decoder.state).toBe('finished')
  })
})

describe('a stream fails', () => {
  test('when the server says so, after what came before', () => {
    const { error, before } = failure(`${say('Par')}{"error":"an error was encountered while running the model"}\n`)
    expect(error).toMatchObject({ kind: 'unavailable', provider: 'lab', model: 'qwen3', requestId: 'r1' })
    expect(error.message).toBe('lab/qwen3: an error was encountered while running the model')
    expect(before.at(-1)).toEqual({ type: 'text-delta', id: 0, text: 'Par' })
  })

  test('as truncated when it just ends, in a line or after one, before the first line or in an error', () => {
    for (const text of ['', say('Cut off he'), `${say('Cut')}{"message":{"content":"of`, '{"err']) {
      expect(failure(text).error).toMatchObject({ kind: 'truncated' })
    }
  })

  test.each([
    ['not JSON', 'nonsense\n'],
    ['a list', '[]\n'],
    ['a word', '"Hi"\n'],
    ['no message', '{"done":false}\n'],
    ['a message that is none', '{"message":"Hi"}\n'],
  ])('as malformed when a line is %s', (_, text) => {
    expect(failure(text).error).toMatchObject({ kind: 'protocol' })
  })

  test('without a secret in its words', () => {
    const decoder = streamDecoder({ ...context, secrets: ['hidden-word'] })
    expect(() => decoder.decode(bytes('hidden-word\n'))).toThrow(/^lab\/qwen3: a line is not JSON: \[redacted\]\.$/)
  })
})
