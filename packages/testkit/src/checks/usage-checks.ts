import { deepEqual, equal, ok } from 'node:assert/strict'
import { inputTokens, outputTokens } from '@switchyard/core/contract'
import { type ConformanceCheck, eitherWay, topic } from '../conformance.ts'
import { answerTo, asking, sentRequest } from '../expectations.ts'

const hints = eitherWay(
  'usage',
  'cache hints',
  'what is marked for the cache reaches the server with its mark, or without it where there is none, strict or not',
  async bench => {
    const text = { type: 'text', text: 'Be brief.', cache: { lifetime: '1h' } } as const
    const messages = [{ role: 'system', content: [text] } as const, { role: 'user', content: 'Hi' } as const]
    for (const strict of [true, false]) {
      await answerTo(bench, asking(bench, '', { messages }), { strict })
      const [first] = sentRequest(bench).messages
      const [part] = typeof first?.content === 'string' ? [] : (first?.content ?? [])
      const sent = part !== undefined && 'cache' in part ? part.cache : undefined
      deepEqual(sent, bench.lacks('cache hints') ? undefined : text.cache)
    }
  },
)

const counted = topic('usage', [
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
    'cached tokens',
  ],
  [
    'tokens written to the cache are counted apart from the others, by lifetime',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'answer', text: 'Yes.', cacheWriteTokens: 4 }])
        const { usage } = await answerTo(bench, asking(bench, 'One two three four five six?', { stream }))
        await bench.simulator.waitForIdle()
        const billed = bench.simulator.bill.entries.at(-1)
        deepEqual(usage?.input.cacheWrite, billed?.cacheWriteTokens)
        equal(usage?.input.uncached, (billed?.inputTokens ?? 0) - 4)
      }
    },
    'cache writes',
  ],
  [
    'reasoning tokens are counted apart from the text',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script('one two three')
        const request = asking(bench, 'Hi', { stream, model: bench.modelFor('reasoning'), reasoningEffort: 'medium' })
        const { usage } = await answerTo(bench, request)
        await bench.simulator.waitForIdle()
        const billed = bench.simulator.bill.entries.at(-1)
        ok(billed !== undefined && billed.reasoningTokens > 0, 'the simulated model did not think')
        deepEqual(usage?.output, { text: 3, reasoning: billed.reasoningTokens })
      }
    },
    'reasoning tokens',
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

export const usageChecks: readonly ConformanceCheck[] = [hints, ...counted]
