import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Message, MessageResponse, Tool, ToolCallPart } from '@switchyard/core/contract'
import type { Fault, SimulatedToolCall } from '@switchyard/simulator'
import { type Bench, type ConformanceCheck, eitherWay, topic } from '../conformance.ts'
import { answerTo, asking, chunksOf, send, sentRequest } from '../expectations.ts'
import { checkedGrammar } from '../grammar.ts'
import { expectLeftOut } from '../left-out.ts'

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const weather: Tool = { name: 'get_weather', description: 'The weather of a city.', parameters }
const time: Tool = { name: 'get_time', parameters: { type: 'object', properties: {} } }
const tools = [weather, time]

const callChecks = topic('tools', [
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
    'lax tool calls',
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
    'lax tool calls',
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
    'argument fragments',
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
    'argument text',
  ],
  [
    'a call that the output cap cuts is incomplete',
    async bench => {
      for (const stream of [true, false]) {
        const long = { city: 'Oslo '.repeat(30) }
        bench.simulator.script([{ type: 'answer', toolCalls: [{ name: 'get_weather', arguments: long }] }])
        const answer = await answerTo(bench, asking(bench, 'Weather?', { tools, stream, maxOutputTokens: 16 }))
        equal(answer.reason, 'length')
        const [call] = callsIn(answer)
        equal(call?.complete, false)
        equal(call?.input, undefined)
      }
    },
    'argument text',
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
    'tools reach the server with their descriptions and schemas',
    async bench => {
      await answerTo(bench, asking(bench, 'Hi', { tools }))
      const sent = (sentRequest(bench).tools ?? []).map(tool => {
        ok(!('type' in tool), 'it is no tool of the contract')
        const { name, description, parameters } = tool
        return description === undefined ? { name, parameters } : { name, description, parameters }
      })
      deepEqual(sent, tools)
    },
  ],
  [
    'tools can be forbidden',
    async bench => {
      const toolChoice = { type: 'none' } as const
      const answer = await answerTo(bench, asking(bench, 'Weather in Oslo?', { tools, toolChoice }))
      deepEqual(callsIn(answer), [])
      equal(answer.reason, 'stop')
    },
  ],
])

const choiceChecks = [
  eitherWay(
    'tools',
    'tool choice',
    'tools can be forced, any or one, or the choice is left out with a warning',
    async bench => {
      const named = asking(bench, 'Hi', { tools, toolChoice: { type: 'tool', name: 'get_time' } })
      const any = asking(bench, 'Hi', { tools, toolChoice: { type: 'required' } })
      if (bench.lacks('tool choice')) {
        await expectLeftOut(bench, 'toolChoice', named)
        return expectLeftOut(bench, 'toolChoice', any)
      }
      deepEqual(
        callsIn(await answerTo(bench, named)).map(call => call.name),
        ['get_time'],
      )
      equal(callsIn(await answerTo(bench, any)).length, 1)
    },
  ),
  eitherWay(
    'tools',
    'single calls',
    'one call at a time can be asked for, or that is left out with a warning',
    async bench => {
      const request = asking(bench, 'Weather in Oslo and Rome?', { tools })
      equal(callsIn(await answerTo(bench, request)).length, 2)
      const single = { ...request, parallelToolCalls: false }
      if (bench.lacks('single calls')) return expectLeftOut(bench, 'parallelToolCalls', single)
      equal(callsIn(await answerTo(bench, single)).length, 1)
    },
  ),
]

export const toolChecks: readonly ConformanceCheck[] = [...callChecks, ...choiceChecks]

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
