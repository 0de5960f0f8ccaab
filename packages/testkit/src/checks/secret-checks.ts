import { ok } from 'node:assert/strict'
import { inspect } from 'node:util'
import type { ErrorShape, Fault } from '@switchyard/simulator'
import { topic } from '../conformance.ts'
import { answerTo, asking, failure, send } from '../expectations.ts'
import { testKey } from '../test-key.ts'

const shapes: readonly ErrorShape[] = ['native', 'string', 'fastapi', 'html', 'truncated']

export const secretChecks = topic('secrets', [
  [
    'an error never holds the key, even when the server repeats it',
    async bench => {
      const faults: readonly Fault[] = [
        ...[400, 401, 403, 429, 500].flatMap(status =>
          shapes.map(shape => ({ type: 'status', status, shape, echoKey: true }) as const),
        ),
        { type: 'error-event', atEvent: 0, echoKey: true },
        { type: 'error-event', atEvent: 2, echoKey: true },
        { type: 'status', status: 400, code: testKey, errorType: testKey },
        { type: 'status', status: 200, body: `<html>${testKey}</html>` },
        { type: 'malformed-event', atEvent: 1, text: `{"key": "${testKey}` },
        { type: 'reset' },
        { type: 'cut', atByte: 5 },
      ]
      for (const fault of faults) {
        for (const stream of [true, false]) {
          bench.simulator.script(fault)
          free(await failureOrNothing(answerTo(bench, asking(bench, 'Hi', { stream }))), JSON.stringify(fault))
        }
      }
    },
  ],
  [
    'an error of a server that is away never holds the key',
    async bench => {
      const away = await bench.create({ baseURL: bench.at('http://127.0.0.1:1') })
      free(await failure(away.sendMessage(asking(bench, 'Hi')), 'network'), 'a refused connection')
      free(await failure(away.initialize({ verify: true })), 'verify')
    },
  ],
  [
    'the refusal of a call never holds the key',
    async bench => {
      free(await failure(send(bench, 'Hi', { signal: AbortSignal.abort() })), 'an abort')
      await bench.provider.dispose()
      free(await failure(send(bench)), 'a disposed provider')
    },
  ],
  [
    'a provider that is printed does not show its key',
    async ({ provider }) => {
      ok(!inspect(provider, { depth: 10 }).includes(testKey), 'inspect shows it')
      let json = ''
      try {
        json = JSON.stringify(provider)
      } catch {
        // what cannot be said shows nothing
      }
      ok(!json.includes(testKey), 'JSON.stringify shows it')
    },
  ],
])

async function failureOrNothing(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    return error
  }
}

/** Sees that a value shows the key in no way that a log would print. */
function free(value: unknown, where: string): void {
  const shown: string[] = [inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true })]
  for (let error = value; error instanceof Error || isErrorLike(error); error = error.cause) {
    shown.push(error.message, error.stack ?? '', String(error), JSON.stringify(error))
    shown.push(JSON.stringify(Object.getOwnPropertyDescriptors(error), replaced))
  }
  const found = shown.find(text => text.includes(testKey))
  ok(found === undefined, `${where}: the key is in ${found?.slice(0, 300)}`)
}

function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value
}

function replaced(_: string, value: unknown): unknown {
  return typeof value === 'function' || typeof value === 'bigint' || value instanceof Error ? String(value) : value
}
