import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Message, responseText } from '@switchyard/core/contract'
import { type Bench, topic } from '../conformance.ts'
import { answerTo, asking, sentRequest } from '../expectations.ts'

const endings = [
  ['content-filter', 'content filter'],
  ['refusal', 'refusal ending'],
  ['pause', 'pause'],
  ['context-length', 'context length ending'],
] as const

export const contentChecks = topic('content', [
  [
    'system messages reach the server before the others',
    async bench => {
      await answerTo(bench, asking(bench, '', { messages: [{ role: 'system', content: 'Be brief.' }, user('Hi')] }))
      const [first] = sentRequest(bench).messages
      equal(first?.role, 'system')
      equal(first && textOf(first), 'Be brief.')
    },
  ],
  [
    'a conversation keeps its order and its words',
    async bench => {
      const messages = [user('One'), { role: 'assistant' as const, content: 'Two' }, user('Three')]
      const answer = await answerTo(bench, asking(bench, '', { messages }))
      ok(responseText(answer).includes('You said: Three'))
      deepEqual(
        sentRequest(bench).messages.map(message => [message.role, textOf(message)]),
        [
          ['user', 'One'],
          ['assistant', 'Two'],
          ['user', 'Three'],
        ],
      )
    },
  ],
  [
    'a refusal is text that says so',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'answer', refusal: 'I will not.' }])
        const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
        const [part] = answer.content
        ok(part?.type === 'text' && part.refusal === true && part.text === 'I will not.')
        equal(answer.reason, 'refusal')
      }
    },
    'refusal text',
  ],
  [
    'an answer that the output cap cuts ends with length, its last block incomplete',
    async bench => {
      for (const stream of [true, false]) {
        // Responses take no cap below 16
        bench.simulator.script(Array(20).fill('one').join(' '))
        const answer = await answerTo(bench, asking(bench, 'Count', { stream, maxOutputTokens: 16 }))
        equal(answer.reason, 'length')
        equal(responseText(answer), Array(16).fill('one').join(' '))
        const last = answer.content.at(-1)
        ok(last !== undefined && 'complete' in last && last.complete === false, 'the block claims to be complete')
      }
    },
  ],
  ...endings.map(
    ([ending, feature]) =>
      [
        `the ending "${ending}" is told, with the provider's own word`,
        async (bench: Bench) => {
          for (const stream of [true, false]) {
            bench.simulator.script([{ type: 'answer', text: 'It is', ending }])
            const answer = await answerTo(bench, asking(bench, 'Hi', { stream }))
            equal(answer.reason, ending)
            ok((answer.rawReason ?? '') !== '', "the provider's own word is lost")
            equal(responseText(answer), 'It is')
          }
        },
        feature,
      ] as const,
  ),
])

function user(content: string) {
  return { role: 'user', content } as const
}

function textOf({ content }: Message): string {
  if (typeof content === 'string') return content
  return content.map(part => (part.type === 'text' ? part.text : '')).join('')
}
