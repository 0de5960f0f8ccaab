import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import fc from 'fast-check'

// through JSON once: it has no -0
const json = fc.jsonValue({ maxDepth: 2 }).map(value => JSON.parse(JSON.stringify(value)) as JsonValue)
export const text = fc.string({ unit: 'grapheme', maxLength: 12 })
export const word = fc.stringMatching(/^[a-z]{1,8}$/)
const is = <const Value>(value: Value) => fc.constant(value)
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })

/** Fields nobody here knows, for any level of a body. */
export const unknown = fc.dictionary(fc.stringMatching(/^x_[a-z]{1,4}$/), json, {
  maxKeys: 2,
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>

/** An object with these fields, some of them perhaps absent, and unknown ones beside. */
export function wire(
  fields: Record<string, fc.Arbitrary<unknown>>,
  optional: Record<string, fc.Arbitrary<unknown>> = {},
) {
  const known = fc.record(
    { ...fields, ...optional },
    { requiredKeys: Object.keys(fields) as never[], noNullPrototype: true },
  )
  return fc.tuple(known, unknown).map(([first, rest]) => ({ ...rest, ...first }) as JsonObject)
}

/** Images as the wire has them: base64 of which the beginning tells the type. */
const imageData = fc
  .tuple(fc.constantFrom('iVBORw0KGgo', '/9j/', 'R0lGODlh', 'UklGRg'), fc.uint8Array({ maxLength: 6 }))
  .map(([beginning, rest]) => Buffer.concat([Buffer.from(beginning, 'base64'), Buffer.from(rest)]).toString('base64'))

export const toolInput = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<JsonObject>

const system = wire({ role: fc.constantFrom('system', 'System'), content: text })
const user = wire({ role: is('user'), content: text }, { images: list(imageData) })
const bare = wire({ role: is('user') }, { content: is(null), images: is(null) })
const assistant = wire({ role: is('assistant'), content: text }, { thinking: fc.oneof(text, is(null)), name: word })

const callId = fc.oneof(fc.stringMatching(/^call_[a-z0-9]{8}$/), fc.stringMatching(/^functions\.[a-z]{2}:[0-9]{3}$/))
const called = wire({ name: word, arguments: toolInput })

/** An assistant's calls and the answers to all of them, with ids and names or without. */
const toolTurn = fc
  .tuple(
    wire({ role: is('assistant') }, { content: text, thinking: text }),
    fc.uniqueArray(fc.tuple(callId, called, wire({ content: text }, { images: list(imageData) })), {
      minLength: 1,
      maxLength: 3,
      selector: ([id]) => id,
    }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([message, calls, ids, names]) => [
    {
      ...message,
      tool_calls: calls.map(([id, each], index) => ({ ...(ids && { id }), function: { index, ...each } })),
    },
    ...calls.map(([id, { name }, answer]) => ({
      ...answer,
      role: 'tool',
      ...((names || !ids) && { tool_name: name }),
      ...(ids && { tool_call_id: id }),
    })),
  ])

const declaration = wire(
  { name: word, parameters: is({ type: 'object', properties: { city: { type: 'string' } } }) },
  { description: fc.oneof(text, is(null)) },
)

const optionFields = {
  temperature: fc.double({ min: 0, max: 2, noNaN: true }).map(value => value + 0),
  top_p: fc.double({ min: 0, max: 1, noNaN: true }).map(value => value + 0),
  frequency_penalty: fc.integer({ min: -2, max: 2 }),
  presence_penalty: fc.integer({ min: -2, max: 2 }),
  seed: fc.oneof(fc.integer(), is(null)),
  num_predict: fc.oneof(fc.integer({ min: -2, max: 9999 }), is(null)),
  stop: fc.oneof(fc.array(text, { maxLength: 5 }), is(null)),
  top_k: fc.integer({ min: 1, max: 100 }),
  min_p: fc.constantFrom(0.05, null),
  use_mmap: fc.boolean(),
}

/** Any body that the server takes, with fields that it has never heard of. */
export const wireRequest = wire(
  {
    model: word,
    messages: fc
      .array(
        fc.oneof(
          fc.oneof(system, user, bare, assistant).map(message => [message]),
          toolTurn,
        ),
        { maxLength: 4 },
      )
      .map(turns => turns.flat()),
    stream: fc.boolean(),
    options: fc
      .tuple(
        fc.record({ num_ctx: fc.integer({ min: 1, max: 99999 }), ...optionFields }, { requiredKeys: ['num_ctx'] }),
        unknown,
      )
      .map(parts => Object.assign({}, ...parts)),
  },
  {
    format: fc.oneof(is('json'), is({ type: 'object', properties: {} }), fc.constantFrom('', null)),
    tools: fc.oneof(list(wire({ type: is('function'), function: declaration })), fc.constantFrom([], null)),
    think: fc.constantFrom(true, false, 'low', 'medium', 'high', 'max', null),
    keep_alive: fc.constantFrom('10m', '-1ns', '1.5h', 0, -1, null),
    truncate: fc.boolean(),
    shift: fc.boolean(),
    logprobs: fc.boolean(),
    top_logprobs: fc.integer({ min: 0, max: 20 }),
  },
) as fc.Arbitrary<JsonObject & { readonly model: string; readonly stream: boolean }>
