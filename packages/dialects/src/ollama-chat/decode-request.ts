import type { JsonObject, JsonValue, MessageRequest } from '@switchyard/core/contract'
import { keepExtra } from '../extra.ts'
import { fault, kindOf, listAt, optionalBoolean, optionalNumber, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { rememberOriginal } from '../original-arrays.ts'
import { decodeMessages, type RequestReading } from './decode-messages.ts'
import { dialect } from './names.ts'
import { decodeOptions } from './request-options.ts'
import { decodeFormat } from './response-format.ts'
import { decodeThink } from './thinking.ts'
import { decodeTools } from './tools.ts'

export interface DecodeRequestOptions {
  /** What a request without `model` asks for; without it such a request is refused. */
  readonly defaultModel?: string
  /** The most bytes of one image; no limit when absent. */
  readonly maxMediaBytes?: number
}

const understood = new Set(['model', 'messages', 'options', 'format', 'tools', 'think'])
// how the model is kept, and what becomes of a conversation that is too long
const harmless = new Set(['stream', 'keep_alive', 'truncate', 'shift', 'top_logprobs'])

/**
 * Reads what a client sent. A request without messages is one: it loads the model, or with `keep_alive: 0` unloads it.
 * @throws {SwitchyardError} `invalid-request`, whose `param` is the field at fault.
 */
export function decodeRequest(value: unknown, options: DecodeRequestOptions = {}): MessageRequest {
  if (!isObject(value)) throw fault('body', `must be a JSON object with model and messages, and is ${kindOf(value)}.`)
  const body = value
  const reading: RequestReading = { maximumMediaBytes: options.maxMediaBytes ?? Number.POSITIVE_INFINITY, bound: [] }
  const model = decodeModel(body, options)
  const wire = body.messages == null ? [] : listAt(body.messages, 'messages')
  const messages = decodeMessages(wire, reading)
  rememberOriginal(messages, dialect, wire as readonly JsonValue[])
  const tools = body.tools == null ? undefined : decodeTools(body.tools)
  if (tools !== undefined) rememberOriginal(tools, dialect, body.tools as readonly JsonValue[])
  const responseFormat = decodeFormat(body.format)
  const reasoningEffort = decodeThink(body.think)
  const { settings, rest } = decodeOptions(body.options)
  checkOtherFields(body)
  const extra = otherFields(body, reading)
  for (const _ in rest) extra.options = rest
  if (body.think === true) extra.think = true
  return {
    model,
    messages,
    stream: optionalBoolean(body.stream, 'stream') ?? true,
    ...settings,
    ...(tools && { tools }),
    ...(responseFormat && { responseFormat }),
    ...(reasoningEffort !== undefined && { reasoningEffort }),
    ...keepExtra(dialect, extra),
    ...(reading.bound.length > 0 && { boundTo: { dialect, fields: reading.bound } }),
  }
}

function decodeModel(body: JsonObject, { defaultModel }: DecodeRequestOptions): string {
  const model = body.model == null ? defaultModel : textAt(body.model, 'model')
  if (model === undefined || model === '') throw fault('model', 'is missing; name the model that shall answer.')
  return model
}

function checkOtherFields(body: JsonObject): void {
  const { keep_alive: keepAlive } = body
  if (typeof keepAlive === 'string') {
    if (!/^[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+)$/.test(keepAlive))
      throw fault('keep_alive', `is "${keepAlive}"; it must be a duration such as "10m", or a number of seconds.`)
  } else optionalNumber(keepAlive, 'keep_alive')
  optionalBoolean(body.truncate, 'truncate')
  optionalBoolean(body.shift, 'shift')
  optionalBoolean(body.logprobs, 'logprobs')
  optionalNumber(body.top_logprobs, 'top_logprobs', { from: 0, to: 20, whole: true })
}

function otherFields(body: JsonObject, reading: RequestReading): JsonDraft {
  const extra: JsonDraft = {}
  for (const [field, said] of Object.entries(body)) {
    const isNothing = said === null || said === '' || (Array.isArray(said) && said.length === 0)
    if (said === undefined || field === 'stream' || (understood.has(field) && !isNothing)) continue
    if (field === 'messages' || field === 'options') continue
    extra[field] = said
    if (!isNothing && !harmless.has(field) && said !== false) reading.bound.push(field)
  }
  return extra
}
