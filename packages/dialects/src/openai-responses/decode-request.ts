import type { JsonObject, JsonValue, Message, MessageRequest, ReasoningEffort } from '@switchyard/core/contract'
import { keepExtra } from '../extra.ts'
import { fault, kindOf, objectAt, optionalBoolean, optionalNumber, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import type { RequestReading } from '../openai/request-reading.ts'
import { rememberOriginal } from '../original-arrays.ts'
import { decodeInput } from './decode-input.ts'
import { dialect } from './names.ts'
import { checkOtherFields, isHarmless, isStored } from './request-fields.ts'
import { checkTextFormat, decodeTextFormat, encodeTextFormat } from './text-format.ts'
import { checkToolChoice, decodeToolChoice, encodeToolChoice } from './tool-choice.ts'
import { decodeTools } from './tools.ts'

export interface DecodeRequestOptions {
  /** What a request without `model` asks for; without it such a request is refused. */
  readonly defaultModel?: string
  /** The most bytes of one image or file; no limit when absent. */
  readonly maxMediaBytes?: number
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

const efforts: ReadonlySet<string> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

/** Reads what a client sent. @throws {SwitchyardError} `invalid-request`, whose `param` is the field at fault. */
export function decodeRequest(value: unknown, options: DecodeRequestOptions = {}): MessageRequest {
  if (!isObject(value)) throw fault('body', `must be a JSON object with model and input, and is ${kindOf(value)}.`)
  const body = value
  const reading: RequestReading = { maximumMediaBytes: options.maxMediaBytes ?? Number.POSITIVE_INFINITY, bound: [] }
  const model = optionalText(body.model, 'model') ?? options.defaultModel
  if (model === undefined || model === '') throw fault('model', 'is missing; name the model that shall answer.')
  const extra: JsonDraft = {}
  const request: Writable<MessageRequest> = {
    model,
    messages: decodeMessages(body, extra, reading),
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    ...settings(body),
  }
  decodeToolFields(body, request, extra, reading)
  decodeText(body.text, request, extra, reading)
  decodeReasoningSettings(body.reasoning, request, extra, reading)
  checkOtherFields(body)
  keepOthers(body, extra, reading)
  // also where it is absent: who keeps what is the client's say
  extra.store = body.store
  return {
    ...request,
    ...keepExtra(dialect, extra),
    ...(reading.bound.length > 0 && { boundTo: { dialect, fields: reading.bound } }),
  }
}

function decodeMessages(body: JsonObject, extra: JsonDraft, reading: RequestReading): Message[] {
  const { input } = body
  const system = optionalText(body.instructions, 'instructions')
  const messages: Message[] = system === undefined ? [] : [{ role: 'system', content: system }]
  if (typeof input === 'string') {
    messages.push({ role: 'user', content: input })
    extra.input = input
  } else if (input !== undefined && input !== null) {
    if (!Array.isArray(input)) throw fault('input', `must be a string or a list of items, and is ${kindOf(input)}.`)
    messages.push(...decodeInput(input, reading, isStored(body)))
    rememberOriginal(messages, dialect, input)
  } else {
    if (body.messages !== undefined) throw fault('messages', 'is a word of chat completions; send input.')
    if (!isStored(body) && !isObject(body.prompt)) throw fault('input', 'is missing; send a string or a list of items.')
    rememberOriginal(messages, dialect, [])
    extra.input = input
  }
  return messages
}

function settings(body: JsonObject): Partial<MessageRequest> {
  const found: Writable<Partial<MessageRequest>> = {}
  const temperature = optionalNumber(body.temperature, 'temperature', { from: 0, to: 2 })
  const topP = optionalNumber(body.top_p, 'top_p', { from: 0, to: 1 })
  const maxOutputTokens = optionalNumber(body.max_output_tokens, 'max_output_tokens', { from: 16, whole: true })
  const parallelToolCalls = optionalBoolean(body.parallel_tool_calls, 'parallel_tool_calls')
  const cacheKey = optionalText(body.prompt_cache_key, 'prompt_cache_key')
  if (temperature !== undefined) found.temperature = temperature
  if (topP !== undefined) found.topP = topP
  if (maxOutputTokens !== undefined) found.maxOutputTokens = maxOutputTokens
  if (parallelToolCalls !== undefined) found.parallelToolCalls = parallelToolCalls
  if (cacheKey !== undefined) found.cacheKey = cacheKey
  if (body.metadata != null) {
    const metadata = objectAt(body.metadata, 'metadata')
    for (const key in metadata) textAt(metadata[key], `metadata.${key}`)
    found.metadata = metadata as Record<string, string>
  }
  return found
}

function decodeToolFields(
  body: JsonObject,
  request: Writable<MessageRequest>,
  extra: JsonDraft,
  reading: RequestReading,
): void {
  if (body.tools != null) {
    request.tools = decodeTools(body.tools, reading)
    rememberOriginal(request.tools, dialect, body.tools as readonly JsonValue[])
  }
  const value = body.tool_choice
  if (value === undefined || value === null) return
  checkToolChoice(value, request.tools ?? [])
  const choice = decodeToolChoice(value)
  if (choice !== undefined) request.toolChoice = choice
  else reading.bound.push('tool_choice')
  if (choice === undefined || !sameJson(encodeToolChoice(choice), value)) extra.tool_choice = value
}

function decodeText(
  value: unknown,
  request: Writable<MessageRequest>,
  extra: JsonDraft,
  reading: RequestReading,
): void {
  if (value === undefined || value === null) return
  const text = objectAt(value, 'text')
  optionalText(text.verbosity, 'text.verbosity')
  const { format } = text
  if (format != null) {
    checkTextFormat(format)
    const decoded = decodeTextFormat(format)
    if (decoded !== undefined) request.responseFormat = decoded
    else reading.bound.push('text.format')
  }
  const told = request.responseFormat && { format: encodeTextFormat(request.responseFormat) }
  if (!sameJson(text, told)) extra.text = text
}

function decodeReasoningSettings(
  value: unknown,
  request: Writable<MessageRequest>,
  extra: JsonDraft,
  reading: RequestReading,
): void {
  if (value === undefined || value === null) return
  const reasoning = objectAt(value, 'reasoning')
  const effort = optionalText(reasoning.effort, 'reasoning.effort')
  optionalText(reasoning.summary, 'reasoning.summary')
  if (effort !== undefined && efforts.has(effort)) request.reasoningEffort = effort as ReasoningEffort
  else if (effort !== undefined) reading.bound.push('reasoning.effort')
  const plain = request.reasoningEffort !== undefined && Object.keys(reasoning).length === 1
  if (!plain) extra.reasoning = reasoning
}

const understood = new Set([
  'model',
  'input',
  'instructions',
  'temperature',
  'top_p',
  'max_output_tokens',
  'parallel_tool_calls',
  'prompt_cache_key',
  'metadata',
  'tools',
  'tool_choice',
  'text',
  'reasoning',
])

function keepOthers(body: JsonObject, extra: JsonDraft, reading: RequestReading): void {
  for (const key in body) {
    const value = body[key]
    if (value === undefined || (value !== null && understood.has(key))) continue
    if (key === 'stream' && value === true) continue
    extra[key] = value
    if (value !== null && !isHarmless(key, value)) reading.bound.push(key)
  }
}
