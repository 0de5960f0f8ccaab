import type { JsonObject, JsonValue, Message, MessageRequest } from '@switchyard/core/contract'
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
import { decodeMessages, decodeSystem } from './decode-messages.ts'
import { dialect } from './names.ts'
import { decodeFormat } from './output-format.ts'
import { checkOtherFields, isHarmless } from './request-fields.ts'
import { checkEffort, checkThinking, decodeEffort, isUsual } from './thinking.ts'
import { checkToolChoice, decodeToolChoice, encodeToolChoice } from './tool-choice.ts'
import { decodeTools } from './tools.ts'

export interface DecodeRequestOptions {
  /** What a request without `model` asks for; without it such a request is refused. */
  readonly defaultModel?: string
  /** The most bytes of one image or document; no limit when absent. */
  readonly maxMediaBytes?: number
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** Reads what a client sent. @throws {SwitchyardError} `invalid-request`, whose `param` is the field at fault. */
export function decodeRequest(value: unknown, options: DecodeRequestOptions = {}): MessageRequest {
  const body = bodyAt(value)
  if (body.max_tokens === undefined || body.max_tokens === null)
    throw fault('max_tokens', 'is missing; say how many tokens the answer may have.')
  return decodePrompt(body, options)
}

/** Reads the request for a count of tokens, which needs no `max_tokens`. @throws {SwitchyardError} as `decodeRequest`. */
export function decodeTokenCountRequest(value: unknown, options: DecodeRequestOptions = {}): MessageRequest {
  return decodePrompt(bodyAt(value), options)
}

function bodyAt(value: unknown): JsonObject {
  if (isObject(value)) return value
  throw fault('body', `must be a JSON object with model, max_tokens and messages, and is ${kindOf(value)}.`)
}

function decodePrompt(body: JsonObject, options: DecodeRequestOptions): MessageRequest {
  const reading: RequestReading = { maximumMediaBytes: options.maxMediaBytes ?? Number.POSITIVE_INFINITY, bound: [] }
  const extra: JsonDraft = {}
  const model = optionalText(body.model, 'model') ?? options.defaultModel
  if (model === undefined || model === '') throw fault('model', 'is missing; name the model that shall answer.')
  const request: Writable<MessageRequest> = {
    model,
    messages: decodeConversation(body, extra, reading),
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    ...settings(body, reading),
  }
  decodeToolFields(body, request, extra, reading)
  decodeOutput(body, request, extra)
  decodeMetadata(body.metadata, request, extra)
  checkOtherFields(body)
  keepOthers(body, extra, reading)
  return {
    ...request,
    ...keepExtra(dialect, extra),
    ...(reading.bound.length > 0 && { boundTo: { dialect, fields: reading.bound } }),
  }
}

function decodeConversation(body: JsonObject, extra: JsonDraft, reading: RequestReading): Message[] {
  const system = decodeSystem(body.system, reading)
  const said = decodeMessages(body.messages, reading)
  const messages = system === undefined ? said : [system, ...said]
  if (system === undefined && body.system !== undefined) extra.system = body.system
  // what some models and versions of the API refuse is left to the encoder
  if (!said.some(needsCare)) rememberOriginal(messages, dialect, body.messages as readonly JsonValue[])
  return messages
}

function needsCare({ role, content }: Message): boolean {
  if (role === 'system') return true
  if (typeof content === 'string') return false
  return content.some(part => {
    if (part.type === 'opaque') return role === 'assistant' && isObject(part.value) && part.value.type === 'document'
    if (part.type === 'reasoning') return part.signature === undefined
    return role === 'user' && part.type === 'text' && part.extra?.[dialect]?.citations != null
  })
}

function settings(body: JsonObject, reading: RequestReading): Partial<MessageRequest> {
  const found: Writable<Partial<MessageRequest>> = {}
  const cap = optionalNumber(body.max_tokens, 'max_tokens', { from: 0, whole: true })
  const temperature = optionalNumber(body.temperature, 'temperature', { from: 0, to: 1 })
  const topP = optionalNumber(body.top_p, 'top_p', { from: 0, to: 1 })
  if (cap !== undefined) found.maxOutputTokens = cap
  // an answer of nothing fills the server's cache
  if (cap === 0) reading.bound.push('max_tokens')
  if (temperature !== undefined) found.temperature = temperature
  if (topP !== undefined) found.topP = topP
  if (body.stop_sequences != null) found.stop = listAt(body.stop_sequences, 'stop_sequences').map(stopAt)
  return found
}

function stopAt(value: unknown, at: number): string {
  const text = textAt(value, `stop_sequences[${at}]`)
  if (text.trim() === '') throw fault(`stop_sequences[${at}]`, 'must hold more than white space.')
  return text
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
  checkToolChoice(value, (body.tools ?? []) as readonly unknown[])
  const choice = decodeToolChoice(value)
  Object.assign(request, choice)
  if (!sameJson(encodeToolChoice(choice), value)) extra.tool_choice = value
}

function decodeOutput(body: JsonObject, request: Writable<MessageRequest>, extra: JsonDraft): void {
  checkThinking(body.thinking, request.maxOutputTokens)
  const config = body.output_config == null ? {} : objectAt(body.output_config, 'output_config')
  checkEffort(config.effort)
  const format = decodeFormat(config.format)
  if (format !== undefined) request.responseFormat = format
  const effort = decodeEffort(body.thinking, config.effort)
  if (effort !== undefined) request.reasoningEffort = effort
  // the two speak of one thing, and are kept or left to the encoder together
  if (isUsual(body.thinking, config.effort) && isPlain(body.output_config)) return
  if (body.thinking !== undefined) extra.thinking = body.thinking
  if (body.output_config !== undefined) extra.output_config = body.output_config
}

/** Whether `output_config` says an effort and nothing else. */
function isPlain(config: unknown): boolean {
  return config === undefined || (isObject(config) && Object.keys(config).join() === 'effort')
}

function decodeMetadata(value: unknown, request: Writable<MessageRequest>, extra: JsonDraft): void {
  if (value === undefined || value === null) return
  const metadata = objectAt(value, 'metadata')
  const user = optionalText(metadata.user_id, 'metadata.user_id')
  if (user !== undefined) request.metadata = { user_id: user }
  if (!sameJson(metadata, request.metadata)) extra.metadata = metadata
}

const understood = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'temperature',
  'top_p',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'metadata',
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
