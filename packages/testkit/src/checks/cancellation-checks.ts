import { deepEqual, equal, ok } from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import type { MessageChunk, MessageStream } from '@switchyard/core/contract'
import type { ScriptEntry } from '@switchyard/simulator'
import { type Bench, topic } from '../conformance.ts'
import { pause, within } from '../eventually.ts'
import { answerTo, asking, chunksOf, failure, send } from '../expectations.ts'
import { Stopwatch } from '../stopwatch.ts'

/** How soon the server has to see the socket closed. */
const withinMs = 50
const dripping: ScriptEntry = [
  { type: 'answer', text: 'a long story '.repeat(100) },
  { type: 'drip', ms: 5 },
]
const stalled: ScriptEntry = [
  { type: 'answer', text: 'one two three four five six seven eight nine ten' },
  // every dialect has begun its text by then, and none has ended it
  { type: 'stall', atEvent: 6 },
]

export const cancellationChecks = topic('cancellation', [
  [
    'a call whose signal is over already is not sent',
    async bench => {
      await failure(send(bench, 'Hi', { signal: AbortSignal.abort() }), 'aborted')
      equal(bench.simulator.requestCount, 0)
    },
  ],
  [
    'an abort before the headers closes the socket at once',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script({ type: 'silence' })
        const abort = new AbortController()
        const call = failure(send(bench, asking(bench, 'Hi', { stream }), { signal: abort.signal }), 'aborted')
        await bench.simulator.waitForRequests(stream ? 1 : 2, bench.patienceMs)
        await closes(bench, () => abort.abort())
        await within(bench.patienceMs, 'the rejection', call)
      }
    },
  ],
  [
    'an abort in the middle of a stream closes the socket at once, and the reader gets "aborted"',
    async bench => {
      for (const entry of [dripping, stalled]) {
        bench.simulator.script(entry)
        const abort = new AbortController()
        const stream = await send(bench, 'Hi', { signal: abort.signal })
        const { iterator, read } = await untilText(stream)
        await closes(bench, () => abort.abort())
        await within(bench.patienceMs, 'the rejection', failure(drain(iterator), 'aborted'))
        ok(read.length > 0)
      }
    },
  ],
  [
    'an abort while a read is pending ends that read',
    async bench => {
      bench.simulator.script(stalled)
      const abort = new AbortController()
      const aborted = failure((await send(bench, 'Hi', { signal: abort.signal })).response(), 'aborted')
      await closes(bench, begin => later(begin, abort))
      await within(bench.patienceMs, 'the rejection', aborted)
    },
  ],
  [
    'an abort while the body of a whole answer is read closes the socket at once',
    async bench => {
      bench.simulator.script({ type: 'stall', atByte: 40 })
      const abort = new AbortController()
      const request = asking(bench, 'Hi', { stream: false })
      const call = failure(answerTo(bench, request, { signal: abort.signal }), 'aborted')
      await bench.simulator.waitForRequests(1, bench.patienceMs)
      await closes(bench, begin => later(begin, abort))
      await within(bench.patienceMs, 'the rejection', call)
    },
  ],
  [
    'the reason of an abort that is one of our errors is kept',
    async bench => {
      bench.simulator.script(stalled, { type: 'silence' })
      const reason = await failure(send(bench, 'Hi', { signal: AbortSignal.abort() }))
      const stream = new AbortController()
      const response = (await send(bench, 'Hi', { signal: stream.signal })).response()
      setTimeout(() => stream.abort(reason.with({ code: 'mine' })), 10)
      equal((await failure(response)).code, 'mine')
    },
  ],
  [
    'break closes the socket at once',
    async bench => {
      for (const entry of [dripping, stalled]) {
        bench.simulator.script(entry)
        const stream = await send(bench)
        await closes(bench, async begin => {
          for await (const chunk of stream) {
            if (chunk.type !== 'text-delta') continue
            begin()
            break
          }
        })
      }
    },
  ],
  [
    'cancel closes the socket at once, and the loop ends',
    async bench => {
      bench.simulator.script(stalled, stalled)
      const reading = await send(bench)
      const read = chunksOf(reading).catch(() => [])
      await closes(bench, () => reading.cancel())
      await within(bench.patienceMs, 'the end of the loop', read)
      const unread = await send(bench)
      await closes(bench, () => unread.cancel('not wanted'))
      await unread.cancel()
      deepEqual(await chunksOf(unread).catch(() => []), [])
    },
  ],
  [
    'disposing of a stream closes the socket at once',
    async bench => {
      bench.simulator.script(stalled)
      const stream = await send(bench)
      await closes(bench, () => stream[Symbol.asyncDispose]())
    },
  ],
  [
    'cancel after the end is harmless, and the socket is used again',
    async bench => {
      for (let index = 0; index < 5; index++) {
        const stream = await send(bench)
        await stream.response()
        await stream.cancel()
        await bench.simulator.waitForIdle()
        await pause(5)
      }
      ok(bench.simulator.openSockets <= 1, `${bench.simulator.openSockets} sockets were opened for calls in turn`)
      equal(bench.simulator.requests.filter(request => request.closedByClientAt !== undefined).length, 0)
    },
  ],
  [
    'one abort leaves the calls beside it alone',
    async bench => {
      bench.simulator.script(stalled, [
        { type: 'answer', text: 'a story that goes on for a while' },
        { type: 'drip', ms: 5 },
      ])
      const abort = new AbortController()
      const aborted = failure((await send(bench, 'Hi', { signal: abort.signal })).response(), 'aborted')
      const other = (await send(bench)).response()
      abort.abort()
      await aborted
      equal((await other).reason, 'stop')
    },
  ],
  [
    'no listener is left on a signal, however the call ended',
    async bench => {
      const { signal } = new AbortController()
      bench.simulator.script('fine', 'fine', { type: 'status', status: 500 }, { type: 'reset' }, stalled, [
        { type: 'answer', text: 'cut in the middle of it' },
        { type: 'cut', atEvent: 2 },
      ])
      await answerTo(bench, 'Hi', { signal })
      await answerTo(bench, asking(bench, 'Hi', { stream: false }), { signal })
      await failure(send(bench, 'Hi', { signal }))
      await failure(send(bench, 'Hi', { signal }))
      await (await send(bench, 'Hi', { signal })).cancel()
      await failure(answerTo(bench, 'Hi', { signal }))
      await new Promise(resolve => setTimeout(resolve, 20))
      equal(getEventListeners(signal, 'abort').length, 0)
    },
  ],
])

/** Sees that the server's socket closes soon after `act`, or after the moment that it names. */
async function closes(bench: Bench, act: (begin: () => void) => unknown): Promise<void> {
  const index = bench.simulator.requests.length - 1
  const before = bench.simulator.requests[index]
  ok(before !== undefined && before.closedByClientAt === undefined, 'the socket was closed too early')
  const watch = await Stopwatch.start()
  await act(() => watch.restart())
  await bench.simulator.waitForClose(index, bench.patienceMs)
  const { tookMs, waitedMs } = watch.stop()
  ok(tookMs <= withinMs + waitedMs, `the socket closed after ${Math.round(tookMs)} ms`)
}

/** Aborts when the reads that were begun wait for their turn. */
async function later(begin: () => void, abort: AbortController): Promise<void> {
  await pause(20)
  begin()
  abort.abort()
}

async function untilText(stream: MessageStream) {
  const iterator = stream[Symbol.asyncIterator]()
  const read: MessageChunk[] = []
  for (;;) {
    const { done, value } = await iterator.next()
    if (done === true) return { iterator, read }
    read.push(value)
    if (value.type === 'text-delta') return { iterator, read }
  }
}

async function drain(iterator: AsyncIterator<MessageChunk>): Promise<void> {
  for (;;) if ((await iterator.next()).done === true) return
}
