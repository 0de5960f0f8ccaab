import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  isSwitchyardError,
  type MessageChunk,
  type MessageResponse,
  ResponseAccumulator,
  responseText,
} from '@switchyard/core/contract'
import type { SimulatedAnswer } from '@switchyard/simulator'
import { type Bench, topic } from '../conformance.ts'
import { within } from '../eventually.ts'
import { answerTo, asking, chunksOf, send } from '../expectations.ts'
import { checkedGrammar } from '../grammar.ts'
import { knownDialects } from '../known-dialects.ts'

const answers: Readonly<Record<string, SimulatedAnswer>> = {
  text: { type: 'answer', text: 'Hello, wörld 👋🏽 — 日本語.\r\n\ndata: not an event\n' },
  nothing: { type: 'answer', text: '' },
  reasoning: { type: 'answer', reasoning: 'Let me think …', text: 'Yes.' },
  refusal: { type: 'answer', refusal: 'I will not say thät.' },
  calls: {
    type: 'answer',
    text: 'A moment.',
    toolCalls: [
      { name: 'get_weather', arguments: { city: 'Tromsø 👋' } },
      { name: 'get_time', arguments: {} },
    ],
  },
  filtered: { type: 'answer', text: 'This is', ending: 'content-filter' },
  refused: { type: 'answer', text: 'No.', ending: 'refusal' },
  paused: { type: 'answer', text: 'A moment', ending: 'pause' },
  full: { type: 'answer', text: 'One more', ending: 'context-length' },
}

export const streamingChecks = topic('streaming', [
  [
    'every stream keeps to the grammar, wherever its bytes are split',
    async bench => {
      for (const [name, answer] of Object.entries(answers)) {
        let first: string | undefined
        for (const bytes of [65_536, 1, 3, 7]) {
          bench.simulator.script([answer, { type: 'chunk-size', bytes }])
          const chunks = checkedGrammar(await chunksOf(await send(bench)))
          const accumulator = new ResponseAccumulator()
          for (const chunk of chunks) accumulator.add(chunk)
          const said = JSON.stringify(comparable(accumulator.response()))
          first ??= said
          equal(said, first, `${name} in writes of ${bytes} bytes came out differently`)
        }
      }
    },
  ],
  [
    'a streamed answer equals the whole one',
    async bench => {
      for (const [name, answer] of Object.entries(answers)) {
        const [streamed, whole] = await both(bench, answer)
        deepEqual(comparable(streamed), comparable(whole), `${name} differs`)
      }
    },
  ],
  [
    'text comes through exactly',
    async bench => {
      const [streamed, whole] = await both(bench, answers.text as SimulatedAnswer)
      equal(responseText(streamed), answers.text?.text)
      equal(responseText(whole), answers.text?.text)
    },
  ],
  [
    'a piece is shown when it comes, not when the answer is over',
    async bench => {
      const pieces = ['one', ' two', ' three', ' four', ' five', ' six', ' seven', ' eight', ' nine', ' ten']
      // every dialect has begun its text by then, and none has ended it
      bench.simulator.script([
        { type: 'answer', pieces },
        { type: 'stall', atEvent: 6 },
      ])
      const stream = await send(bench)
      const shown = (async () => {
        for await (const chunk of stream) if (chunk.type === 'text-delta') return chunk.text
        return undefined
      })()
      equal(await within(bench.patienceMs, 'the first piece', shown), 'one')
    },
  ],
  [
    'batches hold the same chunks as the iteration',
    async bench => {
      const iterated = await chunksOf(await send(bench))
      const batched: MessageChunk[] = []
      for await (const batch of (await send(bench)).batches()) batched.push(...batch)
      deepEqual(batched.map(stable), iterated.map(stable))
    },
  ],
  [
    'an answer names its model as provider/model, and says that it is simulated',
    async bench => {
      for (const stream of [true, false]) {
        const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
        equal(answer.model, `${bench.provider.id}/${bench.model}`)
        equal(answer.simulated, true)
      }
    },
  ],
  [
    'an answer has the id that the provider gave it',
    async bench => {
      for (const stream of [true, false]) {
        const { id } = await answerTo(bench, asking(bench, 'Hi', { stream }))
        ok(id !== undefined && id !== '', 'the id is missing')
      }
    },
    'answer ids',
  ],
  [
    'comments and blank lines between events do no harm',
    async bench => {
      bench.simulator.script([{ type: 'answer', text: 'Fine.' }, { type: 'comments' }])
      const chunks = checkedGrammar(await chunksOf(await send(bench)))
      ok(chunks.some(chunk => chunk.type === 'text-delta'))
    },
  ],
  [
    'a stream that lacks only its terminator is the whole answer, or truncated',
    async bench => {
      bench.simulator.script([{ type: 'answer', text: 'Fine.' }, { type: 'no-terminator' }])
      const chunks = await chunksOf(await send(bench)).catch((error: unknown) => {
        ok(isSwitchyardError(error, 'truncated'), `it ended with ${String(error)}`)
        return []
      })
      if (chunks.length === 0) return
      const text = checkedGrammar(chunks).map(chunk => (chunk.type === 'text-delta' ? chunk.text : ''))
      equal(text.join(''), 'Fine.')
    },
  ],
  [
    'several choices come back, each whole',
    async bench => {
      const answer: SimulatedAnswer = {
        type: 'answer',
        text: 'one a',
        otherChoices: [{ type: 'answer', text: 'two b' }],
      }
      const { dialect } = bench.options
      const extra = { [dialect]: knownDialects[dialect]?.twoChoices ?? { n: 2 } }
      for (const stream of [true, false]) {
        bench.simulator.script([answer])
        const said = await answerTo(bench, asking(bench, 'Hi', { stream, extra }))
        equal(responseText(said), 'one a')
        deepEqual(said.otherChoices?.map(responseText), ['two b'])
      }
    },
    'several choices',
  ],
])

async function both(
  bench: Bench,
  answer: SimulatedAnswer,
): Promise<readonly [streamed: MessageResponse, whole: MessageResponse]> {
  bench.simulator.script(answer, answer)
  const streamed = await answerTo(bench, asking(bench, 'Hi'))
  return [streamed, await answerTo(bench, asking(bench, 'Hi', { stream: false }))]
}

/** A chunk without what tells the time, or the request. */
function stable(chunk: MessageChunk): object {
  if (chunk.type === 'start') return { ...chunk, created: undefined, extra: undefined }
  return chunk.type === 'finish' ? { ...chunk, usage: undefined, extra: undefined } : chunk
}

/** What must not depend on the way an answer came. */
function comparable({ content, reason, rawReason, usage, model, id }: MessageResponse): object {
  const { raw: _, ...counted } = usage ?? { raw: undefined }
  return { id, model, reason, rawReason, usage: counted, content: content.map(part => ({ ...part, extra: undefined })) }
}
