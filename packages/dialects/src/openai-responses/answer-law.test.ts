import {
  type JsonObject,
  type MessageChunk,
  type MessageResponse,
  ResponseAccumulator,
  responseChunks,
} from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contractAnswer, wireAnswer } from './answers.fixture.ts'
import { decodeResponse } from './decode-response.ts'
import { encodeResponse } from './encode-response.ts'
import { streamDecoder } from './stream-decoder.ts'
import { streamEncoder } from './stream-encoder.ts'

const context = { provider: 'p', model: 'm' }

// what the wire adds to an answer: its own words, ids and counts
function plain(response: MessageResponse): unknown {
  const { rawReason: _, extra: __, usage, content, ...rest } = response
  const parts = content.map(({ ...part }) => {
    if ('extra' in part) delete part.extra
    return part
  })
  return { ...rest, content: parts, ...(usage && { usage: { input: usage.input, output: usage.output } }) }
}

function throughStream(chunks: readonly MessageChunk[], cuts: readonly number[], model?: string): MessageResponse {
  const encoder = streamEncoder(model === undefined ? {} : { model })
  const half = Math.floor(chunks.length / 2)
  const bytes = new TextEncoder().encode(encoder.encode(chunks.slice(0, half)) + encoder.encode(chunks.slice(half)))
  const places = [...cuts.map(cut => cut % (bytes.length + 1)).sort((first, second) => first - second), bytes.length]
  const decoder = streamDecoder(context)
  const accumulator = new ResponseAccumulator()
  let from = 0
  for (const to of places) {
    for (const chunk of decoder.decode(bytes.subarray(from, to))) accumulator.add(chunk)
    from = to
  }
  expect(decoder.state).toBe('finished')
  return accumulator.response()
}

test('an answer that was decoded is encoded as it was, unknown fields at every level included', () => {
  fc.assert(
    fc.property(wireAnswer, body => {
      expect(encodeResponse(decodeResponse(body, context), { model: body.model })).toEqual(body)
    }),
    { numRuns: 2000 },
  )
})

test('an answer that was encoded is decoded as it was', () => {
  fc.assert(
    fc.property(contractAnswer, answer => {
      const wire = JSON.parse(JSON.stringify(encodeResponse(answer)))
      expect(plain(decodeResponse(wire, context))).toEqual(plain(answer))
    }),
    { numRuns: 500 },
  )
})

test('chunks that were encoded are decoded to the same answer, wherever the bytes are split', () => {
  fc.assert(
    fc.property(contractAnswer, fc.array(fc.nat(5000), { maxLength: 20 }), (answer, cuts) => {
      expect(plain(throughStream(responseChunks(answer), cuts))).toEqual(plain(answer))
    }),
    { numRuns: 500 },
  )
})

// chunks carry the input anew, in JSON's own spelling
function meaning(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text)
  } catch {
    return text
  }
}

function told(body: JsonObject): unknown {
  return JSON.parse(JSON.stringify(body), (key, value) => (key === 'arguments' ? meaning(value) : value))
}

test('a whole answer of the wire keeps what it says when it is told as a stream', () => {
  fc.assert(
    fc.property(wireAnswer, fc.array(fc.nat(5000), { maxLength: 5 }), (body, cuts) => {
      const whole = decodeResponse(body, context)
      const streamed = throughStream(responseChunks(whole), cuts, body.model)
      expect(told(encodeResponse(streamed, { model: body.model }))).toEqual(told(body))
    }),
    { numRuns: 1000 },
  )
})
