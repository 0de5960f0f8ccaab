import { type JsonObject, type MessageChunk, ResponseAccumulator } from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wireUsage } from './answers.fixture.ts'
import { encodeResponse } from './encode-response.ts'
import { streamDecoder } from './stream-decoder.ts'
import { streamEncoder } from './stream-encoder.ts'
import { unknown, wire } from './wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
const piece = (index: number) =>
  wire({ index: is(index), function: wire({ arguments: fc.constantFrom('{}', '', '"') }) })
const first = (index: number) =>
  wire({
    index: is(index),
    id: is(`call_${index}`),
    type: is('function'),
    function: wire({ name: said, arguments: is('') }),
  })

const delta = fc.oneof(
  wire({ content: said }),
  wire({ reasoning_content: said }),
  wire({ refusal: said }),
  wire({ audio: wire({ data: is('aGk=') }) }),
  unknown,
)
const calls = fc
  .constantFrom(0, 1, 2)
  .chain(count =>
    fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.tuple(first(index), fc.array(piece(index), { maxLength: 2 })).map(([start, rest]) => [start, ...rest]),
      ),
    ),
  )
const deltas = fc
  .tuple(fc.array(delta, { maxLength: 5 }), calls)
  .map(([spoken, called]) => [...spoken, ...called.flat().map(call => ({ tool_calls: [call] }))])

const logprobs = fc.constantFrom(null, { content: [{ token: 'a' }] })
const events = fc
  .tuple(deltas, fc.array(fc.tuple(unknown, unknown, logprobs), { minLength: 20, maxLength: 20 }), unknown, wireUsage)
  .map(([all, more, top, usage]) => {
    const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 5, model: 'm', ...top }
    const told = [{ role: 'assistant', content: '' }, ...all, {}].map((each, at) => {
      const [answer, choice, probabilities] = more[at] as (typeof more)[number]
      const ends = at === all.length + 1 ? 'stop' : null
      const choices = [{ ...choice, index: 0, delta: each, logprobs: probabilities, finish_reason: ends }]
      return { ...answer, ...head, choices }
    })
    return [...told, { ...head, choices: [], usage }] as JsonObject[]
  })

function decode(text: string): MessageChunk[] {
  return [...streamDecoder({ provider: 'p', model: 'm' }).decode(new TextEncoder().encode(text))]
}

function told(chunks: readonly MessageChunk[]): JsonObject {
  const accumulator = new ResponseAccumulator()
  for (const chunk of chunks) accumulator.add(chunk)
  // a call without arguments is told as an empty object
  const whole = JSON.stringify(encodeResponse(accumulator.response()))
  return JSON.parse(whole, (key, value) => (key === 'arguments' && value === '' ? '{}' : value))
}

/** Whether each field stays what it is, list, object or else: pieces of one that does not join by how they are grouped. */
function keepsItsKinds(all: readonly JsonObject[]): boolean {
  const kinds = new Map<string, string>()
  const look = (value: unknown, path: string): boolean => {
    const kind = Array.isArray(value) ? 'list' : typeof value === 'object' && value !== null ? 'object' : 'else'
    const before = kinds.get(path) ?? kind
    kinds.set(path, kind)
    if (before !== kind) return false
    return kind !== 'object' || Object.entries(value as object).every(([key, inner]) => look(inner, `${path}.${key}`))
  }
  return all.every(event => Object.entries(event).every(([key, value]) => !key.startsWith('x_') || look(value, key)))
}

test('a stream that is decoded and encoded again says the same, fields that nobody knows included', () => {
  fc.assert(
    fc.property(events, all => {
      fc.pre(keepsItsKinds(all))
      const chunks = decode(`${all.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`)
      const again = streamEncoder({ includeUsage: true }).encode(chunks)
      expect(told(decode(again))).toEqual(told(chunks))
      for (const key of new Set(JSON.stringify(all).match(/"x_[a-z]+":/g))) expect(again).toContain(key)
    }),
    { numRuns: 500 },
  )
})
