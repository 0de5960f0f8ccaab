import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import fc from 'fast-check'

// through JSON once: it has no -0
export const json = fc.jsonValue({ maxDepth: 2 }).map(value => JSON.parse(JSON.stringify(value)) as JsonValue)
/** Texts that say something. */
export const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(text => text.trim() !== '')
export const word = fc.stringMatching(/^[a-z]{1,8}$/)
const base64 = fc.uint8Array({ minLength: 1, maxLength: 9 }).map(bytes => Buffer.from(bytes).toString('base64'))
const url = word.map(host => `https://${host}.example/pic.png`)
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

const plainCache = is({ type: 'ephemeral' })
const cache = { cache_control: fc.oneof(plainCache, wire({ type: is('ephemeral'), ttl: is('5m') }), is(null)) }
const text = wire({ type: is('text'), text: said }, cache)
const image = wire(
  {
    type: is('image'),
    source: fc.oneof(
      wire({ type: is('base64'), media_type: fc.constantFrom('image/png', 'image/webp'), data: base64 }),
      wire({ type: is('url'), url }),
      wire({ type: is('file'), file_id: word }),
      wire({ type: is('x_camera') }),
    ),
  },
  { transformations: wire({}) },
)
const document = wire(
  {
    type: is('document'),
    source: fc.oneof(
      wire({ type: is('base64'), media_type: is('application/pdf'), data: base64 }),
      wire({ type: is('text'), media_type: is('text/plain'), data: said }),
      wire({ type: is('url'), url }),
      wire({ type: is('file'), file_id: word }),
      wire({ type: is('content'), content: list(text) }),
    ),
  },
  {
    title: fc.oneof(word, is(null)),
    context: said,
    citations: fc.constantFrom({ enabled: true }, { enabled: false }, null),
  },
)
const strange = wire({ type: word.map(name => `x_${name}`) })
const media = fc.oneof(text, image, document, strange)

const citations = is([{ type: 'char_location', cited_text: 'a', document_index: 0 }])
const thinking = wire({ type: is('thinking'), thinking: fc.oneof(said, is('')), signature: word })
const hidden = wire({ type: is('redacted_thinking'), data: word })
const spoken = wire({ type: is('text'), text: said }, { ...cache, citations: fc.oneof(citations, is(null), is([])) })
const server = wire({ type: is('server_tool_use'), id: word, name: is('web_search'), input: wire({}) })
const assistantBlock = fc.oneof(spoken, thinking, hidden, server)
// what an assistant says last may not end with white space
const sayable = said.map(value => `${value}.`)

const user = wire({ role: is('user'), content: fc.oneof(said, list(media)) })
const system = wire({ role: is('system'), content: fc.oneof(said, list(text)) })
const assistant = wire({
  role: is('assistant'),
  content: fc.oneof(
    sayable,
    fc
      .tuple(fc.array(assistantBlock, { maxLength: 2 }), sayable)
      .map(([blocks, end]) => [...blocks, { type: 'text', text: end }]),
  ),
})

const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true })
const callId = fc.oneof(fc.stringMatching(/^toolu_[A-Za-z0-9]{6}$/), fc.stringMatching(/^toolu_[A-Za-z0-9]{50}$/))
const call = wire(
  { type: is('tool_use'), name: word, input },
  { ...cache, caller: fc.constantFrom({ type: 'direct' }, { type: 'code_execution_20260120', tool_id: 'srv' }) },
)
const result = wire(
  { type: is('tool_result') },
  {
    content: fc.oneof(said, is(''), is(null), list(fc.oneof(text, image, document, strange))),
    is_error: fc.constantFrom(true, false),
    ...cache,
  },
)

/** An assistant's calls and their results, all of them in the message after it, with more of the user behind them. */
const toolTurn = fc
  .tuple(
    fc.array(assistantBlock, { maxLength: 2 }),
    fc.array(fc.tuple(callId, call, result), { minLength: 1, maxLength: 3 }),
    fc.array(text, { maxLength: 1 }),
    unknown,
  )
  .map(([before, calls, after, rest]) => [
    { role: 'assistant', content: [...before, ...calls.map(([id, made]) => ({ ...made, id }))] },
    { ...rest, role: 'user', content: [...calls.map(([id, , told]) => ({ ...told, tool_use_id: id })), ...after] },
  ])

const turn = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(user, assistant).map(message => [message]) },
  { weight: 2, arbitrary: toolTurn },
  // the system speaks behind the user, and before the assistant or last
  fc.tuple(user, system, assistant),
)
// a conversation begins with the user, after whom the system may speak last; ids are used once
const messages = fc
  .tuple(user, fc.array(turn, { maxLength: 4 }), fc.array(fc.tuple(user, system), { maxLength: 1 }))
  .map(([begin, turns, end]) => [begin, ...turns.flat(), ...end.flat()] as JsonObject[])
  .filter(all => {
    const ids = JSON.stringify(all).match(/"id":"toolu_[^"]*"/g) ?? []
    return new Set(ids).size === ids.length
  })

const ownTool = wire(
  { name: word, input_schema: wire({ type: is('object'), properties: is({ city: { type: 'string' } }) }) },
  {
    type: fc.constantFrom('custom', null),
    description: fc.oneof(said, is(null)),
    strict: fc.constantFrom(false, null),
    defer_loading: fc.boolean(),
    ...cache,
  },
)
const serverTool = wire({ type: is('web_search_20260318'), name: is('web_search') })
const withTools = fc
  .uniqueArray(fc.oneof(ownTool, serverTool), { minLength: 1, maxLength: 3, selector: tool => tool.name })
  .chain(tools =>
    fc.record(
      {
        tools: is(tools),
        tool_choice: fc.oneof(
          wire(
            { type: fc.constantFrom('auto', 'any') },
            { disable_parallel_tool_use: fc.constantFrom(true, false, null) },
          ),
          wire({ type: is('none') }),
          wire({ type: is('tool'), name: is(tools[0]?.name) }),
          is(null),
        ),
      },
      { requiredKeys: ['tools'], noNullPrototype: true },
    ),
  )

const effort = fc.constantFrom('low', 'medium', 'high', 'xhigh', 'max', null)
const format = wire({
  type: is('json_schema'),
  schema: is({ type: 'object', properties: { age: { type: 'integer', minimum: 3 } } }),
})
// a model that is made to call a tool does not think
const withThinking = wire(
  {},
  {
    thinking: fc.oneof(
      wire({ type: is('adaptive') }, { display: fc.constantFrom('summarized', 'omitted', null) }),
      wire({ type: is('disabled') }),
      wire({ type: is('between_tools') }),
      is(null),
    ),
    output_config: fc.oneof(wire({}, { effort, format: fc.oneof(format, is(null)) }), is(null)),
  },
)

const settings = wire(
  { max_tokens: fc.integer({ min: 0, max: 9999 }) },
  {
    system: fc.oneof(said, list(text), is(null), is(''), is([])),
    stop_sequences: fc.oneof(list(said), is([]), is(null)),
    metadata: fc.oneof(wire({}, { user_id: fc.oneof(word, is(null)) }), is(null)),
    service_tier: fc.constantFrom('auto', null),
    inference_geo: fc.constantFrom('us', null),
    container: word,
    cache_control: plainCache,
    stream: fc.constantFrom(true, false, null),
    speed: is('fast'),
    diagnostics: wire({}),
  },
)

const isForced = (body: JsonObject) => /^(any|tool)$/.test(String((body.tool_choice as JsonObject | null)?.type))

/** Any body that a strict server of this dialect takes, with fields that it has never heard of. */
export const wireRequest = fc
  .tuple(
    fc.record({ model: word, messages }, { noNullPrototype: true }),
    settings,
    fc.oneof(is({}), withTools),
    fc.oneof(is({}), withThinking),
  )
  .map(([body, more, tools, thoughts]) => {
    const made = { ...tools, ...more, ...body } as JsonObject
    return (isForced(made) ? made : { ...thoughts, ...made }) as JsonObject & { readonly model: string }
  })
