import { equal, fail, ok } from 'node:assert/strict'
import { type ErrorKind, responseText } from '@switchyard/core/contract'
import type { ErrorShape, FaultKind, StatusFault } from '@switchyard/simulator'
import { type Bench, topic } from '../conformance.ts'
import { answerTo, asking, chunksOf, failure, send } from '../expectations.ts'
import { knownDialects } from '../known-dialects.ts'

/** What each status means, where its body says nothing more. */
const kinds: Readonly<Record<number, readonly ErrorKind[]>> = {
  400: ['invalid-request'],
  401: ['authentication'],
  402: ['quota'],
  403: ['permission'],
  404: ['not-found'],
  408: ['timeout', 'unavailable'],
  409: ['unavailable'],
  413: ['invalid-request', 'context-length'],
  422: ['invalid-request'],
  429: ['rate-limit'],
  498: ['overloaded'],
  500: ['unavailable'],
  502: ['unavailable'],
  503: ['unavailable', 'overloaded'],
  504: ['unavailable', 'timeout'],
  529: ['overloaded'],
}
const shapes: readonly ErrorShape[] = ['native', 'string', 'fastapi', 'html', 'empty', 'truncated']

/** What a server says in its own words, and what else that may be taken for. */
const spoken: readonly (readonly [FaultKind, ...(readonly ErrorKind[])])[] = [
  ['authentication'],
  ['permission'],
  ['not-found'],
  ['invalid-request'],
  ['context-length'],
  ['content-filter'],
  ['rate-limit'],
  ['quota'],
  ['overloaded'],
  ['unavailable'],
  ['timeout', 'unavailable'],
]
const inAnswers: readonly FaultKind[] = ['overloaded', 'rate-limit', 'quota', 'context-length', 'unavailable']
const malformed = ['{"id": "broken', 'null', '[]', '<html>', '5']

export const errorChecks = topic('errors', [
  [
    'every status means the same in every shape of body',
    async bench => {
      for (const [status, expected] of Object.entries(kinds)) {
        for (const shape of shapes) {
          bench.simulator.script({ type: 'status', status: Number(status), shape })
          const error = await failureOf(bench, `${status} as ${shape}`, ...expected)
          equal(error.status, Number(status), `${status} as ${shape}: the status is lost`)
          ok(error.message.trim() !== '', `${status} as ${shape}: there is no message`)
        }
      }
    },
  ],
  [
    'a whole answer fails in the same way as a stream',
    async bench => {
      for (const [status, expected] of Object.entries(kinds)) {
        bench.simulator.script({ type: 'status', status: Number(status) })
        await failure(send(bench, asking(bench, 'Hi', { stream: false })), ...expected)
      }
    },
  ],
  ...spoken.map(
    ([kind, ...others]) =>
      [
        `the server's own words for "${kind}" are understood`,
        async (bench: Bench) => {
          for (const stream of [true, false]) {
            bench.simulator.script({ type: 'status', kind })
            await failure(send(bench, asking(bench, 'Hi', { stream })), kind, ...others)
          }
        },
        ...(kind === 'context-length' ? (['context length errors'] as const) : []),
      ] as const,
  ),
  [
    'an error says who failed and on what model, in the words of the server',
    async bench => {
      bench.simulator.script({ type: 'status', status: 500, message: 'The flux capacitor is empty.' })
      const { provider, model, message } = await failure(send(bench), 'unavailable')
      equal(provider, bench.provider.id)
      equal(model?.split('/').at(-1), bench.model)
      ok(message.includes('The flux capacitor is empty.'), message)
    },
  ],
  [
    'an error tells the code of the provider',
    async bench => {
      bench.simulator.script({ type: 'status', status: 500, code: 'flux', errorType: 'flux' })
      equal((await failure(send(bench), 'unavailable')).code, 'flux')
    },
    'error codes',
  ],
  [
    'an error tells in which request it happened',
    async bench => {
      bench.simulator.script({ type: 'status', status: 500 })
      equal((await failure(send(bench))).requestId, bench.simulator.requests.at(-1)?.id)
    },
    'request ids',
  ],
  [
    'how long to wait is understood where the server says it',
    async bench => {
      equal(await retryAfter(bench, { retryAfter: 7 }), 7_000)
      equal(await retryAfter(bench, {}), undefined)
      bench.simulator.script({ type: 'status', status: 503, retryAfter: 12 })
      equal((await failure(send(bench), 'overloaded', 'unavailable')).retryAfterMs, 12_000)
    },
  ],
  [
    'Retry-After is understood in milliseconds and as a date, and nonsense is no wait',
    async bench => {
      equal(await retryAfter(bench, { retryAfter: 7, headers: { 'retry-after-ms': '6570' } }), 6_570)
      equal(await retryAfter(bench, { retryAfter: '0' }), 0)
      const date = await retryAfter(bench, { retryAfter: new Date(Date.now() + 30_000).toUTCString() })
      ok(date !== undefined && date > 27_000 && date <= 31_000, `a date 30 seconds ahead became ${date} ms`)
      equal(await retryAfter(bench, { retryAfter: 'soon' }), undefined)
    },
    'retry headers',
  ],
  [
    'a prompt longer than the window is told as such',
    async bench => {
      const request = { ...asking(bench, 'word '.repeat(9_000)), model: bench.modelFor('small') }
      await failure(send(bench, request), 'context-length')
    },
    'context length errors',
  ],
  [
    'an error in place of the first event is an error',
    async bench => {
      bench.simulator.script({ type: 'error-event', atEvent: 0, message: 'The flux capacitor is empty.' })
      const error = await failureOf(bench, 'an error in a stream')
      ok(error.message.includes('The flux capacitor is empty.'), error.message)
    },
  ],
  ...inAnswers.map(
    kind =>
      [
        `"${kind}" in place of the first event is told as such`,
        async (bench: Bench) => {
          bench.simulator.script({ type: 'error-event', atEvent: 0, kind })
          await failureOf(bench, kind, kind)
        },
        'kinds of errors in answers' as const,
        ...(kind === 'context-length' ? (['context length errors'] as const) : []),
      ] as const,
  ),
  [
    'an error in the middle of a stream comes after what arrived before it',
    async bench => {
      const pieces = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
      const arrived: string[] = []
      for (let atEvent = 1; atEvent <= 8; atEvent++) {
        bench.simulator.script([
          { type: 'answer', pieces },
          { type: 'error-event', atEvent, kind: 'overloaded' },
        ])
        const error = await failure(answerTo(bench), ...kindsInAnswers(bench))
        arrived.push(responseText({ content: error.partial?.content ?? [] }))
      }
      const whole = pieces.join('')
      for (const [index, text] of arrived.entries()) {
        const more = text.length - (arrived[index - 1]?.length ?? 0)
        ok(whole.startsWith(text) && more >= 0 && more <= 1, `before event ${index + 1} came "${text}"`)
      }
      ok((arrived.at(-1)?.length ?? 0) > 1, 'nothing is kept of what arrived')
    },
  ],
  [
    'an error as the body of a good status is an error',
    async bench => {
      bench.simulator.script({ type: 'error-event', atEvent: 0, kind: 'overloaded' })
      await failure(send(bench, asking(bench, 'Hi', { stream: false })), ...kindsInAnswers(bench))
    },
  ],
  [
    'a malformed event is a breach of the protocol, never passed over',
    async bench => {
      const texts = [...malformed, ...(knownDialects[bench.options.dialect]?.malformedEvents ?? [])]
      for (const atEvent of [0, 1, 2]) {
        for (const text of texts) {
          bench.simulator.script([
            { type: 'answer', pieces: ['one', ' two'] },
            { type: 'malformed-event', atEvent, text },
          ])
          await failureOf(bench, `${text} at event ${atEvent}`, 'protocol')
        }
      }
    },
  ],
  [
    'a whole answer that does not parse, a web page and nothing at all are errors',
    async bench => {
      for (const stream of [true, false]) {
        for (const body of ['<html>Welcome</html>', '{"id": "broken', '']) {
          bench.simulator.script({ type: 'status', status: 200, body })
          await failure(answerTo(bench, asking(bench, 'Hi', { stream })), 'protocol', 'truncated')
        }
      }
    },
  ],
])

function kindsInAnswers(bench: Bench): readonly ErrorKind[] {
  return bench.lacks('kinds of errors in answers') ? [] : ['overloaded']
}

async function retryAfter(bench: Bench, fault: Partial<StatusFault>): Promise<number | undefined> {
  bench.simulator.script({ ...fault, type: 'status', status: 429 })
  return (await failure(send(bench), 'rate-limit')).retryAfterMs
}

async function failureOf(bench: Bench, what: string, ...expected: readonly ErrorKind[]) {
  try {
    return await failure(send(bench).then(chunksOf), ...expected)
  } catch (error) {
    fail(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
