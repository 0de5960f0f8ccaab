import type { JsonObject, MessageRequest, ModelFacts, Warning } from '@switchyard/core/contract'
import { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { isForced, unforcedRequest } from '../forced-tool-choice.ts'
import { refuseForeign } from '../foreign-request.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { originalOf } from '../original-arrays.ts'
import { type EncodedContents, encodeContents } from './encode-contents.ts'
import { encodeGenerationConfig } from './generation-config.ts'
import { dialect } from './names.ts'
import { toolConfig } from './tool-choice.ts'
import { encodeTools } from './tools.ts'

export interface EncodeRequestOptions {
  /** The provider's own name of the model; it stands in the path, not in the body. */
  readonly model: string
  readonly facts?: ModelFacts
  /** Throw `unsupported` instead of giving a warning; default `false`. */
  readonly strict?: boolean
}

export interface EncodedRequest {
  readonly body: JsonObject
  readonly warnings: readonly Warning[]
}

/**
 * The body to send; whether it is streamed stands in the path.
 * @throws {SwitchyardError} `unsupported` for what the wire cannot say, when strict; `invalid-request` for no message.
 */
export function encodeRequest(given: MessageRequest, options: EncodeRequestOptions): EncodedRequest {
  refuseForeign(given, dialect)
  const dropped = new Dropped(options.model, options.strict ?? false)
  const { facts } = options
  const request = unforcedRequest(given, facts, dropped)
  const { generationConfig: keptConfig, toolConfig: keptToolConfig, ...kept } = extraOf(request, dialect)
  const body: JsonDraft = { ...kept, ...encodedContents(request, facts, dropped) }
  const config = encodeGenerationConfig(request, keptConfig, facts, dropped)
  if (config !== undefined) body.generationConfig = config
  if (request.tools !== undefined) {
    const tools = originalOf(request.tools, dialect) ?? encodeTools(request.tools, dropped)
    if (tools.length > 0) body.tools = tools
  }
  const choice = acceptedChoice(request, body.tools !== undefined, facts, dropped)
  const chosen = toolConfig(choice, keptToolConfig)
  if (chosen !== undefined) body.toolConfig = chosen
  dropUnsayable(request, dropped)
  return { body, warnings: dropped.warnings }
}

function encodedContents(request: MessageRequest, facts: ModelFacts | undefined, dropped: Dropped): EncodedContents {
  const [contents, systemInstruction] = originalOf(request.messages, dialect) ?? []
  if (Array.isArray(contents))
    return { contents, ...(isObject(systemInstruction) && { systemInstruction }) } as EncodedContents
  const signsCalls = facts?.thinking !== 'budget' && facts?.capabilities?.reasoning !== false
  return encodeContents(request.messages, { signsCalls, prefill: facts?.capabilities?.prefill, dropped })
}

function acceptedChoice(
  { toolChoice }: MessageRequest,
  hasTools: boolean,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): MessageRequest['toolChoice'] {
  if (toolChoice === undefined) return undefined
  if (!hasTools) {
    if (isForced(toolChoice) || toolChoice.type === 'allowed')
      dropped.add('toolChoice', 'there is no tool to choose from')
    return undefined
  }
  if (facts?.capabilities?.toolChoice !== false) return toolChoice
  dropped.add('toolChoice', 'the model does not take it')
  return undefined
}

function dropUnsayable(request: MessageRequest, dropped: Dropped): void {
  if (request.parallelToolCalls === false)
    dropped.add('parallelToolCalls', 'this dialect cannot hold the model to one call at a time')
  if (request.metadata !== undefined) dropped.add('metadata', 'this dialect takes none')
}
