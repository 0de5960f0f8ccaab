import type { JsonObject, JsonValue, MessageRequest } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import {
  fault,
  kindOf,
  listAt,
  objectAt,
  optionalBoolean,
  optionalNumber,
  optionalText,
  textAt,
} from '../field-checks.ts'
import { isObject } from '../json.ts'
import { dialect } from './names.ts'

// hints whose loss changes nothing that the caller could miss, and fields that are told elsewhere
const hints = new Set([
  'max_tokens',
  'stream',
  'stream_options',
  'user',
  'store',
  'service_tier',
  'safety_identifier',
  'prediction',
  'verbosity',
  'prompt_cache_retention',
])

/** Whether a target of another dialect may answer as if this field were not there. */
export function harmlessFields(key: string, value: JsonValue): boolean {
  if (hints.has(key)) return true
  if (key === 'n') return value === 1
  if (key === 'logprobs') return value === false
  if (key === 'top_logprobs') return value === 0
  if (key === 'modalities') return Array.isArray(value) && value.length === 1 && value[0] === 'text'
  return key === 'logit_bias' && isObject(value) && Object.keys(value).length === 0
}

/** The fields that stay in `extra`: they must be well-formed all the same. */
export function checkOtherFields(body: JsonObject): void {
  optionalNumber(body.n, 'n', { from: 1, to: 128, whole: true })
  const logprobs = optionalBoolean(body.logprobs, 'logprobs')
  const top = optionalNumber(body.top_logprobs, 'top_logprobs', { from: 0, to: 20, whole: true })
  if (top !== undefined && logprobs !== true) throw fault('top_logprobs', 'needs logprobs: true beside it.')
  if (body.logit_bias != null) checkLogitBias(body.logit_bias)
  for (const field of ['user', 'service_tier', 'verbosity', 'safety_identifier']) optionalText(body[field], field)
  optionalBoolean(body.store, 'store')
  for (const field of ['prediction', 'audio', 'web_search_options'])
    if (body[field] != null) objectAt(body[field], field)
  if (body.modalities != null) checkModalities(body)
  if (body.stream_options != null) checkStreamOptions(body)
}

function checkLogitBias(value: unknown): void {
  const bias = objectAt(value, 'logit_bias')
  for (const key in bias) {
    const path = `logit_bias.${key}`
    if (typeof bias[key] !== 'number') throw fault(path, `must be a number, and is ${kindOf(bias[key])}.`)
    optionalNumber(bias[key], path, { from: -100, to: 100 })
  }
}

function checkModalities(body: JsonObject): void {
  const modalities = listAt(body.modalities, 'modalities').map((entry, at) => textAt(entry, `modalities[${at}]`))
  if (modalities.includes('audio') && !isObject(body.audio))
    throw fault('audio', 'is missing; modalities with "audio" need its voice and format.')
}

function checkStreamOptions(body: JsonObject): void {
  const options = objectAt(body.stream_options, 'stream_options')
  if (body.stream !== true) throw fault('stream_options', 'is only taken with stream: true.')
  optionalBoolean(options.include_usage, 'stream_options.include_usage')
  optionalBoolean(options.include_obfuscation, 'stream_options.include_obfuscation')
}

/** Whether the client asked for usage at the end of its stream. */
export function streamUsageRequested(request: MessageRequest): boolean {
  const options = extraOf(request, dialect).stream_options
  return isObject(options) && options.include_usage === true
}

/** Whether the client speaks of `functions`, and so expects `function_call` in the answer. */
export function functionCallExpected(request: MessageRequest): boolean {
  return extraOf(request, dialect).functions !== undefined
}
