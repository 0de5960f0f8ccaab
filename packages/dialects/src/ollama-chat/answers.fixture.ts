import type { JsonObject, MessageResponse } from '@switchyard/core/contract'
import fc from 'fast-check'
import { text, toolInput, unknown, wire, word } from './wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const count = fc.nat({ max: 99999 })

/** The counts and durations that end an answer. */
const metrics = fc.record(
  {
    total_duration: fc.nat(),
    load_duration: fc.nat(),
    prompt_eval_count: count,
    prompt_eval_duration: fc.nat(),
    eval_count: count,
    eval_duration: fc.nat(),
  },
  { requiredKeys: ['prompt_eval_count', 'eval_count'], noNullPrototype: true },
)

// the contract keeps the seconds of a time, and no more of it
const createdAt = fc.constantFrom('2026-11-20T12:00:00Z', '1970-01-01T00:00:00Z')
const logprobs = fc.array(fc.record({ token: word, logprob: fc.integer() }, { noNullPrototype: true }), {
  maxLength: 2,
})

const calls = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^call_[a-z0-9]{8}$/), wire({ name: word, arguments: toolInput })), {
    maxLength: 3,
    selector: ([id]) => id,
  })
  .map(all => all.map(([id, called], index) => ({ id, function: { index, ...called } }) as JsonObject))

/** Any whole answer of the server, with fields that nobody here knows. */
export const wireAnswer = fc
  .tuple(
    wire({
      model: word,
      created_at: createdAt,
      done: is(true),
      done_reason: fc.constantFrom('stop', 'length', 'load', 'unload'),
    }),
    fc.tuple(wire({ role: is('assistant'), content: text }, { thinking: said }), calls),
    fc.oneof(metrics, is({})),
    fc.oneof(is({}), fc.record({ logprobs })),
  )
  .map(([top, [message, made], counts, probabilities]) => ({
    ...top,
    ...probabilities,
    ...counts,
    message: { ...message, ...(made.length > 0 && { tool_calls: made }) },
  })) as unknown as fc.Arbitrary<JsonObject & { readonly model: string }>

/** Any streamed answer of the server, line by line. */
export const wireLines = fc
  .tuple(
    wire({ model: word, created_at: createdAt }),
    fc.array(
      fc.tuple(
        fc.oneof(
          said.map(content => ({ content })),
          said.map(thinking => ({ content: '', thinking })),
          is({ content: '' }),
        ),
        unknown,
        fc.oneof(is({}), fc.record({ logprobs })),
      ),
      { maxLength: 5 },
    ),
    calls,
    metrics,
  )
  .map(([top, spoken, made, counts]) => [
    ...spoken.map(([message, more, probabilities]) => ({
      ...top,
      message: { role: 'assistant', ...message, ...more },
      done: false,
      ...probabilities,
    })),
    ...made.map(call => ({ ...top, message: { role: 'assistant', content: '', tool_calls: [call] }, done: false })),
    { ...top, message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', ...counts },
  ]) as fc.Arbitrary<JsonObject[]>

const usage = fc.tuple(count, count).map(([uncached, spoken]) => ({
  input: { uncached, cacheRead: 0, cacheWrite: {} },
  output: { text: spoken, reasoning: 0 },
}))

/** Any answer that this dialect can say, in its usual form. */
export const contractAnswer = fc
  .tuple(
    fc.option(said),
    fc.option(said),
    fc.array(fc.tuple(word, toolInput), { maxLength: 3 }),
    fc.nat({ max: 4_000_000_000 }),
    fc.option(usage),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([thought, spoken, made, created, told, simulated, cut]) => {
    const parts: object[] = [
      ...(thought === null ? [] : [{ type: 'reasoning', text: thought, origin: 'ollama-chat' }]),
      ...(spoken === null ? [] : [{ type: 'text', text: spoken }]),
    ]
    const last = parts.at(-1)
    const ends = cut && made.length === 0 && last !== undefined
    if (ends) parts[parts.length - 1] = { ...last, complete: false }
    return {
      created,
      model: 'p/m',
      content: [...parts, ...made.map(([name, input], at) => ({ type: 'tool-call', id: `call_${at}`, name, input }))],
      reason: ends ? 'length' : made.length > 0 ? 'tool-calls' : 'stop',
      ...(told && { usage: told }),
      ...(simulated && { simulated: true as const }),
    } as MessageResponse
  })
