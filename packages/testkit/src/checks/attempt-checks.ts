import { equal } from 'node:assert/strict'
import type { AnswerEnding, Fault } from '@switchyard/simulator'
import { topic } from '../conformance.ts'
import { tools } from '../conversations/conversation.ts'
import { answerTo, asking, embedding, failure, tokenCount } from '../expectations.ts'

const retryable: readonly Fault[] = [
  ...[408, 409, 429, 500, 502, 503, 504, 529].map(status => ({ type: 'status', status }) as const),
  { type: 'status', status: 429, retryAfter: 0 },
  { type: 'status', status: 500, headers: { 'x-should-retry': 'true' } },
  { type: 'reset' },
  { type: 'reset', atByte: 0 },
  { type: 'cut', atByte: 10 },
  { type: 'error-event', atEvent: 0 },
  { type: 'malformed-event', atEvent: 0 },
]

const endings: readonly AnswerEnding[] = [
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'refusal',
  'pause',
  'context-length',
]

export const attemptChecks = topic('attempts', [
  [
    'one answer is one request, however it ends and whatever was asked',
    async bench => {
      const messages = [{ role: 'user', content: 'One' } as const, { role: 'user', content: 'Two' } as const]
      const requests = [{}, { maxOutputTokens: 16 }, { tools }, { messages }]
      for (const ending of endings) {
        for (const request of requests) {
          for (const stream of [true, false]) {
            const before = bench.simulator.requestCount
            bench.simulator.script([{ type: 'answer', text: 'one two three', ending }])
            await answerTo(bench, asking(bench, 'Hi', { ...request, stream }))
            equal(bench.simulator.requestCount - before, 1, `${ending} after ${JSON.stringify(request)}`)
          }
        }
      }
    },
  ],
  [
    'one call is one request, whatever goes wrong',
    async bench => {
      for (const fault of retryable) {
        for (const stream of [true, false]) {
          const before = bench.simulator.requestCount
          bench.simulator.script(fault)
          await failure(answerTo(bench, asking(bench, 'Hi', { stream })))
          equal(bench.simulator.requestCount - before, 1, `${JSON.stringify(fault)} was tried again`)
        }
      }
    },
  ],
  [
    'asking for models is tried once, too',
    async ({ provider, simulator }) => {
      simulator.setFault({ type: 'status', status: 503 })
      await failure(provider.getModels())
      equal(simulator.requestCount, 1)
    },
  ],
  [
    'asking for vectors is tried once, too',
    async bench => {
      bench.simulator.setFault({ type: 'status', status: 503 })
      await failure(embedding(bench, { model: bench.modelFor('embedding'), input: ['a'] }))
      equal(bench.simulator.requestCount, 1)
    },
    'embeddings',
  ],
  [
    'counting tokens is tried once, too',
    async bench => {
      bench.simulator.setFault({ type: 'status', status: 503 })
      await failure(tokenCount(bench, asking(bench, 'Hi')))
      equal(bench.simulator.requestCount, 1)
    },
    'token count',
  ],
])
