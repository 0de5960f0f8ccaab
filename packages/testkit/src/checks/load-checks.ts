import { equal, ok } from 'node:assert/strict'
import { type MessageChunk, responseText } from '@switchyard/core/contract'
import { type Bench, topic } from '../conformance.ts'
import { eventually, pause } from '../eventually.ts'
import { answerTo, asking, failure, send } from '../expectations.ts'

export const loadChecks = topic('load', [
  [
    '200 calls at once each get their own answer',
    async bench => {
      const calls = Array.from({ length: 200 }, async (_, index) => {
        const question = `Question ${index}: wie heißt du?`
        const answer = await answerTo(bench, asking(bench, question, { stream: index % 2 === 0 }))
        ok(responseText(answer).endsWith(`You said: ${question}`), `call ${index} got: ${responseText(answer)}`)
      })
      await Promise.all(calls)
      equal(bench.simulator.requestCount, 200)
    },
  ],
  [
    'a reader who pauses holds the server back',
    async bench => {
      const pieces = Array.from({ length: 1_500 }, () => 'x'.repeat(32_768))
      bench.simulator.script([{ type: 'answer', pieces }])
      const stream = await send(bench)
      const iterator = stream[Symbol.asyncIterator]()
      await iterator.next()
      const sent = await whenNothingMoves(() => bench.simulator.requests[0]?.bytesSent ?? 0)
      // the kernel's own buffers on loopback hold some megabytes
      ok(sent < 30_000_000, `${sent} bytes were taken in while nobody read`)
      await stream.cancel()
      await bench.simulator.waitForClose(undefined, bench.patienceMs)
    },
  ],
  [
    'nothing is left running after dispose',
    async bench => {
      const before = running()
      const provider = await bench.create({})
      await exercise({ ...bench, provider })
      await provider.dispose()
      await eventually(() => {
        for (const [type, count] of running()) {
          ok(count <= (before.get(type) ?? 0), `${count - (before.get(type) ?? 0)} more ${type} than before`)
        }
      }, bench.patienceMs)
    },
  ],
])

/** A count that grows, once it has not for a while. */
async function whenNothingMoves(count: () => number): Promise<number> {
  for (let before = -1, now = count(), still = 0; ; before = now, now = count()) {
    still = now === before ? still + 1 : 0
    if (still === 5) return now
    await pause(20)
  }
}

/** What of this process keeps it alive, by type. */
function running(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) {
    if (/Timeout|Immediate|TCP|TLS|Pipe|DNS|GetAddrInfo/.test(type)) counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  return counts
}

async function exercise(bench: Bench): Promise<void> {
  const { signal } = new AbortController()
  bench.simulator.script('fine', { type: 'status', status: 500 }, { type: 'reset' }, { type: 'stall', atEvent: 2 })
  const context = { signal, timeouts: { connectMs: 30_000, headersMs: 30_000 } }
  await answerTo(bench, 'Hi', context)
  await failure(send(bench, 'Hi', context))
  await failure(send(bench, 'Hi', context))
  const seen: MessageChunk[] = []
  for await (const chunk of await send(bench, 'Hi', context)) {
    seen.push(chunk)
    if (seen.length === 2) break
  }
  bench.simulator.script({ type: 'silence' })
  const abort = new AbortController()
  const silent = failure(send(bench, 'Hi', { ...context, signal: abort.signal }), 'aborted')
  setTimeout(() => abort.abort(), 10)
  await silent
}
