import type { JsonObject, JsonValue, MessageRequest, ModelFacts, Warning } from '@switchyard/core/contract'
import { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { unforcedRequest } from '../forced-tool-choice.ts'
import { refuseForeign } from '../foreign-request.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { originalOf } from '../original-arrays.ts'
import { type EncodedInput, encodeInput, instructions } from './encode-input.ts'
import { dialect } from './names.ts'
import { dropRefusedSettings } from './refused-settings.ts'
import { sealedReasoning } from './request-fields.ts'
import { decodeTextFormat, encodeTextFormat } from './text-format.ts'
import { decodeToolChoice, encodeToolChoice } from './tool-choice.ts'
import { encodeTools } from './tools.ts'

export interface EncodeRequestOptions {
  /** The provider's own name of the model. */
  readonly model: string
  readonly stream: boolean
  readonly facts?: ModelFacts
  /** Throw `unsupported` instead of giving a warning; default `false`. */
  readonly strict?: boolean
  /** `false` asks the server for a stream without padding; left to the caller when absent. */
  readonly includeObfuscation?: boolean
  /** How much of its reasoning a model tells that is known to reason; nothing when absent. */
  readonly reasoningSummary?: 'auto' | 'concise' | 'detailed'
}

export interface EncodedRequest {
  readonly body: JsonObject
  readonly warnings: readonly Warning[]
}

/** The least that the server takes for a cap. */
const leastOutputTokens = 16

/**
 * The body to send. The server is told to keep nothing, unless the request came in this dialect and says otherwise.
 * @throws {SwitchyardError} `unsupported` for what the wire cannot say, when strict.
 */
export function encodeRequest(request: MessageRequest, options: EncodeRequestOptions): EncodedRequest {
  refuseForeign(request, dialect)
  const dropped = new Dropped(options.model, options.strict ?? false)
  const extra = extraOf(request, dialect)
  const { stream, stream_options, input, text, reasoning, tool_choice, store, include, ...kept } = extra
  const body: JsonDraft = { ...kept, model: options.model, ...encodedMessages(request, dropped) }
  if (options.stream) {
    body.stream = true
    const asked = { ...(isObject(stream_options) && stream_options), ...obfuscation(options) }
    if (Object.keys(asked).length > 0) body.stream_options = asked
  } else if (stream === false || stream === null) body.stream = stream
  if (request.temperature !== undefined) body.temperature = request.temperature
  if (request.topP !== undefined) body.top_p = request.topP
  if (request.maxOutputTokens !== undefined) body.max_output_tokens = outputCap(request.maxOutputTokens, dropped)
  if (request.parallelToolCalls !== undefined) body.parallel_tool_calls = request.parallelToolCalls
  if (request.metadata !== undefined) body.metadata = request.metadata
  if (request.cacheKey !== undefined) body.prompt_cache_key = request.cacheKey
  for (const setting of ['stop', 'seed', 'frequencyPenalty', 'presencePenalty'] as const)
    if (request[setting] !== undefined) dropped.add(setting, 'this dialect has no word for it')
  body.text = encodedText(request, text)
  body.reasoning = encodedReasoning(request, reasoning, options)
  addTools(unforcedRequest(request, options.facts, dropped), tool_choice, body, dropped)
  if ('store' in extra) {
    body.store = store
    body.include = include
  } else Object.assign(body, stateless(request, options.facts))
  dropRefusedSettings(body, options.facts, dropped)
  for (const field in body) if (body[field] === undefined) delete body[field]
  return { body, warnings: dropped.warnings }
}

function encodedMessages(request: MessageRequest, dropped: Dropped): JsonDraft {
  const { messages } = request
  const extra = extraOf(request, dialect)
  const encoding = { dropped, stateless: !('store' in extra) || extra.store === false }
  const original = originalOf(messages, dialect)
  const encoded: EncodedInput =
    original === undefined
      ? encodeInput(messages, encoding)
      : { ...instructions(messages, encoding), input: original as readonly JsonObject[] }
  if (!('input' in extra)) return { ...encoded }
  const { input: said } = extra
  const still =
    typeof said === 'string' ? sameJson(encoded.input, [{ role: 'user', content: said }]) : encoded.input.length === 0
  return still ? { ...encoded, input: said } : { ...encoded }
}

function obfuscation({ includeObfuscation }: EncodeRequestOptions): JsonObject | undefined {
  return includeObfuscation === undefined ? undefined : { include_obfuscation: includeObfuscation }
}

function outputCap(wanted: number, dropped: Dropped): number {
  if (wanted >= leastOutputTokens) return wanted
  dropped.add('maxOutputTokens', `the least that can be asked for is ${leastOutputTokens}, which is sent instead`)
  return leastOutputTokens
}

// the server keeps nothing, and a model that reasons gives its reasoning along, sealed; others refuse to be asked
function stateless({ reasoningEffort: effort }: MessageRequest, facts: ModelFacts = {}): JsonObject {
  const known = facts.capabilities?.reasoning
  const reasons = known === true || facts.toolsInChatCompletions !== undefined || (effort ?? 'none') !== 'none'
  return { store: false, ...(known !== false && reasons && { include: [sealedReasoning] }) }
}

function encodedText({ responseFormat }: MessageRequest, said: JsonValue | undefined): JsonObject | null | undefined {
  if (said === null && responseFormat === undefined) return null
  if (!isObject(said)) return responseFormat && { format: encodeTextFormat(responseFormat) }
  const { format, ...rest } = said
  const still = sameJson(decodeTextFormat(format), responseFormat)
  if (still) return said
  return responseFormat ? { ...rest, format: encodeTextFormat(responseFormat) } : rest
}

function encodedReasoning(
  { reasoningEffort: effort }: MessageRequest,
  said: JsonValue | undefined,
  { reasoningSummary: summary, facts }: EncodeRequestOptions,
): JsonObject | null | undefined {
  const told = effort !== undefined && { effort }
  if (said === null && effort === undefined) return null
  if (isObject(said)) return { ...said, ...told }
  const reasons = facts?.capabilities?.reasoning === true && effort !== 'none'
  const settings = { ...told, ...(reasons && summary !== undefined && { summary }) }
  return Object.keys(settings).length > 0 ? settings : undefined
}

function addTools(
  { tools, toolChoice }: MessageRequest,
  said: JsonValue | undefined,
  body: JsonDraft,
  dropped: Dropped,
): void {
  const wire = tools && (originalOf(tools, dialect) ?? encodeTools(tools, dropped))
  if (wire !== undefined && wire.length > 0) body.tools = wire
  if (said === null && toolChoice === undefined) body.tool_choice = null
  else if (said !== undefined && sameJson(decodeToolChoice(said), toolChoice)) body.tool_choice = said
  else if (toolChoice !== undefined) body.tool_choice = encodeToolChoice(toolChoice)
  if (body.tools || typeof body.previous_response_id === 'string') return
  // what speaks of tools is refused where there are none
  if (typeof body.parallel_tool_calls === 'boolean' && tools === undefined) delete body.parallel_tool_calls
  if (!body.tool_choice) return
  delete body.tool_choice
  if (toolChoice?.type !== 'auto' && toolChoice?.type !== 'none')
    dropped.add('toolChoice', 'there is no tool to choose from')
}
