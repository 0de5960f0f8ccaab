import type { MessageChunk, MessageResponse, ResponsePart } from '@switchyard/core/contract'
import { SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { encodeResponse } from './encode-response.ts'
import { streamEncoder } from './stream-encoder.ts'

const answer = (content: readonly ResponsePart[], more: Partial<MessageResponse> = {}): MessageResponse => ({
  model: 'p/m',
  content,
  reason: 'stop',
  ...more,
})
const candidateOf = (response: MessageResponse) => (encodeResponse(response).candidates as object[])[0]

describe('an answer of another provider', () => {
  test('is told in the words of this wire', () => {
    const content: ResponsePart[] = [
      { type: 'reasoning', text: 'hm', origin: 'anthropic-messages', signature: 'theirs' },
      { type: 'text', text: 'So.' },
      { type: 'opaque', origin: 'openai-chat', value: {} },
      { type: 'tool-call', id: 'a', name: 'f', input: { b: 1 } },
      { type: 'tool-call', id: 'b', name: 'g', invalid: { text: '{', reason: 'cut' } },
    ]
    expect(
      encodeResponse(answer(content, { id: 'r', created: 1_700_000_000, simulated: true }), { model: 'mine' }),
    ).toEqual({
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: 'hm', thought: true },
              { text: 'So.' },
              { functionCall: { id: 'a', name: 'f', args: { b: 1 } } },
              { functionCall: { id: 'b', name: 'g', args: {} } },
            ],
          },
          finishReason: 'STOP',
          index: 0,
        },
      ],
      createTime: '2023-11-14T22:13:20.000Z',
      modelVersion: 'mine',
      responseId: 'r',
      simulated: true,
    })
  })

  test('ends with the word of this wire, or the one that came', () => {
    for (const [reason, rawReason, word] of [
      ['stop-sequence', 'stop_sequence', 'STOP'],
      ['length', undefined, 'MAX_TOKENS'],
      ['refusal', undefined, 'SAFETY'],
      ['pause', 'pause_turn', 'CONTINUATION'],
      ['context-length', undefined, 'MAX_TOKENS'],
      ['other', 'strange', 'OTHER'],
      ['other', 'LANGUAGE', 'LANGUAGE'],
      ['content-filter', 'SPII', 'SPII'],
      ['stop', 'SPII', 'STOP'],
      ['tool-calls', 'STOP', 'STOP'],
    ] as const) {
      expect(candidateOf(answer([], { reason, ...(rawReason && { rawReason }) }))).toMatchObject({ finishReason: word })
    }
    expect(candidateOf(answer([], { reason: 'content-filter' }))).not.toHaveProperty('content')
  })
})

describe('a stream', () => {
  const start: MessageChunk = { type: 'start', model: 'p/m', id: 'r' }
  const events = (...chunks: MessageChunk[]) =>
    streamEncoder()
      .encode(chunks)
      .split('\r\n\r\n')
      .filter(text => text !== '')
      .map(text => (text.startsWith('data: ') ? JSON.parse(text.slice(6)) : text))
  const parts = (...chunks: MessageChunk[]) =>
    events(start, ...chunks).map(event => event.candidates?.[0].content?.parts[0])

  test('is one event for each piece, with the answer named in each', () => {
    const told = events(
      start,
      { type: 'ping' },
      { type: 'text-start', id: 0 },
      { type: 'text-delta', id: 0, text: 'Hi' },
      { type: 'text-end', id: 0, complete: true },
      { type: 'finish', reason: 'stop' },
    )
    const head = { modelVersion: 'p/m', responseId: 'r' }
    expect(told).toEqual([
      ': ping',
      { candidates: [{ content: { parts: [{ text: 'Hi' }], role: 'model' }, index: 0 }], ...head },
      { candidates: [{ finishReason: 'STOP', index: 0 }], ...head },
    ])
  })

  test('tells who answers from then on', () => {
    const told = events(
      start,
      { type: 'target', model: 'q/n', reason: 'p is down' },
      { type: 'finish', reason: 'stop', otherChoices: [{ choice: 1, reason: 'length' }] },
    )
    expect(told).toMatchObject([
      { modelVersion: 'q/n', candidates: [{ finishReason: 'STOP' }, { finishReason: 'MAX_TOKENS', index: 1 }] },
    ])
    expect(events({ type: 'target', model: 'q/n', reason: '' })).toEqual([])
  })

  test('tells calls whole at their end, with nothing where their arguments are broken', () => {
    const call = { type: 'tool-call-start', id: 1, callId: 'a', name: 'f' } as const
    expect(
      parts(
        call,
        { type: 'tool-call-delta', id: 1, text: '{}' },
        { type: 'tool-call-end', id: 1, complete: true, input: {} },
      ),
    ).toEqual([{ functionCall: { id: 'a', name: 'f', args: {} } }])
    const invalid = { text: '{', reason: 'cut' }
    expect(parts(call, { type: 'tool-call-end', id: 1, complete: false, invalid })).toMatchObject([
      { functionCall: { args: {} } },
    ])
    expect(parts({ type: 'tool-call-end', id: 9, complete: true, input: {} })).toEqual([])
  })

  test('tells opaque blocks of its own and no others', () => {
    const block = (origin: string, value: object | string) =>
      parts(
        { type: 'opaque-start', id: 0, origin, value: value as never },
        { type: 'opaque-delta', id: 0, value: 1 },
        { type: 'opaque-end', id: 0, complete: true },
      )
    expect(block('gemini', { executableCode: {} })).toEqual([{ executableCode: {} }])
    expect(block('gemini', 'a')).toEqual([])
    expect(block('openai-chat', {})).toEqual([])
  })

  test('passes over deltas of blocks that never began', () => {
    expect(parts({ type: 'text-delta', id: 7, text: 'a' })).toEqual([])
    expect(parts({ type: 'text-end', id: 7, complete: true, extra: { gemini: { a: 1 } } })).toEqual([])
  })

  test('that breaks ends with an error of this wire', () => {
    const text = streamEncoder().error(new SwitchyardError('overloaded', 'Busy.'))
    expect(JSON.parse(text.slice(6))).toEqual({ error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } })
    expect(text.endsWith('\r\n\r\n')).toBe(true)
  })
})
