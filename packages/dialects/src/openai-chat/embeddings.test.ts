import { describe, expect, test } from 'vitest'
import {
  decodeEmbeddingRequest,
  decodeEmbeddingResponse,
  embeddingEncoding,
  encodeEmbeddingRequest,
  encodeEmbeddingResponse,
} from './embeddings.ts'

const context = { provider: 'acme', model: 'vec' }

describe('embedding requests', () => {
  test.each([
    { model: 'vec', input: ['a', 'b'], dimensions: 3, encoding_format: 'base64', user: 'u', x: 1 },
    { model: 'vec', input: ['a'] },
  ])('%j is encoded as it was', body => {
    expect(encodeEmbeddingRequest(decodeEmbeddingRequest(body), { model: 'vec' })).toEqual(body)
  })

  test('one text is a list of one', () => {
    expect(decodeEmbeddingRequest({ model: 'vec', input: 'a', encoding_format: null }).input).toEqual(['a'])
  })

  test('the provider’s wish for the form of the vectors wins', () => {
    const request = decodeEmbeddingRequest({ model: 'vec', input: 'a', encoding_format: 'base64' })
    expect(embeddingEncoding(request)).toBe('base64')
    expect(embeddingEncoding({ input: [] })).toBe('float')
    expect(encodeEmbeddingRequest(request, { model: 'v', encodingFormat: 'float' }).encoding_format).toBe('float')
  })

  test.each<[unknown, string]>([
    [5, 'body'],
    [{ input: 'a' }, 'model'],
    [{ model: 'v' }, 'input'],
    [{ model: 'v', input: [] }, 'input'],
    [{ model: 'v', input: [1, 2] }, 'input[0]'],
    [{ model: 'v', input: [[1]] }, 'input[0]'],
    [{ model: 'v', input: ['a', null] }, 'input[1]'],
    [{ model: 'v', input: 'a', dimensions: 0 }, 'dimensions'],
    [{ model: 'v', input: 'a', encoding_format: 'hex' }, 'encoding_format'],
  ])('%j is refused for its %s', (body, param) => {
    expect(() => decodeEmbeddingRequest(body)).toThrow(expect.objectContaining({ kind: 'invalid-request', param }))
  })
})

describe('embedding answers', () => {
  const response = {
    model: 'acme/vec',
    embeddings: [
      [0.25, -0.5],
      [1, 2],
    ],
    usage: { input: { uncached: 2, cacheRead: 0, cacheWrite: {} }, output: { text: 0, reasoning: 0 } },
  }

  test.each(['float', 'base64'] as const)('are decoded as they were encoded (%s)', encodingFormat => {
    const body = encodeEmbeddingResponse(response, { encodingFormat })
    expect(decodeEmbeddingResponse(body, context)).toMatchObject(response)
  })

  test('are put in the order of their numbers', () => {
    const data = [
      { index: 1, embedding: [2] },
      { index: 0, embedding: [1] },
    ]
    expect(decodeEmbeddingResponse({ data }, context)).toEqual({ model: 'acme/vec', embeddings: [[1], [2]] })
    expect(decodeEmbeddingResponse({ data: [{ embedding: [1] }] }, context).embeddings).toEqual([[1]])
    expect(encodeEmbeddingResponse({ model: 'a/b', embeddings: [] }, { model: 'v' })).toMatchObject({
      model: 'v',
      usage: { prompt_tokens: 0 },
    })
  })

  test.each([
    [5, 'protocol'],
    [{}, 'protocol'],
    [{ data: [5] }, 'protocol'],
    [{ data: [{ embedding: 'abc' }] }, 'protocol'],
    [{ data: [{ embedding: ['x'] }] }, 'protocol'],
    [{ data: [{ index: 3, embedding: [1] }] }, 'protocol'],
    [
      {
        data: [
          { index: 1, embedding: [1] },
          { index: 1, embedding: [1] },
        ],
      },
      'protocol',
    ],
    [{ error: { message: 'slow', code: 'rate_limit_exceeded' } }, 'rate-limit'],
  ])('%j fails as %s', (body, kind) => {
    expect(() => decodeEmbeddingResponse(body, context)).toThrow(expect.objectContaining({ kind }))
  })
})
