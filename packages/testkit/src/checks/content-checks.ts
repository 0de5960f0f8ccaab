import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  type AudioPart,
  type DocumentPart,
  type ImagePart,
  isSwitchyardError,
  type MediaSource,
  type Message,
  type MessageRequest,
  type MessageResponse,
  responseText,
} from '@switchyard/core/contract'
import { type Bench, type ConformanceCheck, eitherWay, topic } from '../conformance.ts'
import { answerTo, asking, failure, send, sentRequest } from '../expectations.ts'
import type { Feature } from '../features.ts'
import { expectLeftOut } from '../left-out.ts'
import { pdf, pixel, silence } from '../media.ts'

interface Medium {
  readonly name: string
  readonly feature: Feature
  readonly part: ImagePart | AudioPart | DocumentPart
}

const media: readonly Medium[] = [
  { name: 'an image as bytes', feature: 'image bytes', part: { type: 'image', source: pixel } },
  {
    name: 'an image by address',
    feature: 'image addresses',
    part: { type: 'image', source: { type: 'url', url: 'https://example.com/a.png', mediaType: 'image/png' } },
  },
  { name: 'a document as bytes', feature: 'documents', part: { type: 'document', source: pdf, name: 'a.pdf' } },
  {
    name: 'a document by address',
    feature: 'document addresses',
    part: { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf', mediaType: 'application/pdf' } },
  },
  { name: 'a sound as bytes', feature: 'audio', part: { type: 'audio', source: silence } },
]
const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
}

const endings = [
  ['content-filter', 'content filter'],
  ['refusal', 'refusal ending'],
  ['pause', 'pause'],
  ['context-length', 'context length ending'],
] as const

const wordChecks = topic('content', [
  [
    'system messages reach the server before the others',
    async bench => {
      await answerTo(bench, asking(bench, '', { messages: [{ role: 'system', content: 'Be brief.' }, user('Hi')] }))
      const [first] = sentRequest(bench).messages
      equal(first?.role, 'system')
      equal(first && textOf(first), 'Be brief.')
    },
  ],
  [
    'a conversation keeps its order and its words',
    async bench => {
      const messages = [user('One'), { role: 'assistant' as const, content: 'Two' }, user('Three')]
      const answer = await answerTo(bench, asking(bench, '', { messages }))
      ok(responseText(answer).includes('You said: Three'))
      deepEqual(
        sentRequest(bench).messages.map(message => [message.role, textOf(message)]),
        [
          ['user', 'One'],
          ['assistant', 'Two'],
          ['user', 'Three'],
        ],
      )
    },
  ],
  [
    'a schema that the server refuses is an invalid request',
    async bench => {
      const { additionalProperties: _, ...lax } = schema
      const responseFormat = { type: 'json-schema', name: 'person', schema: lax, strict: true } as const
      const error = await failure(send(bench, asking(bench, 'Who?', { responseFormat })), 'invalid-request')
      ok(error.message.includes('additionalProperties'), `the message does not say what is wrong: ${error.message}`)
    },
    'JSON Schema',
    'strict schemas',
  ],
  [
    'a refusal is text that says so',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'answer', refusal: 'I will not.' }])
        const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
        const [part] = answer.content
        ok(part?.type === 'text' && part.refusal === true && part.text === 'I will not.')
        equal(answer.reason, 'refusal')
      }
    },
    'refusal text',
  ],
  [
    'an answer that the output cap cuts ends with length, its last block incomplete',
    async bench => {
      for (const stream of [true, false]) {
        // Responses take no cap below 16
        bench.simulator.script(Array(20).fill('one').join(' '))
        const answer = await answerTo(bench, asking(bench, 'Count', { stream, maxOutputTokens: 16 }))
        equal(answer.reason, 'length')
        equal(responseText(answer), Array(16).fill('one').join(' '))
        const last = answer.content.at(-1)
        ok(last !== undefined && 'complete' in last && last.complete === false, 'the block claims to be complete')
      }
    },
  ],
  ...endings.map(
    ([ending, feature]) =>
      [
        `the ending "${ending}" is told, with the provider's own word`,
        async (bench: Bench) => {
          for (const stream of [true, false]) {
            bench.simulator.script([{ type: 'answer', text: 'It is', ending }])
            const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
            equal(answer.reason, ending)
            ok((answer.rawReason ?? '') !== '', "the provider's own word is lost")
            equal(responseText(answer), 'It is')
          }
        },
        feature,
      ] as const,
  ),
])

const formatChecks = [
  eitherWay('content', 'JSON', 'JSON is asked for and comes, or is left out with a warning', async bench => {
    const request = asking(bench, 'Give me JSON.', { responseFormat: { type: 'json' } })
    if (bench.lacks('JSON')) return expectLeftOut(bench, 'responseFormat', request)
    for (const stream of [true, false]) {
      const answer = await answerTo(bench, { ...request, stream })
      equal(JSON.parse(responseText(answer)).simulated, true)
    }
  }),
  eitherWay(
    'content',
    'JSON Schema',
    'an answer by a JSON Schema is an instance of it, or the schema is left out with a warning',
    async bench => {
      const responseFormat = { type: 'json-schema', name: 'person', schema, strict: true } as const
      const request = asking(bench, 'Who?', { responseFormat })
      if (bench.lacks('JSON Schema')) return expectLeftOut(bench, 'responseFormat', request)
      for (const stream of [true, false]) {
        const { name, age, ...others } = JSON.parse(responseText(await answerTo(bench, { ...request, stream })))
        deepEqual(others, {})
        ok(typeof name === 'string' && Number.isInteger(age), `it is { name: ${name}, age: ${age} }`)
        equal(sentRequest(bench).responseFormat?.type, 'json-schema')
      }
    },
  ),
]

const mediaChecks = media.map(({ name, feature, part }) =>
  eitherWay('content', feature, `${name} goes along, or is refused or left out by its place`, async bench => {
    const content = [{ type: 'text', text: 'What is it?' } as const, part]
    const request = asking(bench, '', { messages: [{ role: 'user', content }] })
    if (bench.lacks(feature)) return refusedOrLeftOut(bench, request)
    const answer = await answerTo(bench, request)
    ok(responseText(answer).includes('1 attachment'), `it did not arrive: ${responseText(answer)}`)
    deepEqual(answer.warnings ?? [], [])
    const [message] = sentRequest(bench).messages
    const sent = message?.role === 'user' && typeof message.content !== 'string' ? message.content : []
    deepEqual(
      sent.flatMap(each => ('source' in each ? [[each.type, essence(each.source)]] : [])),
      [[part.type, essence(part.source)]],
    )
  }),
)

export const contentChecks: readonly ConformanceCheck[] = [...wordChecks, ...formatChecks, ...mediaChecks]

/** Sees that nobody can think that the second part of the first message went along. */
async function refusedOrLeftOut(bench: Bench, request: MessageRequest): Promise<void> {
  const place = 'messages[0].content[1]'
  const strict = await failure(send(bench, request, { strict: true }), 'unsupported', 'invalid-request')
  ok(`${strict.param} ${strict.message}`.includes(place), `the refusal names no place: ${strict.message}`)
  equal(bench.simulator.requestCount, 0, 'it was sent all the same')
  let answer: MessageResponse
  try {
    answer = await answerTo(bench, request)
  } catch (error) {
    if (!isSwitchyardError(error)) throw error
    ok(`${error.param} ${error.message}`.includes(place), `the refusal names no place: ${error.message}`)
    equal(bench.simulator.requestCount, 0, 'it was sent all the same')
    return
  }
  deepEqual(
    answer.warnings?.map(warning => warning.setting),
    [place],
  )
  ok(!responseText(answer).includes('attachment'), 'it went along, and yet there is a warning')
}

function user(content: string) {
  return { role: 'user', content } as const
}

function textOf({ content }: Message): string {
  if (typeof content === 'string') return content
  return content.map(part => (part.type === 'text' ? part.text : '')).join('')
}

/** A source without what a wire may leave to be guessed. */
function essence(source: MediaSource): unknown {
  return source.type === 'url' ? source.url : source
}
