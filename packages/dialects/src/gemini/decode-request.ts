import type { JsonObject, JsonValue, Message, MessageRequest } from '@switchyard/core/contract'
import { keepExtra } from '../extra.ts'
import { fault, kindOf, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { rememberOriginal } from '../original-arrays.ts'
import { decodeContents, decodeSystemInstruction, type RequestReading } from './decode-contents.ts'
import { decodeGenerationConfig } from './generation-config.ts'
import { modelName } from './model-resource.ts'
import { dialect } from './names.ts'
import { decodeToolChoice, encodeToolChoice } from './tool-choice.ts'
import { decodeTools } from './tools.ts'

export interface DecodeRequestOptions {
  /** The model that the request's path names: `gemini-3.8-flash`. A `model` in the body counts over it. */
  readonly defaultModel?: string
  /** Whether the path asks for a stream; default `false`. */
  readonly stream?: boolean
  /** The most bytes of one image, sound or file; no limit when absent. */
  readonly maxMediaBytes?: number
}

/** Reads what a client sent. @throws {SwitchyardError} `invalid-request`, whose `param` is the field at fault. */
export function decodeRequest(value: unknown, options: DecodeRequestOptions = {}): MessageRequest {
  if (!isObject(value)) throw fault('body', `must be a JSON object with contents, and is ${kindOf(value)}.`)
  const body = value
  const reading: RequestReading = { maximumMediaBytes: options.maxMediaBytes ?? Number.POSITIVE_INFINITY, bound: [] }
  const extra: JsonDraft = {}
  const model = optionalText(body.model, 'model') ?? options.defaultModel
  if (!model) throw fault('model', 'is missing; name the model that shall answer, in the path.')
  const messages = decodeConversation(body, reading)
  const tools = body.tools === undefined ? undefined : decodeTools(body.tools, reading.bound)
  if (tools !== undefined) rememberOriginal(tools, dialect, body.tools as readonly JsonValue[])
  const toolChoice = decodeToolConfig(body, tools, extra, reading)
  const { settings, rest, bound } = decodeGenerationConfig(body.generationConfig)
  reading.bound.push(...bound)
  if (Object.keys(rest).length > 0) extra.generationConfig = rest
  keepOthers(body, extra, reading)
  return {
    model: modelName(model),
    messages,
    stream: options.stream ?? false,
    ...settings,
    ...(tools && { tools }),
    ...(toolChoice && { toolChoice }),
    ...keepExtra(dialect, extra),
    ...(reading.bound.length > 0 && { boundTo: { dialect, fields: reading.bound } }),
  }
}

function decodeConversation(body: JsonObject, reading: RequestReading): readonly Message[] {
  const system = decodeSystemInstruction(body.systemInstruction, reading)
  const messages = decodeContents(body.contents, reading)
  if (system !== undefined) messages.unshift(system)
  rememberOriginal(messages, dialect, [body.contents as JsonValue, body.systemInstruction ?? null])
  return messages
}

function decodeToolConfig(
  body: JsonObject,
  tools: MessageRequest['tools'],
  extra: JsonDraft,
  reading: RequestReading,
): MessageRequest['toolChoice'] {
  if (body.toolConfig === undefined) return undefined
  const config = objectAt(body.toolConfig, 'toolConfig')
  const choice = decodeToolChoice(config, tools)
  if (choice === undefined || !sameJson(encodeToolChoice(choice), config)) extra.toolConfig = config
  for (const field in config) if (field !== 'functionCallingConfig') reading.bound.push(`toolConfig.${field}`)
  return choice
}

const understood = new Set(['contents', 'systemInstruction', 'generationConfig', 'tools', 'toolConfig', 'model'])
// their loss changes nothing that the caller could miss
const hints = new Set(['safetySettings', 'serviceTier', 'labels', 'store'])

function keepOthers(body: JsonObject, extra: JsonDraft, reading: RequestReading): void {
  if (body.safetySettings !== undefined) checkSafetySettings(body.safetySettings)
  for (const field in body) {
    const value = body[field]
    if (value === undefined || understood.has(field)) continue
    extra[field] = value
    if (value !== null && !hints.has(field)) reading.bound.push(field)
  }
}

function checkSafetySettings(value: unknown): void {
  listAt(value, 'safetySettings').forEach((entry, at) => {
    const path = `safetySettings[${at}]`
    const setting = objectAt(entry, path)
    textAt(setting.category, `${path}.category`)
    textAt(setting.threshold, `${path}.threshold`)
  })
}
