import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import { fault, listAt, objectAt, optionalBoolean, optionalNumber, optionalText, textAt } from '../field-checks.ts'

// hints whose loss changes nothing that the caller could miss, and fields that are told elsewhere
const hints = new Set([
  'input',
  'stream',
  'stream_options',
  'text',
  'reasoning',
  'user',
  'service_tier',
  'safety_identifier',
  'prompt_cache_retention',
  'prompt_cache_options',
  'max_tool_calls',
  'truncation',
])

/** Whether a target of another dialect may answer as if this field were not there. */
export function isHarmless(key: string, value: JsonValue): boolean {
  if (hints.has(key)) return true
  if (key === 'store' || key === 'background') return value === false
  if (key === 'top_logprobs') return value === 0
  return key === 'include' && Array.isArray(value) && value.every(entry => entry === sealedReasoning)
}

/** Asks for reasoning in a form that can be sent back. */
export const sealedReasoning = 'reasoning.encrypted_content'

/** Whether the server is asked to know earlier items by itself. */
export function isStored(body: JsonObject): boolean {
  return body.previous_response_id != null || body.conversation != null
}

/** The fields that stay in `extra`: they must be well-formed all the same. */
export function checkOtherFields(body: JsonObject): void {
  for (const field of ['previous_response_id', 'user', 'service_tier', 'safety_identifier', 'truncation'])
    optionalText(body[field], field)
  for (const field of ['store', 'background']) optionalBoolean(body[field], field)
  optionalNumber(body.top_logprobs, 'top_logprobs', { from: 0, to: 20, whole: true })
  optionalNumber(body.max_tool_calls, 'max_tool_calls', { from: 1, whole: true })
  if (body.include != null)
    for (const [at, entry] of listAt(body.include, 'include').entries()) textAt(entry, `include[${at}]`)
  if (body.stream_options != null) {
    const options = objectAt(body.stream_options, 'stream_options')
    if (body.stream !== true) throw fault('stream_options', 'is only taken with stream: true.')
    optionalBoolean(options.include_obfuscation, 'stream_options.include_obfuscation')
  }
  if (body.previous_response_id != null && body.conversation != null)
    throw fault('previous_response_id', 'may not be sent beside conversation; send one of them.')
}
