import { deepEqual, equal, ok } from 'node:assert/strict'
import { inputTokens, outputTokens } from '@switchyard/core/contract'
import { topic } from '../conformance.ts'
import { answerTo, asking, sentBody } from '../expectations.ts'

export const usageChecks = topic('usage', [
  [
    'usage is what the provider bills, streamed or not',
    async bench => {
      for (const stream of [true, false]) {
        const { usage } = await answerTo(bench, asking(bench, 'How much is it?', { stream }))
        await bench.simulator.waitForIdle()
        const billed = bench.simulator.bill.entries.at(-1)
        ok(usage !== undefined, 'there is no usage')
        deepEqual([inputTokens(usage), outputTokens(usage)], [billed?.inputTokens, billed?.outputTokens])
      }
    },
  ],
  [
    'cached tokens are counted apart from the others',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'answer', text: 'Yes.', cachedTokens: 5 }])
        const { usage } = await answerTo(bench, asking(bench, 'One two three four five six?', { stream }))
        await bench.simulator.waitForIdle()
        equal(usage?.input.cacheRead, 5)
        equal(usage?.input.uncached, (bench.simulator.bill.entries.at(-1)?.inputTokens ?? 0) - 5)
      }
    },
  ],
  [
    'reasoning tokens are counted apart from the text',
    async bench => {
      const facts = () => ({ capabilities: { reasoning: true }, outputCapParameter: 'max_completion_tokens' }) as const
      const provider = await bench.create({ facts })
      for (const stream of [true, false]) {
        bench.simulator.script('one two three')
        const request = { ...asking(bench, 'Hi', { stream }), model: 'gpt-sim-reasoning' }
        const { usage } = await (await provider.sendMessage(request)).response()
        deepEqual(usage?.output, { text: 3, reasoning: 64 })
      }
    },
  ],
  [
    'a stream asks for its usage',
    async bench => {
      await answerTo(bench)
      deepEqual((sentBody(bench).stream_options as { include_usage?: boolean } | undefined)?.include_usage, true)
    },
  ],
  [
    'an answer whose usage was never told has none, and not zero',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'no-usage' }])
        const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
        equal(answer.usage, undefined)
        equal(answer.reason, 'stop')
      }
    },
  ],
])
