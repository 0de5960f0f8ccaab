import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import fc from 'fast-check'

// through JSON once: it has no -0
export const json = fc.jsonValue({ maxDepth: 2 }).map(value => JSON.parse(JSON.stringify(value)) as JsonValue)
export const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
export const word = fc.stringMatching(/^[a-z]{1,8}$/)
const base64 = fc.uint8Array({ minLength: 1, maxLength: 9 }).map(bytes => Buffer.from(bytes).toString('base64'))
const url = word.map(host => `https://${host}.example/pic.png`)

/** Fields nobody here knows, for any level of a body. */
export const unknown = fc.dictionary(
  fc.stringMatching(/^x_[a-z]{1,4}$/),
  json.filter(value => value !== undefined),
  { maxKeys: 2, noNullPrototype: true },
) as fc.Arbitrary<JsonObject>

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

const is = <const Value>(value: Value) => fc.constant(value)

const textPart = wire({ type: is('text'), text: said }, { cache_control: is({ type: 'ephemeral', ttl: '1h' }) })
const image = fc.oneof(
  url,
  base64.map(data => `data:image/png;base64,${data}`),
)
const imagePart = wire({
  type: is('image_url'),
  image_url: wire({ url: image }, { detail: fc.constantFrom('low', 'high', null) }),
})
const soundPart = wire({
  type: is('input_audio'),
  input_audio: wire({ data: base64, format: fc.constantFrom('wav', 'mp3', 'flac') }),
})
const filePart = wire({
  type: is('file'),
  file: fc.oneof(
    wire({ file_id: word }, { filename: word }),
    wire({ file_data: base64.map(data => `data:application/pdf;base64,${data}`), filename: word }),
  ),
})
const strangePart = wire({ type: word.map(name => `x_${name}`) })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })

const userContent = fc.oneof(text, list(fc.oneof(textPart, imagePart, soundPart, filePart, strangePart)))
const textContent = fc.oneof(text, list(textPart))
const bareText = fc.record({ type: is('text'), text: said }, { noNullPrototype: true })
const assistantParts = list(fc.oneof(textPart, bareText, wire({ type: is('refusal'), refusal: said }), strangePart))

const name = { name: word }
const user = wire({ role: is('user'), content: userContent }, name)
const system = wire({ role: fc.constantFrom('system', 'developer'), content: textContent }, name)
const reasoning = { reasoning_content: text }
const plainAssistant = wire(
  { role: is('assistant'), content: fc.oneof(text, assistantParts) },
  { ...name, ...reasoning, refusal: fc.constantFrom(null, 'I would rather not.'), annotations: is([]) },
)

const argumentsText = fc.oneof(
  (fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<JsonObject>).map(input =>
    JSON.stringify(input),
  ),
  fc.constantFrom('{ "city":  "Oslo" }', '', '{"half'),
)
const functionCall = wire({ name: word, arguments: argumentsText })
// few ids, so that later turns use them again
const callId = fc.oneof(
  fc.constantFrom('call_1', 'call_2', 'functions.get:0', 'functions.get:1'),
  fc.stringMatching(/^call_[A-Za-z0-9]{6}$/),
  fc.stringMatching(/^functions\.[a-z]{2}:[0-9]{3}$/),
)
const call = fc.oneof(
  { weight: 4, arbitrary: wire({ id: callId, type: is('function'), function: functionCall }) },
  wire({ id: callId, type: is('custom'), custom: wire({ name: word, input: text }) }),
)

/** An assistant's calls and their answers, as the wire wants them: all of them, at once. */
const toolTurn = fc
  .tuple(
    wire(
      {
        role: is('assistant'),
        tool_calls: fc.uniqueArray(call, { minLength: 1, maxLength: 3, selector: entry => entry.id }),
      },
      { content: fc.oneof(is(null), text, assistantParts), refusal: is(null), ...reasoning },
    ),
    fc.array(wire({ content: textContent }), { minLength: 3, maxLength: 3 }),
  )
  .map(([message, answers]) => {
    const calls = message.tool_calls as readonly JsonObject[]
    const tools = calls.map((entry, at) => ({ ...answers[at], role: 'tool', tool_call_id: entry.id }))
    return [message, ...tools]
  })

const functionTurn = fc
  .tuple(wire({ role: is('assistant'), content: is(null), function_call: functionCall }), text)
  .map(([message, content]) => {
    const { name: called } = message.function_call as JsonObject
    return [message, { role: 'function', name: called, content }]
  })

const turn = fc.oneof(
  fc.oneof(user, system, plainAssistant).map(message => [message]),
  toolTurn,
  functionTurn,
  wire({ role: is('assistant'), content: is(null), refusal: said }).map(message => [message]),
  wire({ role: is('assistant'), content: is(null), audio: wire({ id: word }) }).map(message => [message]),
)

const declaration = wire(
  { name: word },
  {
    description: fc.oneof(text, is(null)),
    parameters: is({ type: 'object', properties: { city: { type: 'string' } } }),
    strict: fc.constantFrom(true, false, null),
  },
)
const functionTool = wire({ type: is('function'), function: declaration })
const customTool = wire({ type: is('custom'), custom: wire({ name: word }) })

const withTools = list(fc.oneof(functionTool, customTool)).chain(tools => {
  const names = tools.flatMap(tool => (tool.type === 'function' ? [(tool.function as JsonObject).name as string] : []))
  const choices: fc.Arbitrary<unknown>[] = [fc.constantFrom('auto', 'none', 'required'), is(null)]
  choices.push(is({ type: 'custom', custom: { name: 'grep' } }))
  if (names.length > 0) {
    const tool = fc.constantFrom(...names).map(known => ({ type: 'function', function: { name: known } }))
    choices.push(tool, wire({ type: is('function'), function: tool.map(choice => choice.function) }))
    choices.push(
      wire({
        type: is('allowed_tools'),
        allowed_tools: fc.record({ mode: fc.constantFrom('auto', 'required'), tools: list(tool) }),
      }),
    )
  }
  return fc.record(
    { tools: is(tools), tool_choice: fc.oneof(...choices), parallel_tool_calls: fc.constantFrom(true, false, null) },
    { requiredKeys: ['tools'], noNullPrototype: true },
  )
})

const withFunctions = list(declaration).chain(functions =>
  fc.record(
    {
      functions: is(functions),
      function_call: fc.constantFrom('auto', 'none', { name: functions[0]?.name }),
    },
    { requiredKeys: ['functions'], noNullPrototype: true },
  ),
)

const responseFormat = fc.oneof(
  wire({ type: is('text') }),
  wire({ type: is('json_object') }),
  wire({ type: is('grammar'), grammar: text }),
  wire({
    type: is('json_schema'),
    json_schema: wire(
      { name: word, schema: is({ type: 'object', properties: {} }) },
      { description: text, strict: fc.constantFrom(true, false, null) },
    ),
  }),
)

const number = (min: number, max: number) =>
  fc.oneof(
    fc.double({ min, max, noNaN: true }).map(value => value + 0),
    is(null),
  )

const settings = wire(
  {},
  {
    temperature: number(0, 2),
    top_p: number(0, 1),
    frequency_penalty: number(-2, 2),
    presence_penalty: number(-2, 2),
    seed: fc.oneof(fc.integer(), is(null)),
    max_tokens: fc.oneof(fc.integer({ min: 1, max: 9999 }), is(null)),
    max_completion_tokens: fc.oneof(fc.integer({ min: 1, max: 9999 }), is(null)),
    stop: fc.oneof(said, list(said), is(null)),
    n: fc.constantFrom(1, 2, null),
    logit_bias: fc.constantFrom({}, { 50256: -100 }, null),
    user: word,
    store: fc.constantFrom(true, false, null),
    service_tier: fc.constantFrom('auto', 'flex', null),
    prediction: wire({ type: is('content'), content: text }),
    verbosity: fc.constantFrom('low', null),
    web_search_options: wire({}),
    safety_identifier: word,
    prompt_cache_key: fc.oneof(word, is(null)),
    reasoning_effort: fc.constantFrom('none', 'low', 'xhigh', 'galactic', null),
    metadata: fc.oneof(fc.dictionary(word, text, { maxKeys: 2, noNullPrototype: true }), is(null)),
    response_format: fc.oneof(responseFormat, is(null)),
  },
)
const several = fc.oneof(
  is({}),
  fc.record({ logprobs: is(true), top_logprobs: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ modalities: is(['text', 'audio']), audio: wire({ voice: word, format: is('wav') }) }),
)
const streaming = fc.oneof(
  fc.constantFrom({}, { stream: false }, { stream: null }),
  fc.record({ stream: is(true), stream_options: wire({ include_usage: is(true) }) }),
)

/** Any body that a strict server of this dialect takes, with fields that it has never heard of. */
export const wireRequest = fc
  .tuple(
    fc.record({ model: word, messages: list(turn).map(turns => turns.flat()) }, { noNullPrototype: true }),
    settings,
    several,
    streaming,
    fc.oneof(is({}), withTools, withFunctions),
  )
  .map(parts => Object.assign({}, ...[...parts].reverse()) as JsonObject & { readonly model: string })
