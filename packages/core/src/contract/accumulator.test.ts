import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ResponseAccumulator } from './accumulator.ts'
import type { MessageChunk } from './chunk.ts'
import { anyChunks, anyResponse } from './response.fixture.ts'
import type { MessageResponse } from './response.ts'
import { responseChunks } from './response-chunks.ts'

const start: MessageChunk = { type: 'start', model: 'openai/gpt' }

function accumulated(chunks: readonly MessageChunk[]): ResponseAccumulator {
  const accumulator = new ResponseAccumulator()
  for (const chunk of chunks) accumulator.add(chunk)
  return accumulator
}

describe('accumulating', () => {
  it('gives back every answer that was taken apart into chunks', () => {
    fc.assert(
      fc.property(anyResponse, response => {
        expect(accumulated(responseChunks(response)).response()).toEqual(response)
      }),
    )
  })

  it('does not mind how blocks interleave and where deltas are cut', () => {
    fc.assert(
      fc.property(anyChunks, ({ response, chunks }) => {
        expect(accumulated(chunks).response()).toEqual(response)
      }),
    )
  })

  it('names the target that went on with the answer', () => {
    const chunks: MessageChunk[] = [
      start,
      { type: 'target', model: 'lab/tiny', reason: 'truncated' },
      { type: 'finish', reason: 'stop' },
    ]
    expect(accumulated(chunks).response().model).toBe('lab/tiny')
    expect(accumulated(chunks.slice(1)).response().model).toBe('')
  })

  it('joins what dialects say in pieces: lists one after the other, objects key by key, the last of the rest', () => {
    const delta = (text: string, fields: object): MessageChunk => ({
      type: 'text-delta',
      id: 0,
      text,
      extra: { 'openai-chat': { ...fields } },
    })
    const chunks: MessageChunk[] = [
      { ...start, extra: { 'openai-chat': { service_tier: 'default' } } } as MessageChunk,
      { type: 'text-start', id: 0 },
      delta('a', { logprobs: { content: [1], refusal: null }, seen: 1 }),
      delta('b', { logprobs: { content: [2, 3] }, seen: 2 }),
      { type: 'text-end', id: 0, complete: true, extra: { 'anthropic-messages': { citations: [] } } },
      { type: 'finish', reason: 'stop', extra: { 'openai-chat': { system_fingerprint: 'fp' } } },
    ]
    const response = accumulated(chunks).response()
    expect(response.extra).toEqual({ 'openai-chat': { service_tier: 'default', system_fingerprint: 'fp' } })
    expect(response.content).toEqual([
      {
        type: 'text',
        text: 'ab',
        extra: {
          'openai-chat': { logprobs: { content: [1, 2, 3], refusal: null }, seen: 2 },
          'anthropic-messages': { citations: [] },
        },
      },
    ])
  })

  it('keeps the values of an opaque block in order', () => {
    const chunks: MessageChunk[] = [
      start,
      { type: 'opaque-start', id: 0, origin: 'x', value: { a: 1 } },
      { type: 'opaque-delta', id: 0, value: 2 },
      { type: 'opaque-delta', id: 0, value: 3 },
      { type: 'opaque-end', id: 0, complete: true },
      { type: 'finish', reason: 'stop' },
    ]
    expect(accumulated(chunks).response().content).toEqual([{ type: 'opaque', origin: 'x', value: [{ a: 1 }, 2, 3] }])
  })

  it('tells what has arrived, open blocks as incomplete', () => {
    const chunks: MessageChunk[] = [
      start,
      { type: 'reasoning-start', id: 0, origin: 'x' },
      { type: 'reasoning-delta', id: 0, text: 'hm' },
      { type: 'text-start', id: 1, refusal: true },
      { type: 'text-delta', id: 1, text: 'Hel' },
      { type: 'tool-call-start', id: 2, callId: 'call_1', name: 'add' },
      { type: 'tool-call-delta', id: 2, text: '{"a":' },
      { type: 'opaque-start', id: 3, origin: 'x', value: 1 },
      { type: 'text-start', id: 4, choice: 1 },
    ]
    const partial = accumulated(chunks).partial()
    expect(partial).toEqual({
      model: 'openai/gpt',
      content: [
        { type: 'reasoning', text: 'hm', origin: 'x', complete: false },
        { type: 'text', text: 'Hel', refusal: true, complete: false },
        {
          type: 'tool-call',
          id: 'call_1',
          name: 'add',
          invalid: { text: '{"a":', reason: 'the call was cut short' },
          complete: false,
        },
        { type: 'opaque', origin: 'x', value: 1, complete: false },
      ],
    })
  })

  it('takes any number as a choice without making room for those below it', () => {
    const far = accumulated([
      start,
      { type: 'text-start', id: 0, choice: 4_000_000_000 },
      { type: 'text-end', id: 0, complete: true },
      { type: 'finish', reason: 'stop', otherChoices: [{ choice: 4_000_000_000, reason: 'stop' }] },
    ])
    expect(far.response().otherChoices?.[0]?.content).toEqual([{ type: 'text', text: '' }])
  })

  it('gives no answer before the finish', () => {
    expect(() => accumulated([start]).response()).toThrow(expect.objectContaining({ kind: 'truncated' }))
  })

  it.each<MessageChunk>([
    { type: 'text-delta', id: 7, text: 'a' },
    { type: 'opaque-delta', id: 7, value: 1 },
    { type: 'text-end', id: 7, complete: true },
  ])('refuses a $type of a block that was never started', chunk => {
    expect(() => accumulated([start, chunk])).toThrow(expect.objectContaining({ kind: 'protocol' }))
  })
})

describe('the chunks of a whole answer', () => {
  it('say nothing of an empty text, call or thought', () => {
    const response: MessageResponse = {
      model: 'm',
      content: [
        { type: 'text', text: '' },
        { type: 'reasoning', text: '', origin: 'x', signature: 's' },
        { type: 'tool-call', id: 'c', name: 'n', invalid: { text: '', reason: 'empty' } },
      ],
      reason: 'stop',
    }
    expect(responseChunks(response).filter(chunk => chunk.type.endsWith('-delta'))).toEqual([])
  })
})
