import type { CapabilityName, ModelFacts } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { isObject, type JsonDraft } from '../json.ts'

const settingsOf: readonly (readonly [CapabilityName, readonly string[]])[] = [
  ['temperature', ['temperature']],
  ['topP', ['top_p']],
  ['penalties', ['frequency_penalty', 'presence_penalty']],
  ['stop', ['stop']],
  ['seed', ['seed']],
  ['logprobs', ['logprobs', 'top_logprobs']],
  ['parallelToolCalls', ['parallel_tool_calls']],
  ['toolChoice', ['tool_choice', 'function_call']],
  ['reasoning', ['reasoning_effort']],
]

/** Takes out of the body what the model is known to refuse. */
export function dropRefusedSettings(body: JsonDraft, facts: ModelFacts | undefined, dropped: Dropped): void {
  const capabilities = facts?.capabilities
  if (capabilities !== undefined) {
    for (const [capability, fields] of settingsOf) {
      if (capabilities[capability] !== false) continue
      for (const field of fields) drop(body, field, 'the model does not take it', dropped)
    }
    dropFormat(body, capabilities, dropped)
  }
  const effort = body.reasoning_effort
  if (facts?.reasoningEfforts && typeof effort === 'string' && !facts.reasoningEfforts.includes(effort)) {
    const taken = facts.reasoningEfforts.join(', ')
    drop(body, 'reasoning_effort', `the model does not take "${effort}"${taken && `, but ${taken}`}`, dropped)
  }
}

function drop(body: JsonDraft, field: string, message: string, dropped: Dropped): void {
  if (body[field] === undefined) return
  const said = body[field] !== null
  delete body[field]
  if (said) dropped.add(field, message)
}

function dropFormat(body: JsonDraft, capabilities: NonNullable<ModelFacts['capabilities']>, dropped: Dropped): void {
  const type = isObject(body.response_format) ? body.response_format.type : undefined
  if (type === 'json_schema' && capabilities.jsonSchema === false) {
    if (capabilities.json === false) drop(body, 'response_format', 'the model does not take a JSON Schema', dropped)
    else {
      dropped.add('response_format', 'the model does not take a JSON Schema; any JSON object is asked for instead')
      body.response_format = { type: 'json_object' }
    }
  }
  if (type === 'json_object' && capabilities.json === false)
    drop(body, 'response_format', 'the model cannot be held to JSON', dropped)
}
