import { equal, fail, ok } from 'node:assert/strict'
import type { ErrorKind } from '@switchyard/core/contract'
import type { ErrorShape, StatusFault } from '@switchyard/simulator'
import { type Bench, topic } from '../conformance.ts'
import { answerTo, asking, chunksOf, failure, send } from '../expectations.ts'

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
  [
    'an error says who failed, on what model and in which request, in the words of the server',
    async bench => {
      bench.simulator.script({ type: 'status', status: 500, message: 'The flux capacitor is empty.', code: 'flux' })
      const error = await failure(send(bench), 'unavailable')
      const { provider, model, code, requestId } = error
      equal(provider, bench.provider.id)
      equal(model?.split('/').at(-1), bench.model)
      equal(code, 'flux')
      equal(requestId, bench.simulator.requests.at(-1)?.id)
      ok(error.message.includes('The flux capacitor is empty.'), error.message)
    },
  ],
  [
    'Retry-After is understood in seconds, in milliseconds and as a date',
    async bench => {
      const after = async (fault: Partial<StatusFault>) => {
        bench.simulator.script({ type: 'status', status: 429, ...fault })
        return (await failure(send(bench), 'rate-limit')).retryAfterMs
      }
      equal(await after({ retryAfter: 7 }), 7_000)
      equal(await after({ retryAfter: 7, headers: { 'retry-after-ms': '6570' } }), 6_570)
      equal(await after({ retryAfter: '0' }), 0)
      equal(await after({}), undefined)
      const date = await after({ retryAfter: new Date(Date.now() + 30_000).toUTCString() })
      ok(date !== undefined && date > 27_000 && date <= 31_000, `a date 30 seconds ahead became ${date} ms`)
      equal(await after({ retryAfter: 'soon' }), undefined)
    },
  ],
  [
    'Retry-After is kept with an overload, too',
    async bench => {
      bench.simulator.script({ type: 'status', status: 503, retryAfter: 12 })
      equal((await failure(send(bench), 'overloaded', 'unavailable')).retryAfterMs, 12_000)
    },
  ],
  [
    'what a code says counts over the status',
    async bench => {
      const cases: readonly (readonly [status: number, code: string, kind: ErrorKind])[] = [
        [429, 'insufficient_quota', 'quota'],
        [400, 'context_length_exceeded', 'context-length'],
        [400, 'content_policy_violation', 'content-filter'],
        [400, 'content_filter', 'content-filter'],
        [404, 'model_not_found', 'not-found'],
        [503, 'server_is_overloaded', 'overloaded'],
        [400, 'unsupported_parameter', 'unsupported'],
      ]
      for (const [status, code, kind] of cases) {
        bench.simulator.script({ type: 'status', status, code, errorType: code, message: 'No.' })
        await failureOf(bench, `${status} ${code}`, kind)
      }
    },
  ],
  [
    'a prompt longer than the window is told as such',
    async bench => {
      const request = { ...asking(bench, 'word '.repeat(9_000)), model: 'gpt-sim-mini' }
      await failure(send(bench, request), 'context-length')
    },
  ],
  [
    'an error in place of the first event fails by its code',
    async bench => {
      const cases: readonly (readonly [code: string, kind: ErrorKind])[] = [
        ['server_is_overloaded', 'overloaded'],
        ['rate_limit_exceeded', 'rate-limit'],
        ['insufficient_quota', 'quota'],
        ['context_length_exceeded', 'context-length'],
        ['server_error', 'unavailable'],
      ]
      for (const [code, kind] of cases) {
        bench.simulator.script({ type: 'error-event', atEvent: 0, code, errorType: code, message: 'No.' })
        await failureOf(bench, code, kind)
      }
    },
  ],
  [
    'an error in the middle of a stream comes after what arrived before it',
    async bench => {
      bench.simulator.script([
        { type: 'answer', pieces: ['one', ' two', ' three'] },
        { type: 'error-event', atEvent: 3, code: 'server_is_overloaded' },
      ])
      const error = await failure(answerTo(bench), 'overloaded')
      const [part] = error.partial?.content ?? []
      ok(part?.type === 'text' && part.text === 'one two', `partial is ${JSON.stringify(error.partial?.content)}`)
    },
  ],
  [
    'an error as the body of a good status is an error',
    async bench => {
      bench.simulator.script({ type: 'error-event', atEvent: 0, code: 'server_is_overloaded' })
      await failure(send(bench, asking(bench, 'Hi', { stream: false })), 'overloaded')
    },
  ],
  [
    'a malformed event is a breach of the protocol, never passed over',
    async bench => {
      for (const atEvent of [0, 1, 2]) {
        for (const text of ['{"id": "broken', 'null', '[]', '<html>', '{"choices":[{"delta":5}]}']) {
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

async function failureOf(bench: Bench, what: string, ...expected: readonly ErrorKind[]) {
  try {
    return await failure(send(bench).then(chunksOf), ...expected)
  } catch (error) {
    fail(`${what}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
