import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Message, MessageResponse, Tool, ToolCallPart } from '@switchyard/core/contract'
import type { Fault, SimulatedToolCall } from '@switchyard/simulator'
import { type Bench, topic } from '../conformance.ts'
import { answerTo, asking, chunksOf, send, sentBody } from '../expectations.ts'
import { checkedGrammar } from '../grammar.ts'

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const weather: Tool = { name: 'get_weather', description: 'The weather of a city.', parameters }
const time: Tool = { name: 'get_time', parameters: { type: 'object', properties: {} } }
const tools = [weather, time]

export const toolChecks = topic('tools', [
  [
    'a call arrives with its parsed arguments',
    bench => calls(bench, [{ name: 'get_weather', arguments: { city: 'Oslo' } }]),
  ],
  [
    'parallel calls arrive apart and in order',
    bench =>
      calls(bench, [
        { name: 'get_weather', arguments: { city: 'Oslo' } },
        { name: 'get_weather', arguments: { city: 'São Paulo' } },
        { name: 'get_time', arguments: {} },
      ]),
  ],
  [
    'calls that come in one piece are no different',
    bench => calls(bench, [{ name: 'get_weather', arguments: { city: 'Oslo' } }], { type: 'whole-tool-calls' }),
  ],
  [
    'calls without an index are told apart',
    bench =>
      calls(
        bench,
        [
          { name: 'get_weather', arguments: { city: 'Oslo' } },
          { name: 'get_weather', arguments: { city: 'Rome' } },
        ],
        { type: 'tool-calls-without-index' },
      ),
  ],
  [
    'arguments are shown in the fragments they come in',
    async bench => {
      bench.simulator.script([{ type: 'answer', toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }])
      const chunks = checkedGrammar(await chunksOf(await send(bench, asking(bench, 'Weather?', { tools }))))
      const fragments = chunks.filter(chunk => chunk.type === 'tool-call-delta').map(chunk => chunk.text)
      ok(fragments.length > 1, 'the arguments came in one piece')
      equal(fragments.join(''), '{"city":"Oslo"}')
    },
  ],
  [
    'arguments that do not parse come back as their text, with the reason',
    async bench => {
      for (const stream of [true, false]) {
        for (const text of ['{"city": Oslo}', '["Oslo"]', '{"city":"Os']) {
          bench.simulator.script([{ type: 'answer', toolCalls: [{ name: 'get_weather', arguments: text }] }])
          const [call] = callsIn(await answerTo(bench, asking(bench, 'Weather?', { tools, stream })))
          equal(call?.input, undefined)
          equal(call?.invalid?.text, text)
          ok((call?.invalid?.reason ?? '') !== '', 'the reason is missing')
        }
      }
    },
  ],
  [
    'a call that the output cap cuts is incomplete',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script([{ type: 'answer', toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }])
        const answer = await answerTo(bench, asking(bench, 'Weather?', { tools, stream, maxOutputTokens: 4 }))
        equal(answer.reason, 'length')
        const [call] = callsIn(answer)
        equal(call?.complete, false)
        equal(call?.input, undefined)
      }
    },
  ],
  [
    'a call, its result and the answer make a conversation that the server accepts',
    async bench => {
      const question: Message = { role: 'user', content: 'Weather in Oslo and Rome?' }
      const first = await answerTo(bench, { model: bench.model, messages: [question], tools })
      const made = callsIn(first)
      equal(made.length, 2)
      equal(new Set(made.map(call => call.id)).size, 2)
      const results: Message = {
        role: 'tool',
        content: made.map(call => ({
          type: 'tool-result',
          callId: call.id,
          content: `7 degrees in ${call.input?.city}`,
        })),
      }
      const messages: Message[] = [question, { role: 'assistant', content: first.content }, results]
      const last = await answerTo(bench, { model: bench.model, messages, tools })
      const said = last.content.map(part => (part.type === 'text' ? part.text : '')).join('')
      ok(said.includes('7 degrees in Oslo') && said.includes('7 degrees in Rome'), `it said: ${said}`)
      equal(last.reason, 'stop')
    },
  ],
  [
    'tools, choice and parallel calls reach the server as they were asked for',
    async bench => {
      await answerTo(bench, asking(bench, 'Hi', { tools, toolChoice: { type: 'none' } }))
      const sent = sentBody(bench).tools as readonly { readonly function: object }[]
      deepEqual(
        sent.map(tool => tool.function),
        [weather, time],
      )
      const forced = await answerTo(
        bench,
        asking(bench, 'Hi', { tools, toolChoice: { type: 'tool', name: 'get_time' } }),
      )
      deepEqual(
        callsIn(forced).map(call => call.name),
        ['get_time'],
      )
      const required = await answerTo(bench, asking(bench, 'Hi', { tools, toolChoice: { type: 'required' } }))
      equal(callsIn(required).length, 1)
      const cities = 'Weather in Oslo and Rome?'
      const single = await answerTo(bench, asking(bench, cities, { tools, parallelToolCalls: false }))
      equal(callsIn(single).length, 1)
    },
  ],
])

async function calls(
  bench: Bench,
  toolCalls: readonly SimulatedToolCall[],
  ...faults: readonly Fault[]
): Promise<void> {
  for (const stream of [true, false]) {
    bench.simulator.script([{ type: 'answer', toolCalls }, ...faults])
    const answer = await answerTo(bench, asking(bench, 'Weather?', { tools, stream }))
    equal(answer.reason, 'tool-calls')
    const made = callsIn(answer)
    deepEqual(
      made.map(({ name, input }) => ({ name, input })),
      toolCalls.map(call => ({ name: call.name, input: call.arguments })),
    )
    for (const call of made) ok(/^[A-Za-z0-9_-]{1,40}$/.test(call.id), `the id ${call.id} cannot be sent back`)
    equal(new Set(made.map(call => call.id)).size, made.length, 'ids are not unique')
  }
}

function callsIn(answer: MessageResponse): readonly (ToolCallPart & { readonly complete?: false })[] {
  return answer.content.filter(part => part.type === 'tool-call')
}
