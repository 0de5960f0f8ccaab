import type { JsonObject, Message, MessageRequest } from '@switchyard/core/contract'
import fc from 'fast-check'
import { text, toolInput, word } from './wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const some = (required: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: (required === '' ? [] : required.split(' ')) as never[], noNullPrototype: true })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })

const image = fc
  .constantFrom(['image/png', 'iVBORw0KGgo='], ['image/jpeg', '/9j/4AAQ'], ['image/gif', 'R0lGODlhAQ=='])
  .map(([mediaType, data]) => ({ type: 'image', source: { type: 'base64', mediaType, data } }))
// the wire has one text beside the images
const illustrated = fc
  .tuple(list(image), fc.option(said))
  .map(([images, words]) => [...(words === null ? [] : [{ type: 'text', text: words }]), ...images])
const content = fc.oneof(text, illustrated)

const user = some('role content', { role: is('user'), content })
const system = some('role content', { role: is('system'), content: text })
const thought = fc.record({ type: is('reasoning'), text: said, origin: is('ollama-chat') }, { noNullPrototype: true })
const spoken = fc.record({ type: is('text'), text: said }, { noNullPrototype: true })
const assistant = some('role content', {
  role: is('assistant'),
  content: fc.oneof(text, fc.tuple(thought, spoken), fc.tuple(thought)),
})

const toolTurn = fc.tuple(fc.option(thought), fc.option(spoken), list(fc.tuple(word, toolInput, content)))

const turns = list(
  fc.oneof(
    fc.oneof(user, system, assistant).map(message => ({ message })),
    toolTurn.map(tools => ({ tools })),
  ),
).map(all =>
  all.flatMap((entry, turn) => {
    if ('message' in entry) return [entry.message as unknown as Message]
    const [reasoning, words, calls] = entry.tools
    const made = calls.map(([name, input], at) => ({ type: 'tool-call', id: `call_${turn}_${at}`, name, input }))
    const answers = calls.map(([name, , result], at) => ({
      role: 'tool',
      content: [{ type: 'tool-result', callId: `call_${turn}_${at}`, name, content: result }],
    }))
    const parts = [reasoning, words].filter(part => part !== null)
    return [{ role: 'assistant', content: [...parts, ...made] }, ...answers] as Message[]
  }),
)

const schema: JsonObject = { type: 'object', properties: {} }

/** Any request that this dialect can say, in its usual form. */
export const contractRequest = fc
  .tuple(
    some('', {
      temperature: fc.double({ min: 0, max: 2, noNaN: true }).map(value => value + 0),
      topP: fc.double({ min: 0, max: 1, noNaN: true }).map(value => value + 0),
      maxOutputTokens: fc.integer({ min: 1, max: 99999 }),
      stop: list(said),
      frequencyPenalty: fc.integer({ min: -2, max: 2 }),
      presencePenalty: fc.integer({ min: -2, max: 2 }),
      seed: fc.integer(),
      responseFormat: fc.constantFrom({ type: 'json' }, { type: 'json-schema', name: 'answer', schema }),
      reasoningEffort: fc.constantFrom('none', 'low', 'medium', 'high', 'max'),
      tools: is([
        { name: 'weather', description: 'of a city', parameters: schema },
        { name: 'time', parameters: schema },
      ]),
    }),
    turns,
    fc.boolean(),
  )
  .map(([fields, messages, stream]) => ({ model: 'm', ...fields, messages, stream }) as MessageRequest)
