import { equal, ok } from 'node:assert/strict'
import type { MessageRequest } from '@switchyard/core/contract'
import { type Bench, topic } from '../conformance.ts'
import { tools } from '../conversations/conversation.ts'
import { within } from '../eventually.ts'
import { answerTo, asking, failure, tokenCount } from '../expectations.ts'
import { pixel } from '../media.ts'

export const tokenCountChecks = topic('token counting', [
  [
    'a text is counted as it is billed',
    bench => countsAsBilled(bench, asking(bench, 'How many tokens are these, and what will they cost?')),
    'token count',
  ],
  [
    'a conversation with a system message is counted as it is billed',
    bench => {
      const messages = [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two' },
        { role: 'user', content: 'Three' },
      ] as const
      return countsAsBilled(bench, asking(bench, '', { messages }))
    },
    'token count',
  ],
  [
    'tools and their schemas are counted as they are billed',
    bench => countsAsBilled(bench, asking(bench, 'Hi', { tools })),
    'token count',
  ],
  [
    'images are counted as they are billed',
    bench => {
      const content = [{ type: 'text', text: 'What is it?' } as const, { type: 'image', source: pixel } as const]
      return countsAsBilled(bench, asking(bench, '', { messages: [{ role: 'user', content }] }))
    },
    'token count',
    'image bytes',
  ],
  [
    'counting costs nothing, and settings of the answer do not matter',
    async bench => {
      const plain = await tokenCount(bench, asking(bench, 'Hi'))
      equal(await tokenCount(bench, asking(bench, 'Hi', { maxOutputTokens: 50, stream: true })), plain)
      equal(bench.simulator.bill.totals.requests, 0, 'it was billed')
      ok(Number.isSafeInteger(plain) && plain > 0)
    },
    'token count',
  ],
  [
    'counting fails as other calls do, and ends with its signal',
    async bench => {
      bench.simulator.script({ type: 'status', kind: 'overloaded' }, { type: 'status', status: 200, body: '{"no": 1}' })
      await failure(tokenCount(bench, asking(bench, 'Hi')), 'overloaded')
      await failure(tokenCount(bench, asking(bench, 'Hi')), 'protocol')
      await failure(tokenCount(bench, asking(bench, 'Hi', { model: 'nope' })), 'not-found')
      bench.simulator.script({ type: 'silence' })
      const abort = new AbortController()
      const counted = failure(tokenCount(bench, asking(bench, 'Hi'), { signal: abort.signal }), 'aborted')
      await bench.simulator.waitForRequests(4, bench.patienceMs)
      abort.abort()
      await within(bench.patienceMs, 'the rejection', counted)
      await bench.simulator.waitForClose(undefined, bench.patienceMs)
    },
    'token count',
  ],
])

async function countsAsBilled(bench: Bench, request: MessageRequest): Promise<void> {
  const counted = await tokenCount(bench, request)
  await answerTo(bench, request)
  await bench.simulator.waitForIdle()
  equal(counted, bench.simulator.bill.entries.at(-1)?.inputTokens)
}
