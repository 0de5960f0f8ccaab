import type { JsonObject, MessageResponse } from '@switchyard/core/contract'
import fc from 'fast-check'
import { json, unknown, wire, word } from '../openai-chat/wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<JsonObject>
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const bare = (fields: Record<string, fc.Arbitrary<unknown>>, optional: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ ...fields, ...optional }, { requiredKeys: Object.keys(fields) as never[], noNullPrototype: true })

const signature = { thoughtSignature: fc.constantFrom('c2lnLUE=', 'c2lnLUI=') }
const part = fc.oneof(
  bare({ text: said }, { ...signature, partMetadata: is({ from: 'there' }) }),
  bare({ text: is(''), thoughtSignature: is('c2lnLUM=') }),
  bare({ text: said, thought: is(true) }, signature),
  bare(
    { functionCall: wire({ name: word }, { id: fc.constantFrom('fc-1', 'functions.get:1'), args: input }) },
    signature,
  ),
  is({ inlineData: { mimeType: 'image/png', data: 'aGk=' } }),
)

const usageMetadata = bare(
  { promptTokenCount: fc.nat({ max: 9999 }), totalTokenCount: fc.nat({ max: 9999 }) },
  {
    cachedContentTokenCount: fc.nat({ max: 99 }),
    candidatesTokenCount: fc.nat({ max: 9999 }),
    thoughtsTokenCount: fc.nat({ max: 9999 }),
    toolUsePromptTokenCount: fc.nat({ max: 99 }),
  },
)

const finishReason = fc.constantFrom('STOP', 'MAX_TOKENS', 'SAFETY', 'SPII', 'CONTINUATION', 'OTHER', 'LANGUAGE')
const candidate = wire(
  { content: fc.record({ parts: list(part), role: is('model') }, { noNullPrototype: true }), finishReason },
  { safetyRatings: is([{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'LOW' }]), continuationToken: is('more') },
)

/** A whole answer as the wire has it, some with several candidates and unknown fields. */
export const wireAnswer = fc
  .tuple(
    wire(
      { responseId: word, modelVersion: word },
      { usageMetadata, createTime: is('2026-11-20T10:00:00Z'), promptFeedback: is({ safetyRatings: [] }) },
    ),
    list(candidate),
  )
  .map(([answer, candidates]) => ({
    ...answer,
    candidates: candidates.map((each, index) => ({ ...each, index })),
  })) as fc.Arbitrary<JsonObject>

const contractPart = fc.oneof(
  said.map(text => ({ type: 'text', text })),
  said.map(text => ({ type: 'reasoning', text, origin: 'gemini', signature: 'c2lnLVQ=' })),
)
const usage = fc
  .record({
    uncached: fc.nat({ max: 999 }),
    cacheRead: fc.nat({ max: 999 }),
    text: fc.nat({ max: 999 }),
    reasoning: fc.nat({ max: 999 }),
  })
  .map(({ uncached, cacheRead, text, reasoning }) => ({
    input: { uncached, cacheRead, cacheWrite: {} },
    output: { text, reasoning },
  }))

/** Any answer that this dialect can say, in its usual form. */
export const contractAnswer = fc
  .tuple(
    fc.array(contractPart, { maxLength: 3 }),
    fc.array(fc.tuple(word, input), { maxLength: 2 }),
    fc.option(usage),
    fc.constantFrom('stop', 'content-filter', 'pause', 'other'),
    fc.boolean(),
  )
  .map(([spoken, calls, told, reason, simulated]) => {
    // a stream tells two texts that follow one another as one
    const content = spoken.filter((each, at) => each.type !== spoken[at - 1]?.type)
    return {
      id: 'r1',
      model: 'p/m',
      created: 1_700_000_000,
      content: [
        ...content,
        ...calls.map(([name, given], at) => ({ type: 'tool-call', id: `call_${at}`, name, input: given })),
      ],
      reason: calls.length > 0 && reason === 'stop' ? 'tool-calls' : reason,
      ...(told && { usage: told }),
      ...(simulated && { simulated: true as const }),
    } as MessageResponse
  })

const streamPart = fc.oneof(part, bare({ text: said }), is({ text: '' }))

/** The events of a streamed answer, the last one with its finish reason. */
export const wireEvents = fc
  .tuple(list(list(streamPart)), usageMetadata, finishReason, unknown)
  .map(([pieces, counts, ends, rest]) =>
    pieces.map((parts, at) => ({
      candidates: [
        {
          content: { parts, role: 'model' },
          index: 0,
          ...(at === pieces.length - 1 && { ...rest, finishReason: ends }),
        },
      ],
      usageMetadata: at === pieces.length - 1 ? counts : { promptTokenCount: 1, totalTokenCount: 1 },
      modelVersion: 'm',
      responseId: 'r1',
    })),
  ) as fc.Arbitrary<JsonObject[]>
