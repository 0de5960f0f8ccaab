import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import fc from 'fast-check'

// through JSON once: it has no -0
export const json = fc.jsonValue({ maxDepth: 2 }).map(value => JSON.parse(JSON.stringify(value)) as JsonValue)
export const text = fc.string({ unit: 'grapheme', maxLength: 12 })
export const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
export const word = fc.stringMatching(/^[a-z]{1,8}$/)
export const is = <const Value>(value: Value) => fc.constant(value)
export const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const base64 = fc.uint8Array({ minLength: 1, maxLength: 9 }).map(bytes => Buffer.from(bytes).toString('base64'))

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

const textPart = wire(
  { type: is('input_text'), text: said },
  { prompt_cache_breakpoint: is({ mode: 'explicit', ttl: '12h' }) },
)
const image = fc.oneof(
  word.map(host => `https://${host}.example/pic.png`),
  base64.map(data => `data:image/png;base64,${data}`),
)
const imagePart = fc.oneof(
  wire(
    { type: is('input_image'), image_url: image },
    { detail: fc.constantFrom('low', 'auto', null), file_id: is(null) },
  ),
  wire({ type: is('input_image'), file_id: word }),
)
const filePart = fc.oneof(
  wire({ type: is('input_file'), file_id: word }, { filename: fc.oneof(word, is(null)) }),
  wire({ type: is('input_file'), file_url: word.map(host => `https://${host}.example/a.pdf`) }),
  wire({
    type: is('input_file'),
    file_data: base64.map(data => `data:application/pdf;base64,${data}`),
    filename: word,
  }),
)
const strangePart = wire({ type: word.map(name => `x_${name}`) })
const userContent = fc.oneof(text, fc.array(fc.oneof(textPart, imagePart, filePart, strangePart), { maxLength: 3 }))
const textContent = fc.oneof(text, list(textPart))

const form = { type: is('message'), status: is('completed'), id: word }
const user = wire({ role: is('user'), content: userContent }, form)
const system = wire({ role: fc.constantFrom('system', 'developer'), content: textContent }, form)
const spokenPart = fc.oneof(
  wire(
    { type: is('output_text'), text },
    { annotations: fc.constantFrom([], [{ type: 'url_citation' }]), logprobs: is([]) },
  ),
  wire({ type: is('refusal'), refusal: text }),
  strangePart,
)
const assistant = wire(
  { role: is('assistant'), content: fc.oneof(text, list(spokenPart)) },
  { ...form, phase: fc.constantFrom('commentary', 'final_answer', null) },
)

const argumentsText = fc.oneof(
  (fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<JsonObject>).map(input =>
    JSON.stringify(input),
  ),
  fc.constantFrom('{ "city":  "Oslo" }', '', '{"half', '[1]'),
)
const call = wire(
  { type: is('function_call'), name: word, arguments: argumentsText },
  { id: word.map(id => `fc_${id}`), status: fc.constantFrom('completed', 'incomplete'), namespace: word },
)
const output = wire(
  {
    type: is('function_call_output'),
    output: fc.oneof(text, list(fc.oneof(textPart, imagePart, filePart))),
  },
  { status: is('completed'), id: word },
)
const summary = fc.array(wire({ type: is('summary_text'), text }), { maxLength: 2 })
const reasoning = wire(
  { type: is('reasoning'), id: word.map(id => `rs_${id}`), summary },
  {
    encrypted_content: fc.oneof(said, is(null)),
    content: fc.array(wire({ type: is('reasoning_text'), text }), { maxLength: 2 }),
    status: is('completed'),
  },
)
const search = wire({ type: is('web_search_call'), id: word, status: is('completed') })
const clientItem = wire({ type: fc.constantFrom('custom_tool_call_output', 'mcp_approval_response') })

/** Calls of one turn with their outputs, under ids of any form. */
const toolTurn = fc
  .tuple(fc.array(fc.oneof(assistant, search), { maxLength: 1 }), list(fc.tuple(call, output)))
  .map(([spoken, calls]) => (turn: number) => {
    const id = (at: number) => (at % 2 === 0 ? `call_${turn}_${at}` : `functions.get:${turn}${at}`)
    const made = calls.map(([item], at) => ({ ...item, call_id: id(at) }))
    const answers = calls.map(([, item], at) => ({ ...item, call_id: id(at) }))
    return [...spoken, ...made, ...answers]
  })
const thoughtTurn = fc.tuple(reasoning, fc.oneof(assistant, search)).map(([thought, spoken]) => () => [thought, spoken])
const turn = fc.oneof(
  fc.oneof(user, system, assistant, clientItem).map(item => () => [item]),
  toolTurn,
  thoughtTurn,
)
const items = fc.array(turn, { minLength: 1, maxLength: 4 }).map(turns => turns.flatMap((make, at) => make(at)))

const functionTool = wire(
  { type: is('function'), name: word },
  {
    description: fc.oneof(text, is(null)),
    parameters: fc.constantFrom({ type: 'object', properties: { city: { type: 'string' } } }, null),
    strict: fc.constantFrom(true, false, null),
    defer_loading: is(true),
  },
)
const strangeTool = wire({ type: fc.constantFrom('web_search', 'custom') })
const withTools = list(fc.oneof(functionTool, strangeTool)).chain(tools => {
  const names = tools.flatMap(tool => (tool.type === 'function' ? [tool.name as string] : []))
  const choices: fc.Arbitrary<unknown>[] = [fc.constantFrom('auto', 'none', 'required', null)]
  choices.push(is({ type: 'web_search' }))
  if (names.length > 0) {
    const tool = fc.constantFrom(...names).map(name => ({ type: 'function', name }))
    choices.push(tool, wire({ type: is('function'), name: tool.map(choice => choice.name) }))
    choices.push(
      wire({ type: is('allowed_tools'), mode: fc.constantFrom('auto', 'required'), tools: list(tool) }),
      is({ type: 'allowed_tools', mode: 'auto', tools: [{ type: 'mcp', server_label: 'x' }] }),
    )
  }
  return fc.record(
    { tools: is(tools), tool_choice: fc.oneof(...choices), parallel_tool_calls: fc.constantFrom(true, false, null) },
    { requiredKeys: ['tools'], noNullPrototype: true },
  )
})

const format = fc.oneof(
  wire({ type: is('text') }),
  wire({ type: is('json_object') }),
  wire({ type: is('grammar'), grammar: text }),
  wire(
    { type: is('json_schema'), name: word, schema: is({ type: 'object', properties: {} }) },
    { description: text, strict: fc.constantFrom(true, false, null) },
  ),
  is(null),
)
const number = (min: number, max: number) =>
  fc.oneof(
    fc.double({ min, max, noNaN: true }).map(value => value + 0),
    is(null),
  )
const settings = wire(
  {},
  {
    instructions: fc.oneof(text, is(null)),
    temperature: number(0, 2),
    top_p: number(0, 1),
    max_output_tokens: fc.oneof(fc.integer({ min: 16, max: 9999 }), is(null)),
    metadata: fc.oneof(fc.dictionary(word, text, { maxKeys: 2, noNullPrototype: true }), is(null)),
    prompt_cache_key: fc.oneof(word, is(null)),
    text: fc.oneof(wire({}, { format, verbosity: fc.constantFrom('low', null) }), is(null)),
    reasoning: fc.oneof(
      wire({}, { effort: fc.constantFrom('none', 'low', 'galactic', null), summary: fc.constantFrom('auto', null) }),
      is(null),
    ),
    store: fc.constantFrom(true, false, null),
    include: fc.constantFrom(['reasoning.encrypted_content'], ['message.output_text.logprobs'], [], null),
    top_logprobs: fc.constantFrom(0, 3, null),
    truncation: fc.constantFrom('auto', 'disabled', null),
    user: word,
    service_tier: fc.constantFrom('auto', 'flex', null),
    background: fc.constantFrom(false, true, null),
    previous_response_id: fc.oneof(word, is(null)),
    max_tool_calls: fc.constantFrom(3, null),
  },
)
const streaming = fc.oneof(
  fc.constantFrom({}, { stream: false }, { stream: null }, { stream: true }),
  fc.record({ stream: is(true), stream_options: wire({ include_obfuscation: is(true) }) }),
)

/** Any body that a strict server of this dialect takes, with fields that it has never heard of. */
export const wireRequest = fc
  .tuple(
    fc.record({ model: word, input: fc.oneof({ weight: 5, arbitrary: items }, text) }, { noNullPrototype: true }),
    settings,
    streaming,
    fc.oneof(is({}), withTools),
  )
  .map(parts => Object.assign({}, ...[...parts].reverse()) as JsonObject & { readonly model: string })
