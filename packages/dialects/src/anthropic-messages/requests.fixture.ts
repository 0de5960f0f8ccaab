import type { JsonObject, Message, MessageRequest } from '@switchyard/core/contract'
import fc from 'fast-check'
import { json, said, word } from './wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const some = (required: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: (required === '' ? [] : required.split(' ')) as never[], noNullPrototype: true })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true })
const cache = { cache: is({}) }

const textPart = some('type text', { type: is('text'), text: said })
const base64 = (mediaType: string, data: string) =>
  some('type mediaType data', { type: is('base64'), mediaType: is(mediaType), data: is(data) })
const url = some('type url', { type: is('url'), url: word.map(host => `https://${host}.example/a`) })
const file = some('type id origin', { type: is('file'), id: word, origin: is('anthropic-messages') })
const image = some('type source', {
  type: is('image'),
  source: fc.oneof(base64('image/png', 'aGVsbG8='), url, file),
})
const document = some('type source', {
  type: is('document'),
  source: fc.oneof(base64('application/pdf', 'aGVsbG8='), base64('text/plain', 'aMOpbGxv'), url, file),
  name: word,
})
const media = fc.oneof(textPart, image, document)
// at most four hints are taken
const hinted = some('type text', { type: is('text'), text: said, ...cache })

const user = some('role content', { role: is('user'), content: fc.oneof(said, list(media)) }) as fc.Arbitrary<unknown>
const sayable = said.map(text => `${text}.`)
const reasoning = some('type text signature origin', {
  type: is('reasoning'),
  text: fc.oneof(said, is('')),
  signature: word,
  origin: is('anthropic-messages'),
})
const assistant = fc.oneof(
  sayable,
  fc
    .tuple(fc.option(reasoning), sayable)
    .map(([thought, text]) => [...(thought === null ? [] : [thought]), { type: 'text', text }]),
)

const toolTurn = fc
  .tuple(
    fc.option(reasoning),
    fc.option(textPart),
    list(fc.tuple(word, input, fc.oneof(said, is(''), list(media)), fc.option(fc.boolean()))),
  )
  .map(([thought, spoken, calls]) => ({ before: [thought, spoken].filter(part => part !== null), calls }))

const answers = fc.array(
  fc.oneof(
    assistant.map(content => ({ content })),
    toolTurn.map(tools => ({ tools })),
  ),
  { maxLength: 3 },
)

// users and assistants take turns
const conversation = fc
  .tuple(fc.option(fc.oneof(said, list(hinted))), fc.array(user, { minLength: 4, maxLength: 4 }), answers)
  .map(([system, users, all]) => [
    ...(system === null ? [] : [{ role: 'system', content: system }]),
    users[0],
    ...all.flatMap((entry, turn) => {
      if ('content' in entry) return [{ role: 'assistant', content: entry.content }, users[turn + 1]]
      const { before, calls } = entry.tools
      const made = calls.map(([name, given], at) => ({ type: 'tool-call', id: `c_${turn}_${at}`, name, input: given }))
      const results = calls.map(([, , content, isError], at) => ({
        type: 'tool-result',
        callId: `c_${turn}_${at}`,
        content,
        ...(isError !== null && { isError }),
      }))
      return [
        { role: 'assistant', content: [...before, ...made] },
        { role: 'tool', content: results },
        ...(turn % 2 === 0 ? [asBlocks(users[turn + 1])] : []),
      ]
    }),
  ])
  .map(messages => alternating(messages as Message[]))

// what follows results stands in one message with them
function asBlocks(message: unknown): unknown {
  const { content } = message as Message
  return typeof content === 'string' ? { role: 'user', content: [{ type: 'text', text: content }] } : message
}

// two assistants in a row would be told as one
function alternating(messages: readonly Message[]): Message[] {
  return messages.flatMap((message, at) => {
    const twice = message.role === 'assistant' && messages[at - 1]?.role === 'assistant'
    return twice ? [{ role: 'user', content: 'Go on' } as const, message] : [message]
  })
}

const schema: JsonObject = {
  type: 'object',
  properties: { age: { type: 'integer' } },
  additionalProperties: false,
}
const toolFields = {
  tools: is([
    { name: 'weather', description: 'of a city', parameters: schema, strict: true },
    { name: 'time', parameters: { type: 'object', properties: {} } },
  ]),
  toolChoice: fc.oneof(fc.constantFrom({ type: 'auto' }, { type: 'required' }), is({ type: 'tool', name: 'time' })),
  parallelToolCalls: fc.boolean(),
}

/** Any request that this dialect can say, in its usual form. */
export const contractRequest = fc
  .tuple(
    some('maxOutputTokens', {
      maxOutputTokens: fc.integer({ min: 1, max: 99999 }),
      stop: list(said),
      responseFormat: is({ type: 'json-schema', name: 'answer', schema }),
      metadata: is({ user_id: 'u' }),
    }),
    fc.oneof(
      some('', { reasoningEffort: fc.constantFrom('none', 'low', 'medium', 'high', 'xhigh', 'max') }),
      some('tools toolChoice', toolFields),
    ),
    conversation,
    fc.boolean(),
  )
  .map(([fields, tools, messages, stream]) => ({ model: 'm', ...fields, ...tools, messages, stream }) as MessageRequest)
