import { deepEqual, equal, ok } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { MessageRequest } from '@switchyard/core/contract'
import type { Bench } from './conformance.ts'
import { answerTo, failure, send, sentRequest } from './expectations.ts'

/** Sees that a setting that the wire has no word for goes with a warning that names it, and is refused when strict. */
export async function expectLeftOut(
  bench: Bench,
  setting: keyof MessageRequest,
  request: MessageRequest,
): Promise<void> {
  for (const stream of [true, false]) {
    const { warnings } = await answerTo(bench, { ...request, stream })
    deepEqual(
      warnings?.map(warning => warning.setting),
      [setting],
    )
    ok(!isDeepStrictEqual(sentRequest(bench)[setting], request[setting]), `${setting} was sent all the same`)
  }
  const before = bench.simulator.requestCount
  const { message } = await failure(send(bench, request, { strict: true }), 'unsupported')
  ok(message.includes(setting), `the refusal does not name ${setting}: ${message}`)
  equal(bench.simulator.requestCount, before, `${setting} was sent all the same`)
}
