import type { JsonObject, Message, MessageRequest } from '@switchyard/core/contract'
import fc from 'fast-check'
import { json, word } from '../openai-chat/wire-requests.fixture.ts'

const is = <const Value>(value: Value) => fc.constant(value)
const said = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const some = (required: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: (required === '' ? [] : required.split(' ')) as never[], noNullPrototype: true })
const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 3 })
const input = fc.dictionary(word, json, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<JsonObject>

const textPart = fc.record({ type: is('text'), text: said }, { noNullPrototype: true })
const base64 = (mediaType: string) =>
  some('type mediaType data', { type: is('base64'), mediaType: is(mediaType), data: is('aGVsbG8=') })
const stored = (mediaType: string) =>
  some('type id origin mediaType', {
    type: is('file'),
    id: word.map(name => `https://generativelanguage.googleapis.com/v1beta/files/${name}`),
    origin: is('gemini'),
    mediaType: is(mediaType),
  })
const medium = fc
  .constantFrom(
    ['image', 'image/png'] as const,
    ['audio', 'audio/wav'] as const,
    ['document', 'application/pdf'] as const,
  )
  .chain(([type, mediaType]) =>
    some('type source', { type: is(type), source: fc.oneof(base64(mediaType), stored(mediaType)) }),
  )
// one plain text alone is told as a string
const isLonePlainText = (parts: readonly unknown[]) =>
  parts.length === 1 &&
  Object.keys(parts[0] as object)
    .sort()
    .join() === 'text,type'
const parts = (part: fc.Arbitrary<unknown>) =>
  fc.oneof(
    said,
    list(part).filter(each => !isLonePlainText(each)),
  )

const user = some('role content', { role: is('user'), content: parts(fc.oneof(textPart, medium)) })
const system = some('role content', { role: is('system'), content: parts(textPart) })

const signed = { gemini: { thoughtSignature: 'c2lnLUE=' } }
const signedText = fc.record(
  { type: is('text'), text: fc.oneof(is(''), said), extra: is(signed) },
  { noNullPrototype: true },
)
const thought = some('type text origin', {
  type: is('reasoning'),
  text: said,
  origin: is('gemini'),
  signature: is('c2lnLVQ='),
})
const assistant = some('role content', {
  role: is('assistant'),
  content: parts(fc.oneof(textPart, signedText, thought)),
})

const resultContent = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.tuple(fc.option(textPart), list(medium)).map(([text, media]) => [...(text === null ? [] : [text]), ...media]),
)
const toolTurn = fc.tuple(fc.option(thought), list(fc.tuple(word, input, resultContent, fc.boolean())), fc.boolean())

// turns alternate, and the user begins
const turns = fc
  .tuple(
    fc.option(system),
    list(
      fc.tuple(
        user,
        fc.oneof(
          assistant.map(message => ({ message })),
          toolTurn.map(tools => ({ tools })),
        ),
      ),
    ),
    user,
  )
  .map(([instruction, exchanges, last]) => [
    ...(instruction === null ? [] : [instruction]),
    ...exchanges.flatMap(([question, answer], turn) => [
      question,
      ...('message' in answer ? [answer.message] : toolMessages(answer.tools, turn)),
    ]),
    // what the user says right after results is a message of its own
    last,
  ])

type ToolTurn = typeof toolTurn extends fc.Arbitrary<infer Value> ? Value : never

function toolMessages([reasoning, calls, isSigned]: ToolTurn, turn: number): Message[] {
  const made = calls.map(([name, given], at) => ({
    type: 'tool-call',
    id: `call_${turn}_${at}`,
    name,
    input: given,
    ...(at === 0 && isSigned && { extra: signed }),
  }))
  const results = calls.map(([name, , content, isError], at) => ({
    type: 'tool-result',
    callId: `call_${turn}_${at}`,
    name,
    content,
    ...(isError && { isError }),
  }))
  return [
    { role: 'assistant', content: [...(reasoning === null ? [] : [reasoning]), ...made] },
    { role: 'tool', content: results },
  ] as Message[]
}

const schema: JsonObject = { type: 'object', properties: {} }
const toolFields = {
  tools: is([{ name: 'weather', description: 'of a city', parameters: schema }, { name: 'time' }]),
  toolChoice: fc.oneof(
    fc.constantFrom({ type: 'auto' }, { type: 'none' }, { type: 'required' }),
    is({ type: 'tool', name: 'time' }),
    fc.boolean().map(required => ({ type: 'allowed', names: ['weather', 'time'], required })),
  ),
}

/** Any request that this dialect can say, in its usual form. */
export const contractRequest = fc
  .tuple(
    some('', {
      temperature: fc.double({ min: 0, max: 2, noNaN: true }).map(value => value + 0),
      topP: fc.double({ min: 0, max: 1, noNaN: true }).map(value => value + 0),
      maxOutputTokens: fc.integer({ min: 1, max: 99999 }),
      stop: fc.array(said, { minLength: 1, maxLength: 5 }),
      frequencyPenalty: fc.integer({ min: -2, max: 2 }),
      presencePenalty: fc.integer({ min: -2, max: 2 }),
      seed: fc.integer(),
      responseFormat: fc.constantFrom(
        { type: 'text' },
        { type: 'json' },
        { type: 'json-schema', name: 'answer', schema },
      ),
      reasoningEffort: fc.constantFrom('minimal', 'low', 'medium', 'high'),
    }),
    fc.oneof(is({}), some('tools', toolFields)),
    turns,
    fc.boolean(),
  )
  .map(([fields, tools, messages, stream]) => ({ model: 'm', ...fields, ...tools, messages, stream }) as MessageRequest)
