import { type BilledAttempt, type JsonObject, type MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { type StreamEncoderOptions, streamEncoder } from './stream-encoder.ts'

const start: MessageChunk = { type: 'start', id: 'chatcmpl-1', model: 'acme/tiny', created: 5 }
const usage = { input: { uncached: 5, cacheRead: 0, cacheWrite: {} }, output: { text: 4, reasoning: 0 } }
const finish: MessageChunk = { type: 'finish', reason: 'stop', usage }
const text = (id: number, piece: string): MessageChunk => ({ type: 'text-delta', id, text: piece })

function events(chunks: readonly MessageChunk[], options: Partial<StreamEncoderOptions> = {}): (JsonObject | string)[] {
  const encoder = streamEncoder({ includeUsage: false, ...options })
  return encoder
    .encode(chunks)
    .split('\n\n')
    .filter(frame => frame !== '')
    .map(frame => (frame.startsWith('data: {') ? JSON.parse(frame.slice(6)) : frame))
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 5, model: 'acme/tiny' }
const choice = (delta: object, finish_reason: string | null = null, index = 0) => ({
  ...head,
  choices: [{ index, delta, logprobs: null, finish_reason }],
})

describe('streamEncoder', () => {
  test('writes what official clients read, a batch at once', () => {
    const chunks: MessageChunk[] = [
      start,
      { type: 'text-start', id: 0 },
      text(0, 'Hel'),
      text(0, 'lo "you"\n'),
      { type: 'text-end', id: 0, complete: true },
      finish,
    ]
    expect(events(chunks)).toEqual([
      choice({ role: 'assistant', content: 'Hel' }),
      choice({ content: 'lo "you"\n' }),
      choice({}, 'stop'),
      'data: [DONE]',
    ])
  })

  test('tells usage in an event of its own where it was asked for, and null before', () => {
    const [first, end, bill, done] = events([start, { type: 'text-start', id: 0 }, text(0, 'x'), finish], {
      includeUsage: true,
    })
    expect(first).toHaveProperty('usage', null)
    expect(end).toHaveProperty('usage', null)
    expect(bill).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 } })
    expect(done).toBe('data: [DONE]')
    expect(events([start, { type: 'finish', reason: 'stop' }], { includeUsage: true })).toHaveLength(2)
  })

  test('an answer of nothing says its role and ends', () => {
    expect(events([start, finish])).toEqual([choice({ role: 'assistant', content: '' }, 'stop'), 'data: [DONE]'])
  })

  test('writes pings as comments, and each error as its last event', () => {
    const encoder = streamEncoder({ includeUsage: false })
    expect(encoder.encode([{ type: 'ping' }])).toBe(': ping\n\n')
    const error = new SwitchyardError('overloaded', 'busy')
    expect(encoder.error(error)).toBe(
      'data: {"error":{"message":"busy","type":"service_unavailable_error","param":null,"code":"overloaded"}}\n\n',
    )
  })

  test('tells beside an error what its attempts used and cost, as far as that is known', () => {
    const encoder = streamEncoder({ includeUsage: false, usageFields: () => ({ cost: '0.3 USD' }) })
    const billed: BilledAttempt[] = [
      { target: 'a/x', usage, cost: '0.1 USD' },
      { target: 'b/y', cost: '0.2 USD', isBound: true },
      { target: 'c/z' },
    ]
    const { error } = JSON.parse(encoder.error(new SwitchyardError('truncated', 'cut', { billed })).slice(6))
    expect(error).toMatchObject({ code: 'truncated', cost: '0.3 USD' })
    expect(error.billed).toEqual([
      {
        target: 'a/x',
        usage: expect.objectContaining({ prompt_tokens: 5, completion_tokens: 4 }),
        cost: '0.1 USD',
        cost_is: 'bill',
      },
      { target: 'b/y', cost: '0.2 USD', cost_is: 'bound' },
      { target: 'c/z' },
    ])
  })

  test('knows who answers by now', () => {
    const encoder = streamEncoder({ includeUsage: false, model: 'renamed' })
    expect(encoder.model).toBeUndefined()
    encoder.encode([start])
    expect(encoder.model).toBe('acme/tiny')
    encoder.encode([{ type: 'target', model: 'other/one', reason: 'truncated' }])
    expect(encoder.model).toBe('other/one')
  })

  test('writes reasoning in the field it came in', () => {
    const reasoning = (id: number, extra?: object): MessageChunk[] => [
      { type: 'reasoning-start', id, origin: 'x', ...extra },
      { type: 'reasoning-delta', id, text: 'hm' },
      { type: 'reasoning-end', id, complete: true },
    ]
    const other = { extra: { 'openai-chat': { field: 'reasoning' } } }
    expect(events([start, ...reasoning(0), ...reasoning(1, other)])).toEqual([
      choice({ role: 'assistant', content: null, reasoning_content: 'hm' }),
      choice({ reasoning: 'hm' }),
    ])
  })

  const calls: MessageChunk[] = [
    start,
    { type: 'tool-call-start', id: 0, callId: 'a', name: 'look' },
    { type: 'tool-call-delta', id: 0, text: '{"n":' },
    { type: 'tool-call-start', id: 1, callId: 'b', name: 'hear' },
    { type: 'tool-call-delta', id: 0, text: '1}' },
    { type: 'tool-call-delta', id: 0, text: '' },
    { type: 'tool-call-end', id: 0, complete: true, input: { n: 1 } },
    { type: 'tool-call-end', id: 1, complete: true, input: {} },
    { type: 'finish', reason: 'tool-calls' },
  ]

  test('numbers tool calls, and gives each arguments that parse', () => {
    const declared = (index: number, id: string, name: string) => ({
      tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
    })
    const piece = (index: number, args: string) => choice({ tool_calls: [{ index, function: { arguments: args } }] })
    expect(events(calls)).toEqual([
      choice({ role: 'assistant', content: null, ...declared(0, 'a', 'look') }),
      piece(0, '{"n":'),
      choice(declared(1, 'b', 'hear')),
      piece(0, '1}'),
      piece(1, '{}'),
      choice({}, 'tool_calls'),
      'data: [DONE]',
    ])
  })

  test('writes a function_call to a client that speaks of functions', () => {
    const [first, second, ...rest] = events(calls, { functionCall: true })
    expect(first).toEqual(choice({ role: 'assistant', content: null, function_call: { name: 'look', arguments: '' } }))
    expect(second).toEqual(choice({ function_call: { arguments: '{"n":' } }))
    expect(rest.at(-2)).toEqual(choice({}, 'function_call'))
  })

  test('a call that never parsed is told as it came', () => {
    const [, end] = events([
      start,
      { type: 'tool-call-start', id: 0, callId: 'a', name: 'look' },
      { type: 'tool-call-end', id: 0, complete: false, invalid: { text: '', reason: 'cut' } },
      { type: 'finish', reason: 'length' },
    ])
    expect(end).toEqual(choice({}, 'length'))
  })

  test('tells refusals, and ends them with the word that clients know', () => {
    const refused = events([
      start,
      { type: 'text-start', id: 0, refusal: true },
      text(0, 'No.'),
      { type: 'finish', reason: 'refusal' },
    ])
    expect(refused.slice(0, 2)).toEqual([
      choice({ role: 'assistant', content: null, refusal: 'No.' }),
      choice({}, 'stop'),
    ])
    expect(events([start, { type: 'finish', reason: 'refusal' }])[0]).toMatchObject({
      choices: [{ finish_reason: 'content_filter' }],
    })
  })

  test('says each choice its role, and how it ended', () => {
    const chunks: MessageChunk[] = [
      start,
      { type: 'text-start', id: 0 },
      { type: 'text-start', id: 1, choice: 1 },
      text(1, 'b'),
      text(0, 'a'),
      text(1, 'c'),
      { type: 'finish', reason: 'stop', otherChoices: [{ choice: 1, reason: 'length' }] },
    ]
    expect(events(chunks)).toEqual([
      choice({ role: 'assistant', content: 'b' }, null, 1),
      choice({ role: 'assistant', content: 'a' }),
      choice({ content: 'c' }, null, 1),
      choice({}, 'stop'),
      choice({}, 'length', 1),
      'data: [DONE]',
    ])
  })

  test('says who goes on when the target changes', () => {
    const models = events([
      start,
      { type: 'text-start', id: 0 },
      text(0, 'a'),
      { type: 'target', model: 'other/big', reason: 'cut' },
      text(0, 'b'),
      finish,
    ]).map(told => (typeof told === 'string' ? told : told.model))
    expect(models).toEqual(['acme/tiny', 'other/big', 'other/big', 'data: [DONE]'])
    expect(streamEncoder({ includeUsage: false }).encode([{ type: 'target', model: 'x', reason: 'y' }])).toBe('')
  })

  test('marks simulated answers, and fills in what the answer lacks', () => {
    const options = { id: 'chatcmpl-own', created: 9, model: 'fast' }
    expect(events([{ type: 'start', model: 'sim/a', simulated: true }, finish], options)[0]).toMatchObject({
      id: 'chatcmpl-own',
      created: 9,
      model: 'fast',
      simulated: true,
    })
    expect(events([{ type: 'start', model: 'sim/a' }, finish])[0]).toMatchObject({ id: 'chatcmpl-0', created: 0 })
  })

  test('repeats tier and fingerprint in each event, and tells other fields of the answer once', () => {
    const extra = { 'openai-chat': { system_fingerprint: 'fp', x_list: [1], model: 'tiny-2' } }
    const [first, second] = events([{ ...start, extra }, { type: 'text-start', id: 0 }, text(0, 'a'), text(0, 'b')])
    expect(first).toMatchObject({ system_fingerprint: 'fp', x_list: [1], model: 'acme/tiny' })
    expect(second).toMatchObject({ system_fingerprint: 'fp' })
    expect(second).not.toHaveProperty('x_list')
  })

  test('repeats the tier that was named last', () => {
    const tier = (service_tier: string) => ({ 'openai-chat/answer': { service_tier, x: 1 } })
    const told = events([
      { ...start, extra: { 'openai-chat': { service_tier: 'auto', system_fingerprint: 'fp' } } },
      { type: 'text-start', id: 0 },
      text(0, 'a'),
      { type: 'text-delta', id: 0, text: 'b', extra: tier('flex') },
      text(0, 'c'),
    ])
    expect(
      told.map(event => typeof event === 'object' && [event.service_tier, event.system_fingerprint, event.x]),
    ).toEqual([
      ['auto', 'fp', undefined],
      ['flex', 'fp', 1],
      ['flex', 'fp', undefined],
    ])
  })

  test('writes the fields that came with a piece beside it', () => {
    const extra = {
      'openai-chat/choice': { logprobs: { content: [] } },
      'openai-chat/message': { x: 1 },
      'openai-chat/answer': { y: 2 },
    }
    const [first, second] = events([
      start,
      { type: 'text-start', id: 0 },
      { ...text(0, 'a'), extra } as MessageChunk,
      { type: 'tool-call-start', id: 1, callId: 'a', name: 'look', extra: { 'openai-chat': { id: 'a:1', x_call: 1 } } },
      { type: 'tool-call-delta', id: 1, text: '{}', extra },
    ])
    expect(first).toMatchObject({ y: 2, choices: [{ delta: { content: 'a', x: 1 }, logprobs: { content: [] } }] })
    expect(second).toMatchObject({ choices: [{ delta: { tool_calls: [{ id: 'a:1', x_call: 1 }] } }] })
  })

  test('writes blocks of its own dialect as they came, and none of another', () => {
    const opaque = (id: number, origin: string, value: JsonObject): MessageChunk => ({
      type: 'opaque-start',
      id,
      origin,
      value,
    })
    const chunks: MessageChunk[] = [
      start,
      opaque(0, 'openai-chat', { audio: { id: 'au' } }),
      { type: 'opaque-delta', id: 0, value: { audio: { data: 'aGk=' } } },
      { type: 'opaque-end', id: 0, complete: true },
      opaque(1, 'openai-chat', { type: 'thinking' }),
      opaque(2, 'anthropic', { type: 'thinking' }),
      { type: 'opaque-delta', id: 2, value: {} },
      { type: 'opaque-start', id: 3, origin: 'openai-chat', value: ['x'] },
    ]
    expect(events(chunks)).toEqual([
      choice({ role: 'assistant', content: null, audio: { id: 'au' } }),
      choice({ audio: { data: 'aGk=' } }),
      choice({ content: [{ type: 'thinking' }] }),
    ])
  })

  test('passes over pieces of blocks that were never started', () => {
    expect(
      events([
        start,
        text(7, 'x'),
        { type: 'tool-call-delta', id: 7, text: 'x' },
        { type: 'tool-call-end', id: 7, complete: true, input: {} },
      ]),
    ).toEqual([])
  })
})
