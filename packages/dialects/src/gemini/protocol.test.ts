import { describe, expect, test } from 'vitest'
import {
  decodeEmbeddingRequest,
  decodeEmbeddingResponse,
  decodeModels,
  decodeTokenCount,
  decodeTokenCountRequest,
  encodeEmbeddingRequest,
  encodeEmbeddingResponse,
  encodeModels,
  encodeTokenCount,
  encodeUsage,
  protocol,
} from './index.ts'

const context = { provider: 'gemini', model: 'm' }
const facts = {}
const messages = [{ role: 'user', content: 'hi' }] as const
const call = (model: string, stream = false) => ({ model, stream, facts, strict: false })

describe('paths', () => {
  const path = (model: string, stream = false) => protocol().encodeRequest({ messages }, call(model, stream)).path

  test('name the model and what is asked of it', () => {
    expect(path('gemini-3.8-flash')).toBe('/models/gemini-3.8-flash:generateContent')
    expect(path('gemini-3.8-flash', true)).toBe('/models/gemini-3.8-flash:streamGenerateContent?alt=sse')
    expect(path('models/gemini-3.8-flash')).toBe('/models/gemini-3.8-flash:generateContent')
    expect(path('tunedModels/mine')).toBe('/tunedModels/mine:generateContent')
  })

  test("cannot be left by a model's name", () => {
    expect(path('a?key=b#c')).toBe('/models/a%3Fkey%3Db%23c:generateContent')
    for (const model of ['../tunedModels/mine', 'models/../../v1/files/a', './mine'])
      expect(() => path(model)).toThrow(expect.objectContaining({ kind: 'invalid-request', param: 'model' }))
    expect(path('a..b')).toBe('/models/a..b:generateContent')
  })
})

describe('models', () => {
  const entry = {
    name: 'models/gemini-3.8-flash',
    displayName: 'Gemini 3.8 Flash',
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    thinking: true,
  }

  test('are listed with their limits and what they can do', () => {
    expect(protocol().models.read({ models: [entry, { name: 'models/old' }, { name: 5 }, 5] })).toEqual([
      {
        id: 'gemini-3.8-flash',
        displayName: 'Gemini 3.8 Flash',
        contextWindow: 1_048_576,
        maxOutputTokens: 65_536,
        capabilities: { streaming: true, reasoning: true },
      },
      { id: 'old' },
    ])
    expect(decodeModels({})).toEqual([])
    expect(() => decodeModels({ models: 5 })).toThrow(/not a list/)
    expect(() => decodeModels([])).toThrow(/not a list/)
    expect(() => decodeModels({ unheard: 'of' })).toThrow(/not a list/)
  })

  test('are asked for page by page', () => {
    const { nextPage, path } = protocol().models
    expect(nextPage({ models: [], nextPageToken: 'a b' })).toBe(`${path}&pageToken=a%20b`)
    expect(nextPage({ models: [], nextPageToken: '' })).toBeUndefined()
    expect(nextPage([])).toBeUndefined()
  })

  test('that were read are written again', () => {
    const embedding = { name: 'models/gemini-embedding-2', supportedGenerationMethods: ['embedContent'] }
    const list = { models: [entry, embedding, { name: 'models/old' }] }
    expect(encodeModels(decodeModels(list))).toEqual(list)
  })
})

describe('embeddings', () => {
  const { encode, read } = protocol().embeddings
  const request = { input: ['a', 'b'], dimensions: 8, extra: { gemini: { taskType: 'RETRIEVAL_QUERY' } } }

  test('are asked for in one request for each text', () => {
    const each = (text: string) => ({
      taskType: 'RETRIEVAL_QUERY',
      model: 'models/e',
      outputDimensionality: 8,
      content: { parts: [{ text }] },
    })
    const encoded = encode(request, 'e')
    expect(encoded).toEqual({ path: '/models/e:batchEmbedContents', body: { requests: [each('a'), each('b')] } })
    expect(decodeEmbeddingRequest(encoded.body)).toEqual({ model: 'e', ...request })
  })

  test('that are asked for in a way that nobody could answer are refused', () => {
    const one = (more: object = {}) => ({ content: { parts: [{ text: 'a' }, { text: 'b' }] }, ...more })
    expect(decodeEmbeddingRequest({ requests: [one()] }, { defaultModel: 'e' })).toEqual({ model: 'e', input: ['ab'] })
    expect(() => decodeEmbeddingRequest({ requests: [] })).toThrow(/requests is empty/)
    expect(() => decodeEmbeddingRequest({ requests: [one()] })).toThrow(/model is missing/)
    const two = { requests: [one({ model: 'models/e' }), one({ model: 'models/f' })] }
    expect(() => decodeEmbeddingRequest(two)).toThrow(/requests\[1\] has other settings/)
  })

  test('come as vectors in order', () => {
    expect(read({ embeddings: [{ values: [0.25, -0.5] }] }, context)).toEqual({
      model: 'gemini/m',
      embeddings: [[0.25, -0.5]],
    })
    const counted = { embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: 3 } }
    const decoded = decodeEmbeddingResponse(counted, context)
    expect(decoded.usage?.input.uncached).toBe(3)
    expect(encodeEmbeddingResponse(decoded)).toEqual(counted)
    expect(encodeEmbeddingResponse({ model: 'm', embeddings: [[1]] })).toEqual({ embeddings: [{ values: [1] }] })
  })

  test('that are none are a breach of the protocol', () => {
    for (const body of [null, {}, { embeddings: [5] }, { embeddings: [{ values: ['a'] }] }]) {
      expect(() => read(body, context), JSON.stringify(body)).toThrow(expect.objectContaining({ kind: 'protocol' }))
    }
    expect(() => read({ error: { code: 404, status: 'NOT_FOUND' } }, context)).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    )
  })

  test('need no settings', () => {
    expect(encodeEmbeddingRequest({ input: ['a'] }, { model: 'e' })).toEqual({
      requests: [{ model: 'models/e', content: { parts: [{ text: 'a' }] } }],
    })
  })
})

describe('counting tokens', () => {
  const { encode, read } = protocol().tokenCount
  const contents = [{ role: 'user', parts: [{ text: 'hi' }] }]

  test('takes the contents alone, or all that counts', () => {
    expect(encode({ messages, temperature: 1 }, call('m'))).toEqual({
      path: '/models/m:countTokens',
      body: { contents },
    })
    const tools = [{ name: 'f' }]
    const { body } = encode({ messages, tools }, call('m'))
    expect(body).toEqual({
      generateContentRequest: { model: 'models/m', contents, tools: [{ functionDeclarations: tools }] },
    })
    const cached = encode({ messages, extra: { gemini: { cachedContent: 'cachedContents/a' } } }, call('m'))
    expect(cached.body).toMatchObject({ generateContentRequest: { contents, cachedContent: 'cachedContents/a' } })
    expect(decodeTokenCountRequest(body)).toEqual({ model: 'm', stream: false, messages, tools })
    expect(decodeTokenCountRequest({ contents }, { defaultModel: 'm' })).toMatchObject({ model: 'm', messages })
    expect(() => decodeTokenCountRequest({ ...body, contents })).toThrow(/contents may not be sent beside/)
  })

  test('answers with their number', () => {
    expect(read(encodeTokenCount(7), context)).toBe(7)
    expect(() => decodeTokenCount({}, context)).toThrow(expect.objectContaining({ kind: 'protocol' }))
    expect(() => decodeTokenCount(5, context)).toThrow(expect.objectContaining({ kind: 'protocol' }))
    expect(() => read({ error: { code: 400, status: 'INVALID_ARGUMENT' } }, context)).toThrow(
      expect.objectContaining({ kind: 'invalid-request' }),
    )
  })
})

describe('usage', () => {
  const used = (usageMetadata: object) => protocol().readWhole({ candidates: [{}], usageMetadata }, context).usage

  test('is made of parts: cached tokens within the prompt, thoughts and tool results outside', () => {
    expect(
      used({
        promptTokenCount: 100,
        cachedContentTokenCount: 40,
        toolUsePromptTokenCount: 5,
        candidatesTokenCount: 10,
        thoughtsTokenCount: 20,
        totalTokenCount: 135,
      }),
    ).toMatchObject({ input: { uncached: 65, cacheRead: 40 }, output: { text: 10, reasoning: 20 } })
    expect(used({ promptTokenCount: 1, cachedContentTokenCount: 5, candidatesTokenCount: -1 })).toMatchObject({
      input: { uncached: 0, cacheRead: 1 },
      output: { text: 0, reasoning: 0 },
    })
  })

  test('of others is counted as this wire counts', () => {
    const input = { uncached: 5, cacheRead: 2, cacheWrite: { '5m': 3 } }
    expect(encodeUsage({ input, output: { text: 4, reasoning: 6 }, raw: { prompt_tokens: 10 } })).toEqual({
      promptTokenCount: 10,
      cachedContentTokenCount: 2,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 6,
      totalTokenCount: 20,
    })
    const plain = { input: { uncached: 5, cacheRead: 0, cacheWrite: {} }, output: { text: 4, reasoning: 0 } }
    expect(encodeUsage({ ...plain, raw: { promptTokenCount: 99 } })).toEqual({
      promptTokenCount: 5,
      candidatesTokenCount: 4,
      totalTokenCount: 9,
    })
  })
})

test('answers and errors are read as the dialect reads them', async () => {
  const { readStream, readError } = protocol()
  const error = readError({ status: 404, headers: new Headers(), body: '' }, context)
  expect(error.kind).toBe('not-found')
  const event = { candidates: [{ finishReason: 'STOP' }], usageMetadata: {} }
  const pieces = [new TextEncoder().encode(`data: ${JSON.stringify(event)}\r\n\r\n`)]
  const source = readStream({ read: async () => pieces.shift(), cancel: () => {} }, context)
  expect((await source.read())?.map(chunk => chunk.type)).toEqual(['start', 'finish'])
})
