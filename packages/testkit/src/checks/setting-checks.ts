import { deepEqual, equal, ok } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { type CapabilityName, type MessageRequest, type ModelFactsPort, responseText } from '@switchyard/core/contract'
import { type Bench, type ConformanceCheck, eitherWay, topic } from '../conformance.ts'
import { tools } from '../conversations/conversation.ts'
import { answerTo, asking, failure, knowing, sentRequest } from '../expectations.ts'
import { expectLeftOut } from '../left-out.ts'

const settings = {
  temperature: { value: 0.3, capability: 'temperature' },
  topP: { value: 0.9, capability: 'topP' },
  stop: { value: ['END'], capability: 'stop' },
  frequencyPenalty: { value: 0.1, capability: 'penalties' },
  presencePenalty: { value: -0.1, capability: 'penalties' },
  seed: { value: 7, capability: 'seed' },
} as const satisfies Readonly<Record<string, { readonly value: unknown; readonly capability: CapabilityName }>>

const schema = {
  type: 'json-schema',
  name: 'answer',
  schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
} as const

type Setting = keyof typeof settings
const names = Object.keys(settings) as readonly Setting[]

const eachSetting = names.map(setting =>
  eitherWay(
    'settings',
    setting,
    `${setting} reaches the server, or is left out with a warning where the wire has no word for it`,
    bench => {
      if (!bench.lacks(setting)) return arrives(bench, setting)
      return expectLeftOut(bench, setting, asking(bench, 'Hi', { [setting]: settings[setting].value }))
    },
  ),
)

const allSettings = topic('settings', [
  [
    'the output cap reaches the server, whatever the model calls it',
    async bench => {
      for (const model of [bench.model, bench.simulator.models.reasoning ?? bench.model]) {
        const { warnings } = await answerTo(bench, asking(bench, 'Hi', { model, maxOutputTokens: 1_300 }))
        equal(sentRequest(bench).maxOutputTokens, 1_300)
        deepEqual(warnings ?? [], [])
      }
    },
  ],
  [
    'what a model is known not to take is left out with a warning, and refused when strict',
    async bench => {
      const { facts, request } = unwelcome(bench)
      const provider = await bench.create({ facts })
      const expected = names.filter(name => request[name] !== undefined).toSorted()
      for (const stream of [true, false]) {
        const answer = await (await provider.sendMessage({ ...request, stream })).response()
        const warned = (answer.warnings ?? []).map(warning => warning.setting)
        deepEqual(warned.toSorted(), expected)
        for (const { message } of answer.warnings ?? []) ok(message.trim() !== '', 'a warning says nothing')
        const sent = sentRequest(bench)
        for (const name of names) equal(sent[name], undefined, `${name} was sent all the same`)
      }
      for (const name of expected) {
        const before = bench.simulator.requestCount
        const { model, messages } = request
        const call = provider.sendMessage({ model, messages, [name]: request[name] } as MessageRequest, {
          strict: true,
        })
        const { message } = await failure(call, 'unsupported')
        ok(message.includes(name), `the refusal does not name ${name}: ${message}`)
        equal(bench.simulator.requestCount, before, `${name} was sent all the same`)
      }
    },
  ],
  [
    'what a model is known not to take of tools and formats is left out with a warning, and refused when strict',
    async bench => {
      const cases = [
        { setting: 'toolChoice', facts: { capabilities: { toolChoice: false } }, value: { type: 'required' } },
        { setting: 'toolChoice', facts: { forcedToolChoice: false }, value: { type: 'tool', name: 'get_time' } },
        { setting: 'parallelToolCalls', facts: { capabilities: { parallelToolCalls: false } }, value: false },
        { setting: 'responseFormat', facts: { capabilities: { json: false, jsonSchema: false } }, value: schema },
        { setting: 'responseFormat', facts: { capabilities: { json: false } }, value: { type: 'json' } },
      ] as const
      for (const { setting, facts, value } of cases) {
        const provider = await bench.create({ facts: knowing(bench, facts) })
        const request = asking(bench, 'Hi', {
          ...(setting !== 'responseFormat' && { tools }),
          [setting]: value,
        })
        const { warnings } = await (await provider.sendMessage(request)).response()
        const where = `${setting}, known as ${JSON.stringify(facts)}`
        deepEqual(
          warnings?.map(warning => warning.setting),
          [setting],
          where,
        )
        ok(!isDeepStrictEqual(sentRequest(bench)[setting], value), `${where}: it was sent all the same`)
        const before = bench.simulator.requestCount
        const { message } = await failure(provider.sendMessage(request, { strict: true }), 'unsupported')
        ok(message.includes(setting), `${where}: the refusal does not name it: ${message}`)
        equal(bench.simulator.requestCount, before, `${where}: strict sent it`)
      }
    },
  ],
  [
    'a request that takes all that it asks for has no warnings, and strict changes nothing',
    async bench => {
      const { warnings } = await answerTo(bench, asking(bench, 'Hi'), { strict: true })
      deepEqual(warnings ?? [], [])
    },
  ],
  [
    'a stop sequence ends the answer before it',
    async bench => {
      for (const stream of [true, false]) {
        bench.simulator.script('one two three')
        const answer = await answerTo(bench, asking(bench, 'Count', { stop: [' three'], stream }))
        equal(responseText(answer), 'one two')
        ok(answer.reason === 'stop' || answer.reason === 'stop-sequence')
      }
    },
    'stop',
  ],
])

export const settingChecks: readonly ConformanceCheck[] = [...eachSetting, ...allSettings]

async function arrives(bench: Bench, setting: Setting): Promise<void> {
  const { value, capability } = settings[setting]
  const { warnings } = await answerTo(
    bench,
    asking(bench, 'Hi', { model: taking(bench, capability), [setting]: value }),
  )
  deepEqual(sentRequest(bench)[setting], value)
  deepEqual(warnings ?? [], [])
}

/** A simulated model that is not known to refuse it. */
function taking(bench: Bench, capability: CapabilityName): string {
  const candidates = [bench.model, ...Object.values(bench.simulator.models)]
  const refuses = (model: string) => bench.facts(bench.provider.id, model)?.capabilities?.[capability] === false
  return candidates.find(model => !refuses(model)) ?? bench.model
}

/** A request with everything that its model is known to refuse. */
function unwelcome(bench: Bench): { readonly facts: ModelFactsPort; readonly request: MessageRequest } {
  const capabilities = Object.fromEntries(Object.values(settings).map(({ capability }) => [capability, false]))
  const values = Object.fromEntries(names.map(name => [name, settings[name].value]))
  return { facts: knowing(bench, { capabilities }), request: asking(bench, 'Hi', values) }
}
