import type { JsonObject, JsonValue, MessageRequest, ModelFacts, Warning } from '@switchyard/core/contract'
import { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { unforcedRequest } from '../forced-tool-choice.ts'
import { refuseForeign } from '../foreign-request.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { originalOf } from '../original-arrays.ts'
import { encodeMessages } from './encode-messages.ts'
import { dialect } from './names.ts'
import { encodeOutputCap, type OutputCapParameter } from './output-cap.ts'
import { dropFieldsRefused } from './refused-by-server.ts'
import { dropRefusedSettings } from './refused-settings.ts'
import { decodeResponseFormat, encodeResponseFormat } from './response-format.ts'
import { decodeFunctionChoice, decodeToolChoice, encodeFunctionChoice, encodeToolChoice } from './tool-choice.ts'
import { encodeFunction, encodeTools, type RequestTool } from './tools.ts'

export interface EncodeRequestOptions {
  /** The provider's own name of the model. */
  readonly model: string
  readonly stream: boolean
  readonly facts?: ModelFacts
  /** Throw `unsupported` instead of giving a warning; default `false`. */
  readonly strict?: boolean
  /** How the output cap is spelled where the model's facts do not say; else as the caller said it. */
  readonly outputCapParameter?: OutputCapParameter
  /** Ask for usage at the end of a stream; default `true`. */
  readonly includeUsage?: boolean
  /** `false` asks the server for a stream without padding; left to the caller when absent. */
  readonly includeObfuscation?: boolean
  /** The role of system messages that did not come with one; default `system`. */
  readonly systemRole?: 'system' | 'developer'
  /** Send the model's earlier reasoning back; default `true`, for servers that gave some. */
  readonly replayReasoning?: boolean
  /** Put images and other media into tool results; default `true`. OpenAI takes text there and nothing else. */
  readonly mediaInToolResults?: boolean
  /** Send metadata only beside `store: true`; default `false`. OpenAI refuses it elsewhere. */
  readonly metadataNeedsStore?: boolean
  /** Fields of the body that the server refuses, and `messages[].name`: left out. */
  readonly refusedFields?: readonly string[]
}

export interface EncodedRequest {
  readonly body: JsonObject
  readonly warnings: readonly Warning[]
}

/** The body to send. @throws {SwitchyardError} `unsupported` for what the wire cannot say, when strict. */
export function encodeRequest(request: MessageRequest, options: EncodeRequestOptions): EncodedRequest {
  refuseForeign(request, dialect)
  const dropped = new Dropped(options.model, options.strict ?? false)
  const { stream, stream_options, stop, functions, function_call, tool_choice, response_format, max_tokens, ...kept } =
    extraOf(request, dialect)
  const extra = extraOf(request, dialect)
  const body: JsonDraft = { ...kept, model: options.model, messages: encodedMessages(request, options, dropped) }
  delete body.max_completion_tokens
  if (options.stream) {
    body.stream = true
    const asked = streamOptions(stream_options, options)
    if (asked !== undefined) body.stream_options = asked
  } else if (stream === false || stream === null) body.stream = stream
  if (request.temperature !== undefined) body.temperature = request.temperature
  if (request.topP !== undefined) body.top_p = request.topP
  if (request.frequencyPenalty !== undefined) body.frequency_penalty = request.frequencyPenalty
  if (request.presencePenalty !== undefined) body.presence_penalty = request.presencePenalty
  if (request.seed !== undefined) body.seed = request.seed
  if (request.parallelToolCalls !== undefined) body.parallel_tool_calls = request.parallelToolCalls
  if (request.reasoningEffort !== undefined) body.reasoning_effort = request.reasoningEffort
  if (request.metadata !== undefined) {
    if (options.metadataNeedsStore && body.store !== true)
      dropped.add('metadata', 'it is taken only with what the server stores; send store: true too')
    else body.metadata = request.metadata
  }
  if (request.cacheKey !== undefined) body.prompt_cache_key = request.cacheKey
  if (request.stop !== undefined) {
    body.stop = request.stop.length === 1 && request.stop[0] === stop ? stop : request.stop
  } else if (stop === null) body.stop = null
  encodeCap(request, options, extra, body)
  addTools(request, functions, body, dropped)
  addToolChoice(unforcedRequest(request, options.facts, dropped), tool_choice, function_call, body)
  if (!body.tools) leaveChoiceOut(request, body, dropped)
  if (request.responseFormat !== undefined || response_format !== undefined) {
    const still =
      response_format !== undefined && sameJson(decodeResponseFormat(response_format), request.responseFormat)
    if (still) body.response_format = response_format
    else if (request.responseFormat) body.response_format = encodeResponseFormat(request.responseFormat)
  }
  dropRefusedSettings(body, options.facts, dropped)
  if (options.refusedFields) dropFieldsRefused(body, options.refusedFields, dropped)
  return { body, warnings: dropped.warnings }
}

function encodedMessages(request: MessageRequest, options: EncodeRequestOptions, dropped: Dropped) {
  return (
    originalOf(request.messages, dialect) ??
    encodeMessages(request.messages, {
      systemRole: options.systemRole ?? 'system',
      replayReasoning: options.replayReasoning ?? true,
      mediaInToolResults: options.mediaInToolResults ?? true,
      dropped,
    })
  )
}

function streamOptions(asked: unknown, options: EncodeRequestOptions): JsonObject | undefined {
  const wanted: JsonDraft = isObject(asked) ? { ...asked } : {}
  if (options.includeUsage ?? true) wanted.include_usage = true
  else delete wanted.include_usage
  if (options.includeObfuscation !== undefined) wanted.include_obfuscation = options.includeObfuscation
  return Object.keys(wanted).length > 0 ? wanted : undefined
}

function encodeCap(request: MessageRequest, options: EncodeRequestOptions, extra: JsonObject, body: JsonDraft): void {
  const parameter = options.facts?.outputCapParameter ?? options.outputCapParameter
  if (request.maxOutputTokens !== undefined)
    Object.assign(body, encodeOutputCap(request.maxOutputTokens, extra, parameter))
  for (const field of ['max_tokens', 'max_completion_tokens'] as const)
    if (extra[field] === null && body[field] === undefined) body[field] = null
}

function addTools(request: MessageRequest, functions: unknown, body: JsonDraft, dropped: Dropped): void {
  const { tools } = request
  if (tools === undefined) {
    if (functions === null) body.functions = null
    return
  }
  if (tools.length === 0 && functions === undefined) return
  if (
    Array.isArray(functions) &&
    tools.every((tool): tool is Exclude<RequestTool, { type: string }> => !('type' in tool))
  )
    body.functions = tools.map(encodeFunction)
  else {
    const wire = originalOf(tools, dialect) ?? encodeTools(tools, dropped)
    if (wire.length > 0) body.tools = wire
  }
}

// what speaks of tools is refused where there are none
function leaveChoiceOut({ toolChoice }: MessageRequest, body: JsonDraft, dropped: Dropped): void {
  if (typeof body.parallel_tool_calls === 'boolean') delete body.parallel_tool_calls
  if (!body.tool_choice) return
  delete body.tool_choice
  if (toolChoice?.type !== 'auto' && toolChoice?.type !== 'none')
    dropped.add('toolChoice', 'there is no tool to choose from')
}

function addToolChoice(
  { toolChoice }: MessageRequest,
  kept: JsonValue | undefined,
  legacy: JsonValue | undefined,
  body: JsonDraft,
): void {
  const speaksFunctions = body.functions !== undefined && body.functions !== null
  if (toolChoice !== undefined && speaksFunctions) {
    const still = legacy !== undefined && sameJson(decodeFunctionChoice(legacy), toolChoice)
    body.function_call = still ? legacy : encodeFunctionChoice(toolChoice)
  } else if (kept !== undefined && sameJson(decodeToolChoice(kept), toolChoice)) body.tool_choice = kept
  else if (toolChoice !== undefined) body.tool_choice = encodeToolChoice(toolChoice)
  for (const [field, said] of [
    ['tool_choice', kept],
    ['function_call', legacy],
  ] as const)
    if (said === null && body[field] === undefined) body[field] = null
}
