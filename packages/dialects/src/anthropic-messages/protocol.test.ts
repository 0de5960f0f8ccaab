import { describe, expect, test } from 'vitest'
import type { BodyReader } from '../stream-decoder.ts'
import { decodeModels, encodeModels } from './models.ts'
import { protocol } from './protocol.ts'
import { encodeTokenCount } from './token-count.ts'

const context = { provider: 'p', model: 'm', requestId: 'r' }
const request = { messages: [{ role: 'user', content: 'Hi' }] } as const
const call = { model: 'm', stream: true, facts: { apiVersion: '2023-06-01' }, strict: false }

function bodyOf(text: string): BodyReader {
  const pieces = [new TextEncoder().encode(text)]
  return { read: async () => pieces.shift(), cancel: () => {} }
}

describe('the protocol', () => {
  test('says where a request goes, and in which version of the API', () => {
    expect(protocol().encodeRequest(request, call)).toEqual({
      path: '/v1/messages',
      body: { model: 'm', max_tokens: 4096, messages: request.messages, stream: true },
      headers: { 'anthropic-version': '2023-06-01' },
      warnings: [],
    })
    expect(protocol({ version: '2026-10-21' }).encodeRequest(request, call).headers).toEqual({
      'anthropic-version': '2026-10-21',
    })
  })

  test('asks for a count with what counts alone', () => {
    const asked = { ...request, maxOutputTokens: 9, stop: ['a'], metadata: { user_id: 'u' } }
    const { path, body } = protocol().tokenCount.encode(asked, call)
    expect(path).toBe('/v1/messages/count_tokens')
    expect(body).toEqual({ model: 'm', messages: request.messages })
    const thinking = { ...asked, reasoningEffort: 'low' } as const
    expect(protocol().tokenCount.encode(thinking, call).body.thinking).toMatchObject({ type: 'adaptive' })
    expect(protocol().tokenCount.read(encodeTokenCount(14), context)).toBe(14)
    expect(() => protocol().tokenCount.read({}, context)).toThrow(/p\/m: the answer has no input_tokens/)
  })

  test('reads answers, whole and streamed, and refusals', async () => {
    const { readWhole, readStream, readError } = protocol()
    const message = { id: 'a', type: 'message', model: 'm', content: [], stop_reason: 'end_turn' }
    expect(readWhole(message, context).reason).toBe('stop')
    const events = [
      { type: 'message_start', message },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
      { type: 'message_stop' },
    ]
    const source = readStream(bodyOf(events.map(data => `data: ${JSON.stringify(data)}\n\n`).join('')), context)
    expect((await source.read())?.map(chunk => chunk.type)).toEqual(['start', 'finish'])
    expect(readError({ status: 529, headers: new Headers(), body: '' }, context).kind).toBe('overloaded')
  })

  test('goes through the pages of the list of models', () => {
    const { models } = protocol()
    expect(models.path).toBe('/v1/models?limit=1000')
    expect(models.nextPage({ has_more: true, last_id: 'a b' })).toBe('/v1/models?limit=1000&after_id=a%20b')
    expect(models.nextPage({ has_more: false, last_id: 'a' })).toBeUndefined()
    expect(models.nextPage({ has_more: true, last_id: null })).toBeUndefined()
    expect(models.read({ data: [{ id: 'a' }] })).toEqual([{ id: 'a' }])
  })
})

describe('a list of models', () => {
  test('tells windows, limits, dates and what the models can do', () => {
    const support = (supported: boolean) => ({ supported })
    const entry = {
      type: 'model',
      id: 'claude-sonnet-4-5',
      display_name: 'Claude Sonnet 4.5',
      created_at: '2025-09-29T00:00:00Z',
      retires_at: '2026-11-30T00:00:00Z',
      max_input_tokens: 200_000,
      max_tokens: 64_000,
      capabilities: {
        image_input: support(true),
        pdf_input: support(true),
        structured_outputs: support(false),
        thinking: support(true),
        batch: {},
      },
    }
    expect(decodeModels({ data: [entry, { id: 5 }, null] })).toEqual([
      {
        id: 'claude-sonnet-4-5',
        displayName: 'Claude Sonnet 4.5',
        created: 1_759_104_000,
        retiresAt: '2026-11-30',
        contextWindow: 200_000,
        maxOutputTokens: 64_000,
        capabilities: { images: true, documents: true, jsonSchema: false, reasoning: true },
      },
    ])
    expect(() => decodeModels({})).toThrow(/not a list/)
  })

  test('that was encoded is decoded as it was', () => {
    const models = [
      {
        id: 'a',
        displayName: 'A',
        created: 1_759_104_000,
        contextWindow: 9,
        maxOutputTokens: 5,
        retiresAt: '2026-11-30',
      },
      { id: 'b', displayName: 'B', created: 0 },
    ]
    const page = encodeModels(models)
    expect(page).toMatchObject({
      has_more: false,
      first_id: 'a',
      last_id: 'b',
      data: [{ created_at: '2025-09-29T00:00:00Z' }, {}],
    })
    expect(decodeModels(page)).toEqual(models)
    expect(encodeModels([])).toEqual({ data: [], has_more: false, first_id: null, last_id: null })
    expect(encodeModels([{ id: 'c' }]).data).toMatchObject([{ display_name: 'c', created_at: '1970-01-01T00:00:00Z' }])
  })
})
