import type { JsonObject, JsonValue, MessageRequest, ReasoningEffort } from '@switchyard/core/contract'
import { keepExtra } from '../extra.ts'
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
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import type { RequestReading } from '../openai/request-reading.ts'
import { rememberOriginal } from '../original-arrays.ts'
import { checkToolChoice } from './check-tool-choice.ts'
import { decodeMessages } from './decode-messages.ts'
import { dialect } from './names.ts'
import { decodeOutputCap } from './output-cap.ts'
import { checkOtherFields, harmlessFields } from './request-fields.ts'
import { checkResponseFormat, decodeResponseFormat, encodeResponseFormat } from './response-format.ts'
import { decodeFunctionChoice, decodeToolChoice, encodeToolChoice } from './tool-choice.ts'
import { decodeFunctions, decodeTools, type RequestTool } from './tools.ts'

export interface DecodeRequestOptions {
  /** What a request without `model` asks for; without it such a request is refused. */
  readonly defaultModel?: string
  /** The most bytes of one image, sound or file; no limit when absent. */
  readonly maxMediaBytes?: number
}

const efforts: ReadonlySet<string> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])
const maximumStops = 4

/** Reads what a client sent. @throws {SwitchyardError} `invalid-request`, whose `param` is the field at fault. */
export function decodeRequest(value: unknown, options: DecodeRequestOptions = {}): MessageRequest {
  if (!isObject(value)) throw fault('body', `must be a JSON object with model and messages, and is ${kindOf(value)}.`)
  const body = value
  const reading: RequestReading = { maximumMediaBytes: options.maxMediaBytes ?? Number.POSITIVE_INFINITY, bound: [] }
  const extra: JsonDraft = {}
  const model = decodeModel(body, options)
  const messages = decodeMessages(body.messages, reading)
  rememberOriginal(messages, dialect, body.messages as readonly JsonValue[])
  const tools = decodeToolFields(body, reading, extra)
  const request: Writable<MessageRequest> = {
    model,
    messages,
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    ...settings(body),
    ...tools,
  }
  decodeFormat(body, request, extra, reading)
  decodeEffort(body, request, extra, reading)
  const stop = decodeStop(body.stop)
  if (stop !== undefined) request.stop = stop
  if (typeof body.stop === 'string') extra.stop = body.stop
  const metadata = decodeMetadata(body.metadata)
  if (metadata !== undefined) request.metadata = metadata
  checkOtherFields(body)
  keepOthers(body, extra, reading)
  return {
    ...request,
    ...keepExtra(dialect, extra),
    ...(reading.bound.length > 0 && { boundTo: { dialect, fields: reading.bound } }),
  }
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

function decodeModel(body: JsonObject, options: DecodeRequestOptions): string {
  const model = optionalText(body.model, 'model') ?? options.defaultModel
  if (model === undefined || model === '') throw fault('model', 'is missing; name the model that shall answer.')
  return model
}

function settings(body: JsonObject): Partial<MessageRequest> {
  const found: Writable<Partial<MessageRequest>> = {}
  const temperature = optionalNumber(body.temperature, 'temperature', { from: 0, to: 2 })
  const topP = optionalNumber(body.top_p, 'top_p', { from: 0, to: 1 })
  const frequencyPenalty = optionalNumber(body.frequency_penalty, 'frequency_penalty', { from: -2, to: 2 })
  const presencePenalty = optionalNumber(body.presence_penalty, 'presence_penalty', { from: -2, to: 2 })
  const seed = optionalNumber(body.seed, 'seed', { whole: true })
  const parallelToolCalls = optionalBoolean(body.parallel_tool_calls, 'parallel_tool_calls')
  const cacheKey = optionalText(body.prompt_cache_key, 'prompt_cache_key')
  optionalNumber(body.max_tokens, 'max_tokens', { from: 1, whole: true })
  optionalNumber(body.max_completion_tokens, 'max_completion_tokens', { from: 1, whole: true })
  const maxOutputTokens = decodeOutputCap(body)
  if (temperature !== undefined) found.temperature = temperature
  if (topP !== undefined) found.topP = topP
  if (frequencyPenalty !== undefined) found.frequencyPenalty = frequencyPenalty
  if (presencePenalty !== undefined) found.presencePenalty = presencePenalty
  if (seed !== undefined) found.seed = seed
  if (parallelToolCalls !== undefined) found.parallelToolCalls = parallelToolCalls
  if (cacheKey !== undefined) found.cacheKey = cacheKey
  if (maxOutputTokens !== undefined) found.maxOutputTokens = maxOutputTokens
  return found
}

function decodeToolFields(body: JsonObject, reading: RequestReading, extra: JsonDraft): Partial<MessageRequest> {
  const found: Writable<Partial<MessageRequest>> = {}
  let tools: RequestTool[] | undefined
  if (body.tools !== undefined && body.tools !== null) {
    tools = decodeTools(body.tools, reading)
    rememberOriginal(tools, dialect, body.tools as readonly JsonValue[])
  }
  if (body.functions !== undefined && body.functions !== null) {
    if (tools !== undefined) throw fault('functions', 'may not be sent beside tools; send tools alone.')
    tools = decodeFunctions(body.functions, reading)
    extra.functions = body.functions
  }
  if (tools !== undefined) found.tools = tools
  for (const [field, decode] of [
    ['tool_choice', decodeToolChoice],
    ['function_call', decodeFunctionChoice],
  ] as const) {
    const value = body[field]
    if (value === undefined || value === null) continue
    const choice = decode(value)
    checkToolChoice(value, choice, tools, field)
    if (choice !== undefined) found.toolChoice = choice
    else reading.bound.push(field)
    if (choice === undefined || !sameJson(encodeToolChoice(choice), value)) extra[field] = value
  }
  return found
}

function decodeFormat(
  body: JsonObject,
  request: Writable<MessageRequest>,
  extra: JsonDraft,
  reading: RequestReading,
): void {
  const value = body.response_format
  if (value === undefined || value === null) return
  checkResponseFormat(value)
  const format = decodeResponseFormat(value)
  if (format !== undefined) request.responseFormat = format
  const understood = format !== undefined && sameJson(encodeResponseFormat(format), value)
  if (understood) return
  extra.response_format = value
  // a null says no more than its absence
  if (format === undefined || !sameJson(encodeResponseFormat(format), withoutNulls(value))) {
    reading.bound.push('response_format')
  }
}

function withoutNulls(value: JsonValue): JsonValue {
  if (!isObject(value)) return value
  const clean: JsonDraft = {}
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== null && inner !== undefined) clean[key] = key === 'schema' ? inner : withoutNulls(inner)
  }
  return clean
}

function decodeEffort(
  body: JsonObject,
  request: Writable<MessageRequest>,
  extra: JsonDraft,
  reading: RequestReading,
): void {
  const effort = optionalText(body.reasoning_effort, 'reasoning_effort')
  if (effort === undefined) return
  if (efforts.has(effort)) request.reasoningEffort = effort as ReasoningEffort
  else {
    extra.reasoning_effort = effort
    reading.bound.push('reasoning_effort')
  }
}

/** `stop` as a list. */
function decodeStop(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return [value]
  const list = listAt(value, 'stop').map((entry, at) => textAt(entry, `stop[${at}]`))
  if (list.length > maximumStops)
    throw fault('stop', `holds ${list.length} sequences; at most ${maximumStops} are taken.`)
  return list
}

function decodeMetadata(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined
  const metadata = objectAt(value, 'metadata')
  for (const key in metadata) textAt(metadata[key], `metadata.${key}`)
  return metadata as Record<string, string>
}

const understoodFields = new Set([
  'model',
  'messages',
  'temperature',
  'top_p',
  'max_completion_tokens',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'tools',
  'functions',
  'function_call',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
  'metadata',
  'prompt_cache_key',
  'stop',
])

function keepOthers(body: JsonObject, extra: JsonDraft, reading: RequestReading): void {
  for (const key in body) {
    const value = body[key]
    if (value === undefined || (value !== null && understoodFields.has(key))) continue
    if (key === 'stream' && value === true) continue
    extra[key] = value
    if (value !== null && !harmlessFields(key, value)) reading.bound.push(key)
  }
  // both spelled out: what the older said is kept beside the newer
  if (typeof body.max_tokens === 'number' && typeof body.max_completion_tokens === 'number')
    extra.max_completion_tokens = body.max_completion_tokens
}
