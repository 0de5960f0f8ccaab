import type { JsonObject, JsonValue, MessageRequest, ModelFacts, Warning } from '@switchyard/core/contract'
import { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { refuseForeign } from '../foreign-request.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { originalOf } from '../original-arrays.ts'
import { dropField, dropRefusedFields, type SettingsByCapability } from '../refused-settings.ts'
import { isOldVersion, newestVersion } from './api-version.ts'
import { limitBreakpoints } from './cache-breakpoints.ts'
import { isBlank } from './encode-content.ts'
import { type ConversationEncoding, type EncodedConversation, encodeConversation } from './encode-messages.ts'
import { beginsWithThinking, lastText, lastTurnOfCalls, type WireMessage } from './last-turn.ts'
import { dialect } from './names.ts'
import { encodeFormat } from './output-format.ts'
import { encodeThinking, type ThinkingCall, thinks } from './thinking.ts'
import { addTools, isForced } from './tool-choice.ts'

export interface EncodeRequestOptions {
  /** The provider's own name of the model. */
  readonly model: string
  readonly stream: boolean
  readonly facts?: ModelFacts
  /** Throw `unsupported` instead of giving a warning; default `false`. */
  readonly strict?: boolean
  /** The version of the API that is spoken; default the one of the model's facts, else the newest. */
  readonly version?: string
}

export interface EncodedRequest {
  readonly body: JsonObject
  /** The version of the API that the body is for; it goes into the header `anthropic-version`. */
  readonly version: string
  readonly warnings: readonly Warning[]
}

/** The output cap where neither the request nor what is known of the model names one: every model takes it. */
export const usualOutputTokens = 4096

const settings: SettingsByCapability = [
  ['temperature', [['temperature']]],
  ['topP', [['top_p', 'topP'], ['top_k']]],
  ['stop', [['stop_sequences', 'stop']]],
]

/** The body to send. @throws {SwitchyardError} `unsupported` for what the wire cannot say, when strict. */
export function encodeRequest(request: MessageRequest, options: EncodeRequestOptions): EncodedRequest {
  refuseForeign(request, dialect)
  const { model, facts } = options
  const dropped = new Dropped(model, options.strict ?? false)
  const version = options.version ?? facts?.apiVersion ?? newestVersion
  const encoding: ConversationEncoding = {
    dropped,
    model,
    old: isOldVersion(version),
    systemInPlace: !isOldVersion(version) && facts?.laterSystemMessages !== false,
    ...(typeof facts?.capabilities?.prefill === 'boolean' && { prefill: facts.capabilities.prefill }),
  }
  const { stream, thinking, output_config, tool_choice, metadata, stop_sequences, ...kept } = extraOf(request, dialect)
  const cap = outputCap(request.maxOutputTokens, facts, dropped)
  const original = originalOf(request.messages, dialect) as readonly JsonObject[] | undefined
  const body: JsonDraft = { ...kept, model, max_tokens: cap, ...encodedMessages(request, original, encoding) }
  if (options.stream) body.stream = true
  else if (stream === false || stream === null) body.stream = stream
  if (request.temperature !== undefined) body.temperature = temperature(request.temperature, dropped)
  if (request.topP !== undefined) body.top_p = request.topP
  for (const setting of ['seed', 'frequencyPenalty', 'presencePenalty'] as const)
    if (request[setting] !== undefined) dropped.add(setting, 'Anthropic has no word for it')
  addStops(request.stop, stop_sequences, body, dropped)
  addMetadata(request.metadata, metadata, body, dropped)
  addTools(request, facts, body, dropped)
  addOutput(request, { thinking, output_config }, { facts, cap, ...obstacles(body) }, body, dropped)
  dropRefusedFields(body, settings, facts, dropped)
  dropSampling(body, encoding)
  if (original === undefined) limitBreakpoints(body, dropped)
  return { body, version, warnings: dropped.warnings }
}

function outputCap(asked: number | undefined, facts: ModelFacts | undefined, dropped: Dropped): number {
  const most = facts?.capabilities?.maxOutputTokens
  if (asked === undefined) return most ?? usualOutputTokens
  if (most === undefined || asked <= most) return asked
  dropped.add('maxOutputTokens', `the model gives ${most} tokens at most, which is asked for instead`)
  return most
}

function encodedMessages(
  { messages }: MessageRequest,
  original: readonly JsonObject[] | undefined,
  encoding: ConversationEncoding,
): EncodedConversation {
  if (original === undefined) return encodeConversation(messages, encoding)
  const lead = messages.slice(
    0,
    messages.findIndex(message => message.role !== 'system' || message.extra !== undefined),
  )
  if (lead.length === 0) return { messages: original }
  const { system } = encodeConversation([...lead, { role: 'user', content: '.' }], encoding)
  return { ...(system !== undefined && { system }), messages: original }
}

function temperature(wanted: number, dropped: Dropped): number {
  if (wanted <= 1) return wanted
  dropped.add('temperature', 'Anthropic takes 1 at most, which is sent instead')
  return 1
}

function addStops(
  stop: readonly string[] | undefined,
  said: JsonValue | undefined,
  body: JsonDraft,
  dropped: Dropped,
): void {
  if (said === null && stop === undefined) body.stop_sequences = null
  if (stop === undefined) return
  const taken = stop.filter(text => !isBlank(text))
  if (taken.length < stop.length)
    dropped.add('stop', 'Anthropic takes no stop sequence of white space alone; it is left out')
  if (taken.length > 0 || stop.length === 0) body.stop_sequences = taken
}

function addMetadata(
  metadata: MessageRequest['metadata'],
  said: JsonValue | undefined,
  body: JsonDraft,
  dropped: Dropped,
): void {
  const { user_id: user, ...others } = metadata ?? {}
  for (const key in others) dropped.add(`metadata.${key}`, 'Anthropic takes user_id and nothing else')
  const told = { ...(isObject(said) && said), ...(user !== undefined && { user_id: user }) }
  if (Object.keys(told).length > 0) body.metadata = told
  else if (said !== undefined) body.metadata = said
}

/** What of the request stands in the way of thinking. */
function obstacles(body: JsonDraft): Pick<ThinkingCall, 'obstacle' | 'budgetObstacle'> {
  if (isForced(body.tool_choice))
    return { obstacle: 'the model does not think where it is made to call a tool; it is asked not to' }
  const messages = body.messages as readonly WireMessage[]
  const last = messages.at(-1)
  if (last?.role === 'assistant' && lastText(last) !== undefined)
    return { budgetObstacle: 'the model does not think where it goes on from the last words of the assistant' }
  const turn = lastTurnOfCalls(messages)
  if (turn.length === 0 || turn.some(beginsWithThinking)) return {}
  return { budgetObstacle: 'what was thought before the last tool calls is not there, and the model wants it' }
}

function addOutput(
  request: MessageRequest,
  said: { readonly thinking: JsonValue | undefined; readonly output_config: JsonValue | undefined },
  call: ThinkingCall,
  body: JsonDraft,
  dropped: Dropped,
): void {
  const { effort, format, ...rest } = isObject(said.output_config) ? said.output_config : ({} as JsonObject)
  const asked = {
    ...(said.thinking !== undefined && { thinking: said.thinking }),
    ...(effort !== undefined && { effort }),
  }
  const told = encodeThinking(request.reasoningEffort, asked, call, dropped)
  if (told.thinking !== undefined) body.thinking = told.thinking
  const shape = encodeFormat(request.responseFormat, format, call.facts, dropped)
  const config: JsonDraft = { ...rest }
  if (told.effort !== undefined) config.effort = told.effort
  if (shape !== undefined) config.format = shape
  else if (format === null) config.format = null
  if (Object.keys(config).length > 0) body.output_config = config
  else if (said.output_config === null || sameJson(said.output_config, {})) body.output_config = said.output_config
}

function dropSampling(body: JsonDraft, { old, dropped }: ConversationEncoding): void {
  if (!old) {
    const message = 'this version of the API does not take it'
    dropField(body, 'temperature', 'temperature', message, dropped)
    dropField(body, 'top_p', 'topP', message, dropped)
    dropField(body, 'top_k', 'top_k', message, dropped)
  } else if (thinks(body.thinking)) {
    const message = 'a model that thinks does not take it'
    if (body.temperature !== 1) dropField(body, 'temperature', 'temperature', message, dropped)
    if (Number(body.top_p) < 0.95) dropField(body, 'top_p', 'topP', message, dropped)
    dropField(body, 'top_k', 'top_k', message, dropped)
  }
  // both at once are refused since Claude 4.1
  if (body.temperature != null) dropField(body, 'top_p', 'topP', 'it is not taken beside a temperature', dropped)
}
