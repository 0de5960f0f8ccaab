import {
  type JsonObject,
  type MessageChunk,
  type MessageResponse,
  ResponseAccumulator,
  responseChunks,
} from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contractAnswer, wireAnswer, wireLines } from './answers.fixture.ts'
import { decodeResponse } from './decode-response.ts'
import { encodeResponse } from './encode-response.ts'
import { streamDecoder } from './stream-decoder.ts'
import { streamEncoder } from './stream-encoder.ts'

const context = { provider: 'p', model: 'm' }

// what the wire adds to an answer: its own words and counts
function plain({ rawReason: _, usage, ...rest }: MessageResponse): unknown {
  const { raw: __, ...counts } = usage ?? {}
  return { ...rest, ...(usage && { usage: counts }) }
}

function read(bytes: Uint8Array, cuts: readonly number[]): MessageChunk[] {
  const places = [...cuts.map(cut => cut % (bytes.length + 1)).sort((first, second) => first - second), bytes.length]
  const decoder = streamDecoder(context)
  const chunks: MessageChunk[] = []
  let from = 0
  for (const to of places) {
    chunks.push(...decoder.decode(bytes.subarray(from, to)))
    from = to
  }
  expect(decoder.state).toBe('finished')
  return chunks
}

function whole(chunks: readonly MessageChunk[]): MessageResponse {
  const accumulator = new ResponseAccumulator()
  for (const chunk of chunks) accumulator.add(chunk)
  return accumulator.response()
}

function throughStream(chunks: readonly MessageChunk[], cuts: readonly number[], model?: string): MessageResponse {
  const encoder = streamEncoder(model === undefined ? {} : { model })
  const half = Math.floor(chunks.length / 2)
  const text = encoder.encode(chunks.slice(0, half)) + encoder.encode(chunks.slice(half))
  return whole(read(new TextEncoder().encode(text), cuts))
}

test('an answer that was decoded is encoded as it was, unknown fields at every level included', () => {
  fc.assert(
    fc.property(wireAnswer, body => {
      expect(encodeResponse(decodeResponse(body, context), { model: body.model })).toEqual(body)
    }),
    { numRuns: 1500 },
  )
})

test('an answer that was encoded is decoded as it was', () => {
  fc.assert(
    fc.property(contractAnswer, answer => {
      const wire = JSON.parse(JSON.stringify(encodeResponse(answer, { model: 'm' })))
      expect(plain(decodeResponse(wire, context))).toEqual(plain(answer))
    }),
    { numRuns: 500 },
  )
})

test('chunks that were encoded are decoded to the same answer, wherever the bytes are split', () => {
  fc.assert(
    fc.property(contractAnswer, fc.array(fc.nat(5000), { maxLength: 20 }), (answer, cuts) => {
      expect(plain(throughStream(responseChunks(answer), cuts, 'm'))).toEqual(plain(answer))
    }),
    { numRuns: 500 },
  )
})

test('a whole answer of the wire keeps what it says when it is told as a stream', () => {
  fc.assert(
    fc.property(wireAnswer, fc.array(fc.nat(5000), { maxLength: 5 }), (body, cuts) => {
      const streamed = throughStream(responseChunks(decodeResponse(body, context)), cuts, body.model)
      expect(encodeResponse(streamed, { model: body.model })).toEqual(body)
    }),
    { numRuns: 300 },
  )
})

test('a stream that is decoded and encoded again says the same, fields that nobody knows included', () => {
  fc.assert(
    fc.property(wireLines, fc.array(fc.nat(5000), { maxLength: 5 }), (lines, cuts) => {
      const bytes = new TextEncoder().encode(lines.map(line => `${JSON.stringify(line)}\n`).join(''))
      const model = String((lines[0] as JsonObject).model)
      const chunks = read(bytes, cuts)
      const again = read(new TextEncoder().encode(streamEncoder({ model }).encode(chunks)), [])
      expect(encodeResponse(whole(again), { model })).toEqual(encodeResponse(whole(chunks), { model }))
      const told = JSON.stringify(again)
      for (const field of new Set(JSON.stringify(lines).match(/"x_[a-z]+":/g))) expect(told).toContain(field)
    }),
    { numRuns: 500 },
  )
})
