import { responseText } from '@switchyard/core/contract'
import { describe, expect, test } from 'vitest'
import { decodeEmbeddingRequest, encodeEmbeddingResponse } from './embeddings.ts'
import { decodeModelDetails, decodeModels, encodeModelDetails, encodeModels } from './models.ts'
import { protocol } from './protocol.ts'
import { decodeUsage } from './usage.ts'

const context = { provider: 'lab', model: 'qwen3' }
const call = { model: 'qwen3', stream: true }
const hello = { messages: [{ role: 'user', content: 'Hi' }] } as const

describe('the protocol', () => {
  test('has its name, its kind of stream and its paths', () => {
    const { dialect, streamTypes, models, encodeRequest } = protocol()
    expect({ dialect, streamTypes, path: models.path }).toEqual({
      dialect: 'ollama-chat',
      streamTypes: ['application/x-ndjson', 'application/ndjson'],
      path: '/api/tags',
    })
    expect(encodeRequest(hello, call)).toEqual({
      path: '/api/chat',
      body: {
        model: 'qwen3',
        messages: hello.messages,
        stream: true,
        truncate: false,
        options: { num_ctx: 8192 },
      },
      warnings: [],
    })
  })

  test('says once how long models stay, and what becomes of what is too long', () => {
    const { encodeRequest, embeddings } = protocol({ keepAlive: -1, truncate: true })
    expect(encodeRequest(hello, call).body).toMatchObject({ keep_alive: -1, truncate: true })
    expect(embeddings.encode({ input: ['a'], dimensions: 2 }, 'vectors')).toEqual({
      path: '/api/embed',
      body: { model: 'vectors', input: ['a'], dimensions: 2, keep_alive: -1, truncate: true },
    })
  })

  test('reads a stream from its body, and releases it at the end', async () => {
    const lines = ['{"message":{"content":"Hi"}}\n', '{"message":{"content":""},"done":true}\n']
    let released = 0
    const source = protocol().readStream(
      {
        read: async () => new TextEncoder().encode(lines.shift()),
        cancel: () => expect.fail('it was cancelled'),
        release: () => {
          released++
        },
      },
      context,
    )
    const types: string[] = []
    for (let batch = await source.read(); batch !== undefined; batch = await source.read())
      types.push(...batch.map(({ type }) => type))
    expect(types).toEqual(['start', 'text-start', 'text-delta', 'text-end', 'finish'])
    expect(released).toBe(1)
  })

  test('reads whole answers and errors', () => {
    const { readWhole, readError } = protocol()
    const answer = { message: { content: 'Hi', thinking: '' }, done: true, done_reason: 'length' }
    expect(responseText(readWhole(answer, context))).toBe('Hi')
    expect(readWhole(answer, context).content).toEqual([{ type: 'text', text: 'Hi', complete: false }])
    const error = readError({ status: 404, headers: new Headers(), body: '{"error":"model \'x\' not found"}' }, context)
    expect(error).toMatchObject({ kind: 'not-found', provider: 'lab', model: 'qwen3', status: 404 })
  })
})

describe('models', () => {
  const listed = {
    name: 'qwen3:latest',
    model: 'qwen3:latest',
    modified_at: '2026-11-01T00:00:00Z',
    size: 5_200_000_000,
    details: { family: 'qwen3', parameter_size: '8.2B' },
  }
  const shown = {
    capabilities: ['completion', 'tools', 'thinking'],
    model_info: { 'other.context_length': 7, 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
  }

  test('are asked for one by one what they can do', () => {
    const { models } = protocol()
    const [model] = models.read({ models: [listed, 'nonsense', {}] })
    expect(model).toEqual({ id: 'qwen3:latest', created: 1_793_491_200 })
    expect(models.details.encode({ id: 'qwen3:latest' })).toEqual({
      path: '/api/show',
      body: { model: 'qwen3:latest' },
    })
    expect(models.details.read(shown, { id: 'qwen3:latest', created: 1 })).toEqual({
      id: 'qwen3:latest',
      created: 1,
      contextWindow: 40_960,
      capabilities: {
        streaming: true,
        tools: true,
        images: false,
        audio: false,
        reasoning: true,
        json: true,
        jsonSchema: true,
      },
    })
  })

  test('that only embed do not chat', () => {
    const model = decodeModelDetails(
      { capabilities: ['embedding'], model_info: { 'bert.context_length': 512 } },
      { id: 'e' },
    )
    expect(model).toMatchObject({ contextWindow: 512, capabilities: { streaming: false, tools: false, json: false } })
  })

  test('of which the server says nothing stay as they were listed', () => {
    for (const body of [undefined, {}, { model_info: {} }, { model_info: { 'a.context_length': 'long' } }])
      expect(decodeModelDetails(body, { id: 'a' })).toEqual({ id: 'a' })
    expect(decodeModels({ models: [{ name: 'a', modified_at: 'never', details: { context_length: 0 } }] })).toEqual([
      { id: 'a' },
    ])
  })

  test('that are no list are a fault', () => {
    for (const body of [[], {}, null, { models: {} }])
      expect(() => decodeModels(body)).toThrow(expect.objectContaining({ kind: 'protocol' }))
  })

  test('are told to clients as they are read', () => {
    const models = [
      {
        id: 'fast',
        created: 1_793_491_200,
        contextWindow: 4096,
        capabilities: decodeModelDetails(shown, { id: 'x' }).capabilities ?? {},
      },
    ]
    expect(decodeModels(encodeModels(models))).toEqual(models)
    expect(decodeModelDetails(encodeModelDetails(models[0] as (typeof models)[0]), { id: 'fast' })).toEqual({
      id: 'fast',
      contextWindow: 4096,
      capabilities: models[0]?.capabilities,
    })
    expect(encodeModels([{ id: 'bare' }])).toMatchObject({ models: [{ name: 'bare', model: 'bare' }] })
    expect(encodeModelDetails({ id: 'bare' })).toMatchObject({ model_info: { 'general.architecture': 'switchyard' } })
  })
})

describe('embeddings', () => {
  const answer = {
    model: 'nomic-embed-text',
    embeddings: [
      [0.25, -0.5],
      [0.1, 0.2],
    ],
    total_duration: 14_143_917,
    prompt_eval_count: 4,
  }

  test('are read with what they took', () => {
    const { embeddings } = protocol()
    expect(embeddings.read(answer, context)).toEqual({
      model: 'lab/qwen3',
      embeddings: answer.embeddings,
      usage: {
        input: { uncached: 4, cacheRead: 0, cacheWrite: {} },
        output: { text: 0, reasoning: 0 },
        raw: { total_duration: 14_143_917, prompt_eval_count: 4 },
      },
    })
    expect(encodeEmbeddingResponse(embeddings.read(answer, context), { model: 'v' })).toEqual({
      model: 'v',
      embeddings: answer.embeddings,
      prompt_eval_count: 4,
    })
    expect(encodeEmbeddingResponse({ model: 'lab/v', embeddings: [] })).toEqual({ model: 'lab/v', embeddings: [] })
  })

  test('that are none are a fault, and an error is what it says', () => {
    const { read } = protocol().embeddings
    for (const body of [null, {}, { embeddings: [7] }, { embeddings: [['a']] }])
      expect(() => read(body, context)).toThrow(expect.objectContaining({ kind: 'protocol', model: 'qwen3' }))
    expect(() => read({ error: 'server busy' }, context)).toThrow(expect.objectContaining({ kind: 'overloaded' }))
  })

  test('are asked for by clients with a text or a list of them', () => {
    const { encode } = protocol().embeddings
    const body = { model: 'v', input: ['a', 'b'], dimensions: 3, truncate: true, options: { num_ctx: 5 } }
    expect(encode(decodeEmbeddingRequest(body), 'v').body).toEqual(body)
    expect(decodeEmbeddingRequest({ model: 'v', input: 'a', dimensions: 0 })).toEqual({ model: 'v', input: ['a'] })
    expect(decodeEmbeddingRequest({ model: 'v' }).input).toEqual([])
    expect(decodeEmbeddingRequest({ model: 'v', input: '' }).input).toEqual([])
  })

  test.each([
    [{ input: 'a' }, 'model'],
    [{ model: '', input: 'a' }, 'model'],
    [{ model: 'v', input: 7 }, 'input'],
    [{ model: 'v', input: [7] }, 'input[0]'],
    [{ model: 'v', input: 'a', dimensions: 1.5 }, 'dimensions'],
  ])('are refused for %j', (body, param) => {
    expect(() => decodeEmbeddingRequest(body)).toThrow(expect.objectContaining({ kind: 'invalid-request', param }))
  })
})

test('usage that was never told is none, and a count below nothing is nothing', () => {
  expect(decodeUsage({ total_duration: 7 })).toBeUndefined()
  expect(decodeUsage({ eval_count: -1 })).toMatchObject({ input: { uncached: 0 }, output: { text: 0 } })
})
