import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  type AudioPart,
  type DocumentPart,
  type ImagePart,
  isSwitchyardError,
  type MediaSource,
  type MessageRequest,
  type MessageResponse,
  responseText,
} from '@switchyard/core/contract'
import { type Bench, type ConformanceCheck, eitherWay } from '../conformance.ts'
import { answerTo, asking, failure, send, sentRequest } from '../expectations.ts'
import type { Feature } from '../features.ts'
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

export const mediaChecks: readonly ConformanceCheck[] = media.map(({ name, feature, part }) =>
  eitherWay('media', feature, `${name} goes along, or is refused or left out by its place`, async bench => {
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

/** A source without what a wire may leave to be guessed. */
function essence(source: MediaSource): unknown {
  return source.type === 'url' ? source.url : source
}
