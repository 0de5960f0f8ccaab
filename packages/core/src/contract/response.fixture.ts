import fc from 'fast-check'
import type { MessageChunk } from './chunk.ts'
import type { DialectExtra, JsonObject, JsonValue } from './message.ts'
import type { MessageResponse, ResponsePart } from './response.ts'
import { responseChunks } from './response-chunks.ts'

const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>
const object = fc.dictionary(fc.string({ maxLength: 4 }), json, { maxKeys: 3, noNullPrototype: true })
const jsonObject = object as fc.Arbitrary<JsonObject>
const extra = fc.dictionary(fc.constantFrom('openai-chat', 'anthropic-messages'), jsonObject, {
  minKeys: 1,
  noNullPrototype: true,
}) as fc.Arbitrary<DialectExtra>
const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const name = fc.stringMatching(/^[a-z]{1,8}$/)

// the fields named are always there; what is left out is left out, not undefined
function record(required: string, fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return fc.record(fields, { requiredKeys: required.split(' '), noNullPrototype: true })
}

const tail = { extra, complete: fc.constant(false) }

const part = fc.oneof(
  record('type text', { type: fc.constant('text'), text, refusal: fc.constant(true), ...tail }),
  record('type text origin', { type: fc.constant('reasoning'), text, origin: name, signature: text, ...tail }),
  record('type id name input', { type: fc.constant('tool-call'), id: name, name, input: jsonObject, ...tail }),
  record('type id name invalid', {
    type: fc.constant('tool-call'),
    id: name,
    name,
    invalid: record('text reason', { text, reason: text }),
    ...tail,
  }),
  record('type origin value', { type: fc.constant('opaque'), origin: name, value: json, complete: tail.complete }),
)

const reason = fc.constantFrom('stop', 'length', 'tool-calls', 'other')
const usage = { input: { uncached: 3, cacheRead: 1, cacheWrite: {} }, output: { text: 2, reasoning: 0 } }

/** Any answer that a stream can tell; tool calls have ids of their own. */
export const anyResponse: fc.Arbitrary<MessageResponse> = record('model content reason', {
  id: text,
  model: fc.constant('scripted/model'),
  created: fc.nat(),
  content: fc.array(part, { maxLength: 4 }),
  reason,
  rawReason: text,
  stopSequence: text,
  usage: fc.constant(usage),
  billed: fc.constant([{ target: 'scripted/model', usage }]),
  otherChoices: fc
    .array(fc.record({ content: fc.array(part, { maxLength: 3 }), reason }, { noNullPrototype: true }), {
      maxLength: 2,
    })
    .map(choices => choices.map((choice, at) => ({ ...choice, choice: at + 1 }))),
  simulated: fc.constant(true),
  warnings: fc.constant([{ setting: 'seed', message: 'is not taken' }]),
  failedAttempts: fc.constant([]),
  extra,
}).map(response => distinctCalls(response as MessageResponse))

/** Any stream that keeps the grammar: blocks interleaved, deltas in pieces, pings and targets between. */
export const anyChunks: fc.Arbitrary<{ readonly response: MessageResponse; readonly chunks: readonly MessageChunk[] }> =
  fc
    .record({ response: anyResponse, choose: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 60 }) })
    .map(({ response, choose }) => ({ response, chunks: interleaved(responseChunks(response), choose) }))

function distinctCalls(response: MessageResponse): MessageResponse {
  let calls = 0
  const distinct = (parts: readonly ResponsePart[]): ResponsePart[] =>
    parts.map(each => (each.type === 'tool-call' ? { ...each, id: `call_${calls++}` } : each))
  const { otherChoices } = response
  return {
    ...response,
    content: distinct(response.content),
    ...(otherChoices && {
      otherChoices: otherChoices.map(choice => ({ ...choice, content: distinct(choice.content) })),
    }),
  }
}

function interleaved(chunks: readonly MessageChunk[], choose: readonly number[]): MessageChunk[] {
  const blocks = new Map<number, MessageChunk[]>()
  for (const chunk of chunks.flatMap(inPieces)) {
    if ('id' in chunk && typeof chunk.id === 'number') blocks.set(chunk.id, [...(blocks.get(chunk.id) ?? []), chunk])
  }
  const result: MessageChunk[] = [chunks[0] as MessageChunk]
  const waiting = [...blocks.values()]
  for (let turn = 0; waiting.length > 0; turn++) {
    const choice = choose[turn % choose.length] as number
    if (choice % 7 === 0) result.push({ type: 'ping' })
    // blocks begin in order, and go on in any
    const begun = waiting.findIndex(block => block[0]?.type.endsWith('-start'))
    const at = choice % (begun < 0 ? waiting.length : begun + 1)
    const block = waiting[at] as MessageChunk[]
    result.push(block.shift() as MessageChunk)
    if (block.length === 0) waiting.splice(at, 1)
  }
  return [...result, chunks.at(-1) as MessageChunk]
}

function inPieces(chunk: MessageChunk): MessageChunk[] {
  if (chunk.type !== 'text-delta' && chunk.type !== 'reasoning-delta' && chunk.type !== 'tool-call-delta')
    return [chunk]
  const half = chunk.text.length >> 1
  return [
    { ...chunk, text: chunk.text.slice(0, half) },
    { ...chunk, text: chunk.text.slice(half) },
  ]
}
