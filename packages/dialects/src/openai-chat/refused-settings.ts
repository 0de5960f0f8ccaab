import type { CapabilityName, MessageRequest, ModelFacts } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { isObject, type JsonDraft } from '../json.ts'

type Setting = keyof MessageRequest

// what a capability allows: the wire's fields, and the request's where it has a word for them
const settingsOf: readonly (readonly [CapabilityName, readonly (readonly [field: string, setting?: Setting])[]])[] = [
  ['temperature', [['temperature']]],
  ['topP', [['top_p', 'topP']]],
  [
    'penalties',
    [
      ['frequency_penalty', 'frequencyPenalty'],
      ['presence_penalty', 'presencePenalty'],
    ],
  ],
  ['stop', [['stop']]],
  ['seed', [['seed']]],
  ['logprobs', [['logprobs'], ['top_logprobs']]],
  ['parallelToolCalls', [['parallel_tool_calls', 'parallelToolCalls']]],
  [
    'toolChoice',
    [
      ['tool_choice', 'toolChoice'],
      ['function_call', 'toolChoice'],
    ],
  ],
  ['reasoning', [['reasoning_effort', 'reasoningEffort']]],
]

/** Takes out of the body what the model is known to refuse. */
export function dropRefusedSettings(body: JsonDraft, facts: ModelFacts | undefined, dropped: Dropped): void {
  const capabilities = facts?.capabilities
  if (capabilities !== undefined) {
    for (const [capability, settings] of settingsOf) {
      if (capabilities[capability] !== false) continue
      for (const [field, setting = field] of settings) drop(body, field, setting, 'the model does not take it', dropped)
    }
    dropFormat(body, capabilities, dropped)
  }
  const effort = body.reasoning_effort
  if (facts?.reasoningEfforts && typeof effort === 'string' && !facts.reasoningEfforts.includes(effort)) {
    const taken = facts.reasoningEfforts.join(', ')
    const message = `the model does not take "${effort}"${taken && `, but ${taken}`}`
    drop(body, 'reasoning_effort', 'reasoningEffort', message, dropped)
  }
}

function drop(body: JsonDraft, field: string, setting: string, message: string, dropped: Dropped): void {
  if (body[field] === undefined) return
  const said = body[field] !== null
  delete body[field]
  if (said) dropped.add(setting, message)
}

function dropFormat(body: JsonDraft, capabilities: NonNullable<ModelFacts['capabilities']>, dropped: Dropped): void {
  const type = isObject(body.response_format) ? body.response_format.type : undefined
  const refuse = (message: string): void => drop(body, 'response_format', 'responseFormat', message, dropped)
  if (type === 'json_schema' && capabilities.jsonSchema === false) {
    if (capabilities.json === false) refuse('the model does not take a JSON Schema')
    else {
      dropped.add('responseFormat', 'the model does not take a JSON Schema; any JSON object is asked for instead')
      body.response_format = { type: 'json_object' }
    }
  }
  if (type === 'json_object' && capabilities.json === false) refuse('the model cannot be held to JSON')
}
