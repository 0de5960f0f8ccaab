import { equal, fail, ok } from 'node:assert/strict'
import { isSwitchyardError, responseText } from '@switchyard/core/contract'
import type { ScriptEntry, SimulatedAnswer, Step } from '@switchyard/simulator'
import { type Bench, topic } from '../conformance.ts'
import { within } from '../eventually.ts'
import { answerTo, asking, chunksOf, failure, send } from '../expectations.ts'

const text = 'Hé 👋'
const answer: SimulatedAnswer = { type: 'answer', pieces: ['Hé', ' 👋'] }
const calling: SimulatedAnswer = { type: 'answer', toolCalls: [{ name: 'go', arguments: { to: 'Oslo' } }] }
const broken = ['truncated', 'network', 'protocol']

export const truncationChecks = topic('truncation', [
  [
    'a stream that ends at any byte is the exact answer or an error, never a shorter success',
    async bench => {
      const length = await lengthOf(bench, [answer], true)
      let whole = 0
      for (let atByte = 0; atByte <= length; atByte++) {
        if (await outcome(bench, [answer, { type: 'cut', atByte }], true)) whole++
      }
      ok(whole >= 1, 'not even the whole stream was an answer')
    },
  ],
  [
    'a stream of a tool call that ends at any event is the exact call or an error',
    async bench => {
      const tools = [{ name: 'go', parameters: { type: 'object', properties: {} } }]
      for (let atEvent = 0; atEvent < 12; atEvent++) {
        bench.simulator.script([calling, { type: 'cut', atEvent }])
        try {
          const said = await answerTo(bench, asking(bench, 'Go', { tools }))
          const [call] = said.content
          ok(
            call?.type === 'tool-call' && call.input?.to === 'Oslo',
            `cut at event ${atEvent}: the call is ${JSON.stringify(call)}`,
          )
          equal(said.reason, 'tool-calls')
        } catch (error) {
          known(error, `cut at event ${atEvent}`)
        }
      }
    },
  ],
  [
    'a whole answer that ends at any byte is the exact answer or an error',
    async bench => {
      const length = await lengthOf(bench, [answer], false)
      for (let atByte = 0; atByte < length; atByte++) {
        const complete = await outcome(bench, [answer, { type: 'cut', atByte }], false)
        ok(!complete, `cut at byte ${atByte} of ${length} passed as whole`)
      }
    },
  ],
  [
    'a length that is not kept is an error',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([answer, { type: 'content-length', off: 20 }])
        await outcome(bench, [], stream)
        bench.simulator.script([answer, { type: 'content-length', off: -20 }])
        await outcome(bench, [], stream)
      }
    },
  ],
  [
    'a reset before the headers and at any place in the body is a failure of the network',
    async bench => {
      bench.simulator.script({ type: 'reset' })
      await failure(send(bench), 'network')
      for (const stream of [true, false]) {
        const length = await lengthOf(bench, [answer], stream)
        for (const share of [0, 0.1, 0.3, 0.5, 0.7]) {
          bench.simulator.script([answer, { type: 'reset', atByte: Math.floor(length * share) }])
          await failure(answerTo(bench, asking(bench, 'Hi', { stream })), 'network', 'truncated')
        }
      }
    },
  ],
  [
    'a stream without a finish reason is truncated, and the text that came is kept',
    async bench => {
      bench.simulator.script([answer, { type: 'no-finish' }])
      const error = await failure(answerTo(bench), 'truncated')
      equal(responseText({ content: error.partial?.content ?? [] }), text)
    },
  ],
  [
    'what arrived before a break is shown before the error',
    async bench => {
      const pieces = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
      const length = await lengthOf(bench, [{ type: 'answer', pieces }], true)
      for (const fault of [
        // every dialect has begun its text by then, and none has ended it
        { type: 'cut', atEvent: 6 },
        { type: 'reset', atByte: Math.floor(length / 2) },
      ] as const) {
        bench.simulator.script([{ type: 'answer', pieces }, fault])
        let shown = ''
        const stream = await send(bench)
        const reading = (async () => {
          for await (const chunk of stream) if (chunk.type === 'text-delta') shown += chunk.text
        })()
        await failure(reading, 'truncated', 'network')
        const whole = pieces.join('')
        ok(whole.startsWith(shown) && shown !== whole, `it showed "${shown}"`)
        ok(fault.type === 'reset' || shown !== '', 'it showed nothing')
      }
    },
  ],
  [
    'a server that stalls after the end of a stream keeps neither the caller nor the socket',
    async bench => {
      const atByte = await lengthOf(bench, [answer], true)
      bench.simulator.script([answer, { type: 'stall', atByte }])
      const said = await within(bench.patienceMs, 'the answer', answerTo(bench))
      equal(responseText(said), text)
      await bench.simulator.waitForClose(undefined, bench.patienceMs)
    },
  ],
  [
    'nothing comes after an error',
    async bench => {
      bench.simulator.script([answer, { type: 'cut', atEvent: 2 }])
      const iterator = (await send(bench))[Symbol.asyncIterator]()
      const drained = async () => {
        for (;;) if ((await iterator.next()).done) return
      }
      await failure(drained())
      equal((await iterator.next()).done, true)
    },
  ],
])

async function lengthOf(bench: Bench, entry: readonly Step[], stream: boolean): Promise<number> {
  bench.simulator.script(entry)
  await answerTo(bench, asking(bench, 'Hi', { stream }))
  return bench.simulator.requests.at(-1)?.bytesSent ?? 0
}

/** Whether the answer came whole. @throws when it came shorter and was called a success. */
async function outcome(bench: Bench, entry: ScriptEntry & readonly Step[], stream: boolean): Promise<boolean> {
  if (entry.length > 0) bench.simulator.script(entry)
  const where = JSON.stringify(entry.at(-1) ?? 'a wrong length')
  try {
    const said = stream ? await whole(bench) : await answerTo(bench, asking(bench, 'Hi', { stream }))
    equal(responseText(said), text, `${where}: a shorter answer passed as a success`)
    equal(said.reason, 'stop', where)
    return true
  } catch (error) {
    known(error, where)
    return false
  }
}

async function whole(bench: Bench) {
  const chunks = await chunksOf(await send(bench))
  const last = chunks.at(-1)
  if (last?.type !== 'finish') fail('the iteration ended without finish, and without an error')
  const content = chunks
    .filter(chunk => chunk.type === 'text-delta')
    .map(({ text }) => ({ type: 'text', text }) as const)
  return { content, reason: last.reason }
}

function known(error: unknown, where: string): void {
  if (!isSwitchyardError(error)) throw error
  ok(broken.includes(error.kind), `${where}: the kind is "${error.kind}" (${error.message})`)
}
