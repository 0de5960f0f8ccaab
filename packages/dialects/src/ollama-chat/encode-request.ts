import type { JsonObject, MessageRequest, ModelFacts, Warning } from '@switchyard/core/contract'
import { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { refuseForeign } from '../foreign-request.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { originalOf } from '../original-arrays.ts'
import { dropRefusedFields, type SettingsByCapability } from '../refused-settings.ts'
import { encodeMessages } from './encode-messages.ts'
import { dialect } from './names.ts'
import { encodeOptions } from './request-options.ts'
import { encodeFormat } from './response-format.ts'
import { encodeThink } from './thinking.ts'
import { encodeTools } from './tools.ts'

export interface EncodeRequestOptions {
  /** The provider's own name of the model. */
  readonly model: string
  readonly stream: boolean
  /** Its `contextWindow` is what the model is loaded with, where the request does not say; 8192 where neither does. */
  readonly facts?: ModelFacts
  /** Throw `unsupported` instead of giving a warning; default `false`. */
  readonly strict?: boolean
  /** How long the model stays loaded, where the request does not say: `"10m"`, seconds, 0 to unload, -1 for ever. */
  readonly keepAlive?: string | number
  /** What the server does with a conversation beyond the context: `true` leaves messages out, `false` refuses it. */
  readonly truncate?: boolean
}

export interface EncodedRequest {
  readonly body: JsonObject
  readonly warnings: readonly Warning[]
}

const refusable: SettingsByCapability = [['logprobs', [['logprobs'], ['top_logprobs']]]]

/** The body to send. @throws {SwitchyardError} `unsupported` for what the wire cannot say, when strict. */
export function encodeRequest(request: MessageRequest, options: EncodeRequestOptions): EncodedRequest {
  refuseForeign(request, dialect)
  const { facts } = options
  const dropped = new Dropped(options.model, options.strict ?? false)
  const { options: keptOptions, stream: _, think: keptThink, format: keptFormat, ...kept } = extraOf(request, dialect)
  const body: JsonDraft = {
    ...kept,
    model: options.model,
    messages: originalOf(request.messages, dialect) ?? encodeMessages(request.messages, { facts, dropped }),
    stream: options.stream,
  }
  const format = encodeFormat(request.responseFormat, facts, dropped) ?? keptFormat
  if (format !== undefined) body.format = format
  const tools = encodeTools(request, facts, dropped)
  if (tools.length > 0) body.tools = tools as readonly JsonObject[]
  const think = encodeThink(request.reasoningEffort, keptThink, facts, dropped)
  if (think !== undefined) body.think = think
  if (options.keepAlive !== undefined && !('keep_alive' in kept)) body.keep_alive = options.keepAlive
  if (options.truncate !== undefined && !('truncate' in kept)) body.truncate = options.truncate
  body.options = encodeOptions(request, isObject(keptOptions) ? keptOptions : {}, facts, dropped)
  dropRefusedFields(body, refusable, facts, dropped)
  if (request.metadata !== undefined) dropped.add('metadata', 'Ollama takes none')
  return { body, warnings: dropped.warnings }
}
