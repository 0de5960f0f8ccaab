import { type MessageChunk, ResponseAccumulator, type SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { streamDecoder } from './stream-decoder.ts'

const context = { provider: 'gemini', model: 'gemini-3.8-flash', secrets: ['AIza-secret'] }
const bytes = (text: string) => new TextEncoder().encode(text)

const usage = { promptTokenCount: 9, totalTokenCount: 9 }
const finalUsage = { promptTokenCount: 9, candidatesTokenCount: 4, thoughtsTokenCount: 22, totalTokenCount: 35 }

function event(parts: unknown[] | undefined, more: object = {}, candidate: object = {}): string {
  const content = parts === undefined ? {} : { content: { parts, role: 'model' } }
  return data({
    candidates: [{ ...content, index: 0, ...candidate }],
    usageMetadata: usage,
    modelVersion: 'gemini-3.8-flash',
    responseId: 'resp-1',
    ...more,
  })
}
const data = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\r\n\r\n`
const last = (parts: unknown[] | undefined, finishReason = 'STOP', candidate: object = {}) =>
  event(parts, { usageMetadata: finalUsage }, { finishReason, ...candidate })

function decode(...events: string[]) {
  const decoder = streamDecoder(context)
  const chunks: MessageChunk[] = [...decoder.decode(bytes(events.join('')))]
  return { decoder, chunks, types: chunks.map(chunk => chunk.type) }
}

function answer(...events: string[]) {
  const accumulator = new ResponseAccumulator()
  for (const chunk of decode(...events).chunks) accumulator.add(chunk)
  return accumulator.response()
}

function failure(...events: string[]): SwitchyardError {
  const decoder = streamDecoder(context)
  try {
    decoder.decode(bytes(events.join('')))
    decoder.decode(bytes(''))
    decoder.end()
  } catch (error) {
    expect(decoder.state).toBe('failed')
    return error as SwitchyardError
  }
  return expect.fail('it should have failed')
}

describe('a stream of text', () => {
  test('is a start, deltas and a finish with the last count', () => {
    const { chunks, decoder } = decode(event([{ text: 'Hel' }]), event([{ text: 'lo.' }]), last([{ text: '' }]))
    expect(chunks).toEqual([
      {
        type: 'start',
        id: 'resp-1',
        model: 'gemini/gemini-3.8-flash',
        extra: { gemini: { modelVersion: 'gemini-3.8-flash' } },
      },
      { type: 'text-start', id: 0 },
      { type: 'text-delta', id: 0, text: 'Hel' },
      { type: 'text-delta', id: 0, text: 'lo.' },
      { type: 'text-end', id: 0, complete: true },
      {
        type: 'finish',
        reason: 'stop',
        rawReason: 'STOP',
        usage: {
          input: { uncached: 9, cacheRead: 0, cacheWrite: {} },
          output: { text: 4, reasoning: 22 },
          raw: finalUsage,
        },
      },
    ])
    expect(decoder.state).toBe('finished')
  })

  test('ends where its finish reason is, whatever follows', () => {
    const { types } = decode(event([{ text: 'a' }]), last(undefined), 'data: {"broken\r\n\r\n')
    expect(types.at(-1)).toBe('finish')
  })

  test('waits for the count that comes after the finish reason, or for the end', () => {
    const reason = data({ candidates: [{ finishReason: 'STOP', index: 0 }], responseId: 'r' })
    const bare = data({ candidates: [{ content: { parts: [{ text: 'a' }] } }], responseId: 'r' })
    const late = decode(bare, reason, data({ usageMetadata: finalUsage }))
    expect(late.chunks.at(-1)).toMatchObject({ type: 'finish', usage: { output: { text: 4 } } })
    const { decoder } = decode(bare, reason)
    expect(decoder.state).toBe('open')
    const [, finish] = decoder.end()
    expect(finish).toEqual({ type: 'finish', reason: 'stop', rawReason: 'STOP' })
  })

  test('that a limit cuts ends with an incomplete block', () => {
    const cut = answer(event([{ text: 'a' }]), last([{ text: 'b' }], 'MAX_TOKENS'))
    expect(cut).toMatchObject({ reason: 'length', content: [{ text: 'ab', complete: false }] })
  })

  test('is alive where a comment comes', () => {
    expect(decode(': one\r\n\r\n', event([{ text: 'a' }]), ': two\r\n\r\n: three\r\n\r\n').types).toEqual([
      'start',
      'text-start',
      'text-delta',
      'ping',
    ])
  })
})

describe('events that repeat', () => {
  test('tell the same as if each were read anew', () => {
    const pieces = ['one', ' two', ' "three"', ' four\n', ' fünf', ' 6', '\\', ' seven', '']
    const told = (spelled: (value: object) => string) => {
      const one = (text: string, thought: boolean, usage = 1) =>
        `data: ${spelled({
          candidates: [{ content: { parts: [{ text, ...(thought && { thought }) }] }, index: 0 }],
          usageMetadata: { promptTokenCount: usage },
          responseId: 'r',
        })}\r\n\r\n`
      const all = [true, false, true].flatMap(thought => pieces.map(text => one(text, thought)))
      return decode(...all, one('more', true, 2), one('more', true), one('x', true), last([{ text: 'end' }])).chunks
    }
    const spaced = (value: object) => JSON.stringify(value, null, 1).replaceAll('\n', ' ')
    expect(told(JSON.stringify)).toEqual(told(spaced))
  })

  test('count the tokens that the last of them says', () => {
    const one = (text: string, promptTokenCount: number) =>
      data({ candidates: [{ content: { parts: [{ text }] } }], usageMetadata: { promptTokenCount } })
    const { chunks } = decode(
      one('a', 1),
      one('b', 1),
      data({ usageMetadata: { promptTokenCount: 2 } }),
      one('c', 1),
      data({ candidates: [{ finishReason: 'STOP' }] }),
    )
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', usage: { input: { uncached: 1 } } })
  })

  test('belong to the candidate that they name', () => {
    const one = (index: number, text: string) =>
      data({ candidates: [{ content: { parts: [{ text }] }, index }], responseId: 'r' })
    const end = (index: number) => data({ candidates: [{ index, finishReason: 'STOP' }], usageMetadata: usage })
    const mixed = [
      one(0, 'a'),
      one(1, 'b'),
      one(0, 'c'),
      one(1, 'd'),
      one(0, 'e'),
      one(1, 'f'),
      one(1, 'g'),
      one(0, 'h'),
    ]
    expect(answer(...mixed, end(0), one(1, 'i'), end(1))).toMatchObject({
      content: [{ text: 'aceh' }],
      otherChoices: [{ content: [{ text: 'bdfgi' }] }],
    })
  })
})

describe('thoughts', () => {
  test('are reasoning, apart from the text', () => {
    const { content } = answer(event([{ text: 'Hm', thought: true }]), event([{ text: 'Hi' }]), last(undefined))
    expect(content).toEqual([
      { type: 'reasoning', text: 'Hm', origin: 'gemini' },
      { type: 'text', text: 'Hi' },
    ])
  })

  test('and texts keep their signatures, and where in them these begin', () => {
    const { content } = answer(
      event([{ text: 'Hm', thought: true }]),
      event([{ text: '.', thought: true, thoughtSignature: 'dA==' }]),
      event([{ text: 'Hel' }]),
      event([{ text: 'lo.', thoughtSignature: 'YQ==' }, { text: 'More' }]),
      last([{ text: '', thoughtSignature: 'Yg==' }]),
    )
    expect(content).toEqual([
      { type: 'reasoning', text: 'Hm.', signature: 'dA==', origin: 'gemini', extra: { gemini: { signedFrom: 2 } } },
      { type: 'text', text: 'Hello.', extra: { gemini: { thoughtSignature: 'YQ==', signedFrom: 3 } } },
      { type: 'text', text: 'More', extra: { gemini: { thoughtSignature: 'Yg==', signedFrom: 4 } } },
    ])
  })

  test('may be signed by an empty text with nothing before it', () => {
    const { content } = answer(event([{ functionCall: { name: 'f' } }]), last([{ text: '', thoughtSignature: 'Yg==' }]))
    expect(content[1]).toEqual({ type: 'text', text: '', extra: { gemini: { thoughtSignature: 'Yg==' } } })
  })
})

describe('function calls', () => {
  test('come whole, and end with tool-calls although the wire says STOP', () => {
    const { chunks } = decode(
      event([{ functionCall: { id: 'fc-1', name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'YQ==' }]),
      event([{ functionCall: { id: 'fc-2', name: 'get_weather', args: { city: 'Rome' } } }]),
      last([{ text: '' }]),
    )
    expect(chunks.slice(1)).toMatchObject([
      {
        type: 'tool-call-start',
        id: 0,
        callId: 'fc-1',
        name: 'get_weather',
        extra: { gemini: { thoughtSignature: 'YQ==' } },
      },
      { type: 'tool-call-delta', id: 0, text: '{"city":"Oslo"}' },
      { type: 'tool-call-end', id: 0, complete: true, input: { city: 'Oslo' } },
      { type: 'tool-call-start', id: 1, callId: 'fc-2' },
      { type: 'tool-call-delta', id: 1 },
      { type: 'tool-call-end', id: 1, input: { city: 'Rome' } },
      { type: 'finish', reason: 'tool-calls', rawReason: 'STOP' },
    ])
    expect(chunks[4]).not.toHaveProperty('extra')
  })

  test('without ids, or with the same one, get ids of their own, always the same', () => {
    const events = [
      event([{ functionCall: { name: 'f' } }, { functionCall: { name: 'f', args: {} } }]),
      last(undefined),
    ]
    const ids = (told: ReturnType<typeof answer>) => told.content.map(part => part.type === 'tool-call' && part.id)
    const first = ids(answer(...events))
    expect(new Set(first).size).toBe(2)
    expect(ids(answer(...events))).toEqual(first)
    const same = answer(
      event([{ functionCall: { id: 'a', name: 'f' } }, { functionCall: { id: 'a', name: 'f' } }]),
      last(undefined),
    )
    expect(new Set(ids(same)).size).toBe(2)
  })

  test('of a function without a name call none', () => {
    expect(answer(event([{ functionCall: { args: {} } }]), last(undefined)).content).toMatchObject([{ name: '' }])
  })

  test('that the server could not read are a breach of the protocol where nothing else came', () => {
    const malformed = last(undefined, 'MALFORMED_FUNCTION_CALL', { finishMessage: 'Malformed function call: f(' })
    expect(failure(malformed)).toMatchObject({
      kind: 'protocol',
      code: 'MALFORMED_FUNCTION_CALL',
      message: expect.stringContaining('Malformed function call: f('),
    })
    expect(failure(last(undefined, 'MALFORMED_RESPONSE')).message).toContain('MALFORMED_RESPONSE')
    expect(answer(event([{ text: 'So' }]), malformed)).toMatchObject({
      reason: 'other',
      rawReason: 'MALFORMED_FUNCTION_CALL',
    })
  })
})

describe('what has no word of ours', () => {
  test('is kept: parts in their order, fields of the candidate and of the answer', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } }
    const told = answer(
      event([{ text: 'a', partMetadata: { n: 1 } }, code], {}, { safetyRatings: [1] }),
      event([{ text: 'b' }], { modelStatus: 'x' }, { groundingMetadata: { a: 1 } }),
      last(undefined),
    )
    expect(told.content).toEqual([
      { type: 'text', text: 'a', extra: { gemini: { partMetadata: { n: 1 } } } },
      { type: 'opaque', origin: 'gemini', value: code },
      { type: 'text', text: 'b' },
    ])
    expect(told.extra).toEqual({
      gemini: {
        modelVersion: 'gemini-3.8-flash',
        modelStatus: 'x',
        candidate: { safetyRatings: [1], groundingMetadata: { a: 1 } },
      },
    })
  })

  test('goes on where the server pauses', () => {
    const told = answer(event([{ text: 'a' }]), last(undefined, 'CONTINUATION', { continuationToken: 'more' }))
    expect(told).toMatchObject({ reason: 'pause', extra: { gemini: { candidate: { continuationToken: 'more' } } } })
  })

  test('says that it is simulated, and when it was made', () => {
    expect(
      decode(event([{ text: 'a' }], { simulated: true, createTime: '2026-11-20T10:00:00Z' })).chunks[0],
    ).toMatchObject({ simulated: true, created: 1_795_168_800 })
  })
})

test('several candidates are told apart', () => {
  const two = (first: object, second: object) =>
    data({
      candidates: [
        { ...second, index: 1 },
        { ...first, index: 0 },
      ],
      usageMetadata: usage,
      responseId: 'r',
    })
  const text = (value: string) => ({ content: { parts: [{ text: value }] } })
  const told = answer(
    two(text('a'), text('b')),
    two({ finishReason: 'STOP' }, { finishReason: 'SAFETY', safetyRatings: [1] }),
  )
  expect(told).toMatchObject({
    content: [{ text: 'a' }],
    reason: 'stop',
    otherChoices: [{ choice: 1, reason: 'content-filter', rawReason: 'SAFETY', content: [{ text: 'b' }] }],
  })
})

describe('failures', () => {
  test('that come as an error are told by their status', () => {
    const error = { code: 503, message: 'The model is overloaded. AIza-secret', status: 'UNAVAILABLE' }
    const { decoder, types } = decode(event([{ text: 'Par' }]), data({ error }))
    expect(types).toEqual(['start', 'text-start', 'text-delta'])
    expect(() => decoder.decode(bytes(''))).toThrow(
      expect.objectContaining({ kind: 'overloaded', message: expect.not.stringContaining('AIza') }),
    )
    expect(() => decoder.end()).toThrow()
    expect(failure(data([{ error }]))).toMatchObject({ kind: 'overloaded', code: 'UNAVAILABLE' })
  })

  test('of the prompt are content filtered, with the word for it', () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: usage, responseId: 'r' }
    expect(failure(data(blocked))).toMatchObject({ kind: 'content-filter', code: 'PROHIBITED_CONTENT' })
    expect(failure(data({ ...blocked, candidates: [] }))).toMatchObject({ kind: 'content-filter' })
    const why = { promptFeedback: { blockReason: 'OTHER', blockReasonMessage: 'not in this language' } }
    expect(failure(data(why)).message).toContain('not in this language')
  })

  test('of the connection are a truncated answer', () => {
    expect(failure(event([{ text: 'Cut off he' }]))).toMatchObject({ kind: 'truncated', model: 'gemini-3.8-flash' })
    expect(failure('')).toMatchObject({ kind: 'truncated' })
    expect(failure(event([{ text: 'a' }]), 'data: {"candidates":[{"content":{"par')).toMatchObject({
      kind: 'truncated',
    })
    const { decoder } = decode(event([{ text: 'a' }]), last(undefined).trimEnd())
    expect(decoder.end().at(-1)).toMatchObject({ type: 'finish' })
  })

  test('to keep the protocol are never passed over', () => {
    for (const malformed of [
      '{"candidates": [',
      'null',
      '[]',
      '<html>',
      '{}',
      { choices: [] },
      { candidates: {} },
      { candidates: [5] },
      { candidates: [{ content: 5 }] },
      { candidates: [{ content: { parts: {} } }] },
      { candidates: [{ content: { parts: ['a'] } }] },
    ]) {
      expect(failure(event([{ text: 'a' }]), data(malformed)), JSON.stringify(malformed)).toMatchObject({
        kind: 'protocol',
      })
      expect(failure(data(malformed)), JSON.stringify(malformed)).toMatchObject({ kind: 'protocol' })
    }
  })
})
