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
import { contractAnswer, wireAnswer, wireEvents } from './answers.fixture.ts'
import { decodeResponse } from './decode-response.ts'
import { encodeRequest } from './encode-request.ts'
import { encodeResponse } from './encode-response.ts'
import { streamDecoder } from './stream-decoder.ts'
import { streamEncoder } from './stream-encoder.ts'

const context = { provider: 'p', model: 'm' }

// what the wire adds to an answer: its own words and counts
function plain(response: MessageResponse): unknown {
  const { rawReason: _, extra: __, usage, ...rest } = response
  return { ...rest, ...(usage && { usage: withoutRaw(usage) }) }
}
const withoutRaw = ({ raw: _, ...usage }: Usage) => usage

function decode(text: string, cuts: readonly number[] = []): MessageResponse {
  const bytes = new TextEncoder().encode(text)
  const places = [...cuts.map(cut => cut % (bytes.length + 1)).sort((first, second) => first - second), bytes.length]
  const decoder = streamDecoder(context)
  const accumulator = new ResponseAccumulator()
  let from = 0
  for (const to of places) {
    for (const chunk of decoder.decode(bytes.subarray(from, to))) accumulator.add(chunk)
    from = to
  }
  for (const chunk of decoder.state === 'open' ? decoder.end() : []) accumulator.add(chunk)
  expect(decoder.state).toBe('finished')
  return accumulator.response()
}

function encoded(chunks: readonly MessageChunk[]): string {
  const encoder = streamEncoder()
  const half = Math.floor(chunks.length / 2)
  return encoder.encode(chunks.slice(0, half)) + encoder.encode(chunks.slice(half))
}

test('an answer that was decoded is encoded as it was, unknown fields at every level included', () => {
  fc.assert(
    fc.property(wireAnswer, body => {
      // seconds are all that is kept of when it was made, beside the text itself
      expect(encodeResponse(decodeResponse(body, context))).toEqual(body)
    }),
    { numRuns: 1000 },
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

// a stream tells a signature after the text that it signs, on an empty part of its own
function withoutPlaces(response: MessageResponse): unknown {
  return JSON.parse(
    JSON.stringify(response, (key, value) => (key === 'signedFrom' ? undefined : value)),
    (key, value) => (key === 'extra' && Object.keys(value.gemini).length === 0 ? undefined : value),
  )
}

test('chunks that were encoded are decoded to the same answer, wherever the bytes are split', () => {
  fc.assert(
    fc.property(contractAnswer, fc.array(fc.nat(5000), { maxLength: 20 }), (answer, cuts) => {
      const streamed = decode(encoded(responseChunks(answer)), cuts)
      expect(withoutPlaces(plain(streamed) as MessageResponse)).toEqual(plain(answer))
    }),
    { numRuns: 500 },
  )
})

test('a whole answer keeps its signatures when it is told as a stream', () => {
  fc.assert(
    fc.property(wireAnswer, body => {
      const whole = decodeResponse(body, context)
      const streamed = decode(encoded(responseChunks(whole)))
      const signatures = (answer: MessageResponse) =>
        JSON.stringify(answer.content).match(/"(thoughtSignature|signature)":"[^"]*"/g)
      expect(signatures(streamed)).toEqual(signatures(whole))
    }),
    { numRuns: 300 },
  )
})

test('a stream that is decoded and encoded again says the same, fields that nobody knows included', () => {
  fc.assert(
    fc.property(wireEvents, fc.array(fc.nat(5000), { maxLength: 5 }), (events, cuts) => {
      const text = events.map(event => `data: ${JSON.stringify(event)}\r\n\r\n`).join('')
      const chunks: MessageChunk[] = [...streamDecoder(context).decode(new TextEncoder().encode(text))]
      expect(withoutPlaces(decode(encoded(chunks)))).toEqual(withoutPlaces(decode(text, cuts)))
    }),
    { numRuns: 1000 },
  )
})

// texts that follow one another are one where no signature parts them
function joined(parts: readonly JsonObject[]): unknown {
  const all: { text?: unknown; thought?: unknown; thoughtSignature?: unknown }[] = []
  for (const { partMetadata: _, ...part } of parts) {
    const last = all.at(-1)
    const grows = typeof last?.text === 'string' && typeof part.text === 'string' && last.thought === part.thought
    if (part.text === '' && part.thoughtSignature === undefined) continue
    if (grows && last.thoughtSignature === undefined && part.thoughtSignature === undefined)
      last.text = `${last.text}${part.text}`
    else all.push({ ...part })
  }
  return all
}

test('what a stream told goes back as the parts that came, each signature on its own', () => {
  fc.assert(
    fc.property(wireEvents, events => {
      const came = events.flatMap(
        event => (event.candidates as { content: { parts: JsonObject[] } }[])[0]?.content.parts ?? [],
      )
      const answer = decode(events.map(event => `data: ${JSON.stringify(event)}\r\n\r\n`).join(''))
      const messages = [
        { role: 'user' as const, content: 'go' },
        { role: 'assistant' as const, content: answer.content },
      ]
      const { body } = encodeRequest({ messages }, { model: 'm', facts: { thinking: 'budget' } })
      const [, said] = body.contents as unknown as { parts: JsonObject[] }[]
      const calls = (parts: readonly JsonObject[]) =>
        parts.map(part => (part.functionCall === undefined ? part : { ...part, functionCall: { name: 'f' } }))
      expect(joined(calls(said?.parts ?? []))).toEqual(joined(calls(came)))
    }),
    { numRuns: 1000 },
  )
})
