import type { JsonObject, Message, MessageRequest } from '@switchyard/core/contract'
import fc from 'fast-check'
import { is, json, list, said, text, word } from './wire-requests.fixture.ts'

const some = (required: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: (required === '' ? [] : required.split(' ')) as never[], noNullPrototype: true })
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true })

const textPart = fc.record({ type: is('text'), text: said }, { noNullPrototype: true })
const base64 = (mediaType: string) =>
  some('type mediaType data', { type: is('base64'), mediaType: is(mediaType), data: is('aGVsbG8=') })
const url = some('type url', { type: is('url'), url: word.map(host => `https://${host}.example/a.png`) })
const file = some('type id origin', { type: is('file'), id: word, origin: is('openai-responses') })
const image = some('type source', {
  type: is('image'),
  source: fc.oneof(base64('image/png'), url, file),
  detail: is('low'),
})
const document = fc.oneof(
  some('type source name', { type: is('document'), source: base64('application/pdf'), name: word }),
  some('type source', { type: is('document'), source: fc.oneof(url, file), name: word }),
)
const user = some('role content', {
  role: is('user'),
  content: fc.oneof(text, list(fc.oneof(textPart, image, document))),
})
const assistant = some('role content', {
  role: is('assistant'),
  content: fc.oneof(
    said,
    list(fc.oneof(textPart, some('type text refusal', { type: is('text'), text: said, refusal: is(true) }))),
  ),
})
const developer = some('role content', { role: is('system'), content: fc.oneof(text, list(textPart)) })

const callInput = fc.oneof(
  input.map(value => ({ input: value })),
  fc.constantFrom('{"cit', '[1]').map(broken => ({
    invalid: {
      text: broken,
      reason: broken === '[1]' ? 'the arguments are not a JSON object' : 'the arguments are not JSON',
    },
  })),
)
const reasoning = fc.record(
  { type: is('reasoning'), text, signature: said, origin: is('openai-responses') },
  { noNullPrototype: true },
)

const toolTurn = fc
  .tuple(
    fc.array(fc.oneof(reasoning, textPart), { maxLength: 3 }),
    list(fc.tuple(word, callInput, fc.oneof(text, list(fc.oneof(textPart, image))))),
  )
  .map(([parts, calls]) => ({ parts, calls }))

// a user between two turns of the model, which the wire would join
const turns = fc.array(fc.tuple(fc.oneof(user, fc.tuple(user, developer)), fc.oneof(assistant, toolTurn)), {
  minLength: 1,
  maxLength: 3,
})
const messages = turns.map(all =>
  all.flatMap(([asked, answer], turn) => {
    const before = Array.isArray(asked) ? asked : [asked]
    if (!('calls' in (answer as object))) return [...before, answer] as unknown as Message[]
    const { parts, calls } = answer as { parts: object[]; calls: (readonly [string, object, unknown])[] }
    const made = calls.map(([name, given], at) => ({ type: 'tool-call', id: `call_${turn}_${at}`, name, ...given }))
    const answers = calls.map(([, , content], at) => ({
      role: 'tool',
      content: [{ type: 'tool-result', callId: `call_${turn}_${at}`, content }],
    }))
    return [...before, { role: 'assistant', content: [...parts, ...made] }, ...answers] as Message[]
  }),
)
const system = fc.array(some('role content', { role: is('system'), content: text }), { maxLength: 1 })

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
      maxOutputTokens: fc.integer({ min: 16, max: 99999 }),
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
    system,
    messages,
    fc.boolean(),
  )
  .map(
    ([fields, tools, instructions, conversation, stream]) =>
      ({ model: 'm', ...fields, ...tools, messages: [...instructions, ...conversation], stream }) as MessageRequest,
  )
