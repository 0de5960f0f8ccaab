import { deepEqual, equal, ok } from 'node:assert/strict'
import { type Message, type MessageRequest, type ResponsePart, responseText } from '@switchyard/core/contract'
import type { SimulatedAnswer } from '@switchyard/simulator'
import { type Bench, type ConformanceCheck, eitherWay, topic } from '../conformance.ts'
import { weather } from '../conversations/conversation.ts'
import { answerTo, asking, chunksOf, failure, knowing, send, sentRequest } from '../expectations.ts'
import { checkedGrammar } from '../grammar.ts'
import { expectLeftOut } from '../left-out.ts'

const thinking: SimulatedAnswer = { type: 'answer', reasoning: 'Let me think about it …', text: 'Yes.' }
const calling: SimulatedAnswer = {
  type: 'answer',
  reasoning: 'I should look.',
  toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }],
}

const effort = eitherWay(
  'reasoning',
  'reasoning effort',
  'how hard to think reaches the server, or is left out with a warning',
  async bench => {
    const request = pondering(bench, { reasoningEffort: 'low' })
    if (bench.lacks('reasoning effort')) return expectLeftOut(bench, 'reasoningEffort', request)
    const { warnings } = await answerTo(bench, request)
    equal(sentRequest(bench).reasoningEffort, 'low')
    deepEqual(warnings ?? [], [])
  },
)

const thoughtChecks = topic('reasoning', [
  [
    'what the model thinks comes as reasoning, before the text and apart from it',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script(thinking)
        const answer = await answerTo(bench, pondering(bench, { stream }))
        const [first] = answer.content
        ok(first?.type === 'reasoning', `the answer begins with ${first?.type}`)
        equal(first.text, 'Let me think about it …')
        equal(first.origin, bench.options.dialect)
        equal(responseText(answer), 'Yes.')
      }
    },
    'reasoning text',
  ],
  [
    'reasoning is shown while the model thinks',
    async bench => {
      bench.simulator.script(thinking)
      const chunks = checkedGrammar(await chunksOf(await send(bench, pondering(bench))))
      const pieces = chunks.filter(chunk => chunk.type === 'reasoning-delta').map(chunk => chunk.text)
      ok(pieces.length > 1, 'it came in one piece')
      equal(pieces.join(''), 'Let me think about it …')
    },
    'reasoning text',
  ],
  [
    'a model that is known not to think is not asked to, with a warning, and strict refuses',
    async bench => {
      const provider = await bench.create({ facts: knowing(bench, { capabilities: { reasoning: false } }) })
      const request = asking(bench, 'Hi', { reasoningEffort: 'high' })
      const { warnings } = await (await provider.sendMessage(request)).response()
      deepEqual(
        warnings?.map(warning => warning.setting),
        ['reasoningEffort'],
      )
      equal(sentRequest(bench).reasoningEffort, undefined)
      await failure(provider.sendMessage(request, { strict: true }), 'unsupported')
      equal(bench.simulator.requestCount, 1, 'it was sent all the same')
    },
  ],
  [
    'reasoning goes back to its origin unchanged, and the server takes it in a tool loop',
    async bench => {
      for (const stream of [true, false]) {
        const { answer, request } = await called(bench, stream)
        ok(thoughtsIn(answer).length > 0, 'the answer holds no thoughts')
        await answerTo(bench, request)
        const sent = sentRequest(bench).messages.find(message => message.role === 'assistant')
        deepEqual(thoughtsIn(sent?.content ?? []), thoughtsIn(answer))
      }
    },
    'reasoning replay',
  ],
  [
    'reasoning goes back through two rounds of tools',
    async bench => {
      const first = await called(bench, true)
      bench.simulator.script(calling)
      const second = await answerTo(bench, first.request)
      ok(thoughtsIn(second.content).length > 0, 'the second answer holds no thoughts')
      const request = { ...first.request, messages: [...first.request.messages, ...answeredTurn(second.content)] }
      await answerTo(bench, request)
      const sent = sentRequest(bench).messages.filter(message => message.role === 'assistant')
      deepEqual(
        sent.map(message => thoughtsIn(message.content)),
        [thoughtsIn(first.answer), thoughtsIn(second.content)],
      )
    },
    'reasoning replay',
  ],
  [
    'reasoning that somebody changed is refused by the server, and that is told',
    async bench => {
      const { answer, request } = await called(bench, true)
      const forged = answer.map(part => (part.type === 'reasoning' ? { ...part, signature: 'Zm9yZ2Vk' } : part))
      const messages = [...request.messages.slice(0, 1), ...answeredTurn(forged)]
      await failure(answerTo(bench, { ...request, messages }), 'invalid-request')
    },
    'reasoning replay',
    'signed reasoning',
  ],
])

export const reasoningChecks: readonly ConformanceCheck[] = [effort, ...thoughtChecks]

function pondering(bench: Bench, more: Partial<MessageRequest> = {}): MessageRequest {
  return asking(bench, 'Is it so?', { model: bench.modelFor('reasoning'), reasoningEffort: 'medium', ...more })
}

/** An answer that thinks and calls a tool, and the request that gives it the result. */
async function called(bench: Bench, stream: boolean) {
  const question: Message = { role: 'user', content: 'Weather in Oslo?' }
  const first = pondering(bench, { messages: [question], tools: [weather], stream })
  bench.simulator.script(calling)
  const { content } = await answerTo(bench, first)
  return { answer: content, request: { ...first, messages: [question, ...answeredTurn(content)] } }
}

function answeredTurn(content: readonly ResponsePart[]): readonly Message[] {
  const results = content
    .filter(part => part.type === 'tool-call')
    .map(({ id }) => ({ type: 'tool-result', callId: id, content: '7 degrees' }) as const)
  return [
    { role: 'assistant', content },
    { role: 'tool', content: results },
  ]
}

/** What of a turn only its origin can read: reasoning with its seal, and whatever nobody else knows. */
function thoughtsIn(content: Message['content']): readonly unknown[] {
  if (typeof content === 'string') return []
  return content.flatMap((part): readonly unknown[] => {
    if (part.type === 'reasoning') return [[part.text, part.signature]]
    if (part.type === 'opaque') return [part.value]
    return part.extra === undefined ? [] : [part.extra]
  })
}
