import {
  type JsonObject,
  type MessageChunk,
  type MessageResponse,
  ResponseAccumulator,
  responseChunks,
  type Usage,
} from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contractAnswer, wireAnswer } from './answers.fixture.ts'
import { decodeResponse } from './decode-response.ts'
import { encodeResponse } from './encode-response.ts'
import { streamDecoder } from './stream-decoder.ts'
import { streamEncoder } from './stream-encoder.ts'

const context = { provider: 'p', model: 'm' }

// what the wire adds to an answer: its own words and counts, and who thought
function plain(response: MessageResponse): unknown {
  const { rawReason: _, extra: __, usage, content, ...rest } = response
  const parts = content.map(part => (part.type === 'reasoning' ? { ...part, extra: undefined } : part))
  return { ...rest, content: parts, ...(usage && { usage: withoutRaw(usage) }) }
}
const withoutRaw = ({ raw: _, ...usage }: Usage) => usage

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

// a stream tells the beginning's counts apart from the end's, and fields of the usage that nobody knows only there
function withoutUsage({ usage: _, ...body }: JsonObject): JsonObject {
  return body
}

test('a whole answer of the wire keeps what it says when it is told as a stream', () => {
  fc.assert(
    fc.property(wireAnswer, fc.array(fc.nat(5000), { maxLength: 5 }), (body, cuts) => {
      const whole = decodeResponse(body, context)
      const streamed = throughStream(responseChunks(whole), cuts, body.model)
      expect(withoutUsage(encodeResponse(streamed, { model: body.model }))).toEqual(withoutUsage(body))
      expect(streamed.usage?.output).toEqual(whole.usage?.output)
      expect(streamed.usage?.input).toEqual(whole.usage?.input)
    }),
    { numRuns: 500 },
  )
})
