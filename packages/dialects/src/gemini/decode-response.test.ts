import { describe, expect, test } from 'vitest'
import { decodeResponse } from './decode-response.ts'

const context = { provider: 'gemini', model: 'm' }
const answer = (parts: unknown[] | undefined, candidate: object = {}, more: object = {}) => ({
  candidates: [{ ...(parts && { content: { parts, role: 'model' } }), finishReason: 'STOP', index: 0, ...candidate }],
  usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4, thoughtsTokenCount: 22, totalTokenCount: 35 },
  modelVersion: 'm-1',
  responseId: 'r1',
  ...more,
})
const decode = (body: unknown) => decodeResponse(body, context)

describe('a whole answer', () => {
  test('is its parts, its reason and its usage', () => {
    expect(decode(answer([{ text: 'Hello.' }]))).toEqual({
      id: 'r1',
      model: 'gemini/m',
      content: [{ type: 'text', text: 'Hello.' }],
      reason: 'stop',
      rawReason: 'STOP',
      usage: {
        input: { uncached: 9, cacheRead: 0, cacheWrite: {} },
        output: { text: 4, reasoning: 22 },
        raw: expect.anything(),
      },
      extra: { gemini: { modelVersion: 'm-1' } },
    })
  })

  test('says why it ended, calls or not', () => {
    for (const [word, reason] of [
      ['STOP', 'stop'],
      ['MAX_TOKENS', 'length'],
      ['SAFETY', 'content-filter'],
      ['RECITATION', 'content-filter'],
      ['BLOCKLIST', 'content-filter'],
      ['PROHIBITED_CONTENT', 'content-filter'],
      ['SPII', 'content-filter'],
      ['IMAGE_SAFETY', 'content-filter'],
      ['CONTINUATION', 'pause'],
      ['LANGUAGE', 'other'],
      ['TOO_MANY_TOOL_CALLS', 'other'],
      ['OTHER', 'other'],
      ['SOMETHING_NEW', 'other'],
    ]) {
      expect(decode(answer([{ text: 'a' }], { finishReason: word }))).toMatchObject({ reason, rawReason: word })
    }
    expect(decode(answer([{ functionCall: { name: 'f' } }])).reason).toBe('tool-calls')
    expect(decode(answer([{ text: 'a' }], { finishReason: undefined })).reason).toBe('stop')
  })

  test('has its candidates in their order, however they came', () => {
    const candidates = [1, 0].map(index => ({
      content: { parts: [{ text: `${index}` }] },
      finishReason: 'STOP',
      index,
    }))
    expect(decode({ candidates })).toMatchObject({
      content: [{ text: '0' }],
      otherChoices: [{ choice: 1, content: [{ text: '1' }] }],
    })
  })

  test('that the filter stopped may have no content', () => {
    expect(decode(answer(undefined, { finishReason: 'SAFETY' }))).toMatchObject({
      content: [],
      reason: 'content-filter',
    })
    expect(decode(answer(undefined, { content: null, finishReason: 'SPII' })).content).toEqual([])
    expect(decode(answer(undefined, { content: { role: 'model' }, finishReason: 'MAX_TOKENS' })).content).toEqual([])
  })

  test('that a limit cut has an incomplete last part, unless that came whole', () => {
    const cut = { finishReason: 'MAX_TOKENS' }
    for (const whole of [
      { text: 'a', thoughtSignature: 'YQ==' },
      { text: 'a', thought: true, thoughtSignature: 'YQ==' },
      { executableCode: {} },
    ])
      expect(decode(answer([whole], cut)).content[0]).not.toHaveProperty('complete')
    expect(decode(answer([{ text: 'a', thought: true }], cut)).content).toMatchObject([{ complete: false }])
    const call = { functionCall: { name: 'f' } }
    expect(decode(answer([call, { text: 'a' }], cut)).content.at(-1)).toMatchObject({ complete: false })
    expect(decode(answer([{ text: 'a' }, call], cut)).content.every(part => part.complete === undefined)).toBe(true)
  })

  test('leaves out the part that says nothing, and keeps the one that is signed', () => {
    const { content } = decode(answer([{ text: '' }, { text: '', thoughtSignature: 'YQ==' }]))
    expect(content).toEqual([{ type: 'text', text: '', extra: { gemini: { thoughtSignature: 'YQ==' } } }])
  })
})

describe('a signature', () => {
  test('ends the text before it, as in a stream', () => {
    const { content } = decode(
      answer([
        { text: 'Hm', thought: true },
        { text: '.', thought: true, thoughtSignature: 'dA==' },
        { text: 'Hel' },
        { text: 'lo.', thoughtSignature: 'YQ==' },
        { text: 'More', thoughtSignature: 'Yg==' },
      ]),
    )
    expect(content).toEqual([
      { type: 'reasoning', text: 'Hm.', signature: 'dA==', origin: 'gemini', extra: { gemini: { signedFrom: 2 } } },
      { type: 'text', text: 'Hello.', extra: { gemini: { thoughtSignature: 'YQ==', signedFrom: 3 } } },
      { type: 'text', text: 'More', extra: { gemini: { thoughtSignature: 'Yg==' } } },
    ])
  })
})

describe('a failure', () => {
  test('in the body is told as one', () => {
    expect(() => decode({ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } })).toThrow(
      expect.objectContaining({ kind: 'overloaded' }),
    )
    expect(() => decode({ promptFeedback: { blockReason: 'SAFETY' } })).toThrow(
      expect.objectContaining({ kind: 'content-filter', code: 'SAFETY' }),
    )
    expect(() => decode(answer(undefined, { finishReason: 'UNEXPECTED_TOOL_CALL' }))).toThrow(
      expect.objectContaining({ kind: 'protocol', code: 'UNEXPECTED_TOOL_CALL' }),
    )
  })

  test('to be an answer at all is a breach of the protocol', () => {
    for (const body of [null, [], {}, { candidates: [] }, { candidates: [5] }, answer(undefined, { content: 'a' })]) {
      expect(() => decode(body), JSON.stringify(body)).toThrow(expect.objectContaining({ kind: 'protocol' }))
    }
  })
})
