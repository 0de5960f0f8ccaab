import type { JsonObject, Message, MessageRequest } from '@switchyard/core/contract'
import fc from 'fast-check'
import { json, text, word } from './wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const some = (required: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: (required === '' ? [] : required.split(' ')) as never[], noNullPrototype: true })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true })

const textPart = fc.record({ type: is('text'), text: said }, { noNullPrototype: true })
const base64 = (mediaType: string) =>
  some('type mediaType data', { type: is('base64'), mediaType: is(mediaType), data: is('aGVsbG8=') })
const url = some('type url', { type: is('url'), url: word.map(host => `https://${host}.example/a.png`) })
const image = some('type source', {
  type: is('image'),
  source: fc.oneof(base64('image/png'), url),
  detail: is('low'),
})
const sound = some('type source', { type: is('audio'), source: fc.oneof(base64('audio/wav'), base64('audio/mpeg')) })
const file = fc.oneof(
  some('type source name', { type: is('document'), source: base64('application/pdf'), name: word }),
  some('type source', {
    type: is('document'),
    source: some('type id origin', { type: is('file'), id: word, origin: is('openai-chat') }),
    name: word,
  }),
)
const user = some('role content', {
  role: is('user'),
  content: fc.oneof(text, list(fc.oneof(textPart, image, sound, file))),
  name: word,
})
const system = some('role content', { role: is('system'), content: fc.oneof(text, list(textPart)) })
const assistant = some('role content', {
  role: is('assistant'),
  content: fc.oneof(
    text,
    list(fc.oneof(textPart, some('type text refusal', { type: is('text'), text: said, refusal: is(true) }))),
  ),
})

const callInput = fc.oneof(
  input.map(value => ({ input: value })),
  fc.constantFrom('{"cit', '[1]').map(broken => ({
    invalid: {
      text: broken,
      reason: broken === '[1]' ? 'the arguments are not a JSON object' : 'the arguments are not JSON',
    },
  })),
)

// what the wire keeps in its order: reasoning, text, calls
const toolTurn = fc
  .tuple(
    fc.option(fc.record({ type: is('reasoning'), text: said, origin: is('openai-chat') }, { noNullPrototype: true })),
    fc.option(textPart),
    list(fc.tuple(word, callInput, fc.oneof(text, list(textPart)))),
  )
  .map(([reasoning, spoken, calls]) => ({ parts: [reasoning, spoken].filter(part => part !== null), calls }))

const turns = list(
  fc.oneof(
    fc.oneof(user, system, assistant).map(message => ({ message })),
    toolTurn.map(tools => ({ tools })),
  ),
).map(all =>
  all.flatMap((entry, turn) => {
    if ('message' in entry) return [entry.message as unknown as Message]
    const { parts, calls } = entry.tools
    const made = calls.map(([name, given], at) => ({ type: 'tool-call', id: `call_${turn}_${at}`, name, ...given }))
    const answers = calls.map(([, , content], at) => ({
      role: 'tool',
      content: [{ type: 'tool-result', callId: `call_${turn}_${at}`, content }],
    }))
    return [{ role: 'assistant', content: [...parts, ...made] }, ...answers] as Message[]
  }),
)

const schema: JsonObject = { type: 'object', properties: {} }
const toolFields = {
  tools: is([{ name: 'weather', description: 'of a city', parameters: schema, strict: true }, { name: 'time' }]),
  toolChoice: fc.oneof(
    fc.constantFrom({ type: 'auto' }, { type: 'none' }, { type: 'required' }),
    is({ type: 'tool', name: 'time' }),
    fc.boolean().map(required => ({ type: 'allowed', names: ['weather', 'time'], required })),
  ),
  parallelToolCalls: fc.boolean(),
}

/** Any request that this dialect can say, in its usual form. */
export const contractRequest = fc
  .tuple(
    some('', {
      temperature: fc.double({ min: 0, max: 2, noNaN: true }).map(value => value + 0),
      topP: fc.double({ min: 0, max: 1, noNaN: true }).map(value => value + 0),
      maxOutputTokens: fc.integer({ min: 1, max: 99999 }),
      stop: fc.array(said, { minLength: 1, maxLength: 4 }),
      frequencyPenalty: fc.integer({ min: -2, max: 2 }),
      presencePenalty: fc.integer({ min: -2, max: 2 }),
      seed: fc.integer(),
      responseFormat: fc.oneof(
        fc.constantFrom({ type: 'text' }, { type: 'json' }),
        some('type name schema', {
          type: is('json-schema'),
          name: word,
          schema: is(schema),
          description: text,
          strict: fc.boolean(),
        }),
      ),
      reasoningEffort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
      metadata: fc.dictionary(word, text, { maxKeys: 2, noNullPrototype: true }),
      cacheKey: word,
    }),
    fc.oneof(is({}), some('tools', toolFields)),
    turns,
    fc.boolean(),
  )
  .map(([fields, tools, messages, stream]) => ({ model: 'm', ...fields, ...tools, messages, stream }) as MessageRequest)
