import type { JsonObject, JsonValue, MessageRequest, ModelFacts } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { fault, listAt, type NumberRange, objectAt, optionalNumber, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { dropRefusedFields, type SettingsByCapability } from '../refused-settings.ts'
import { decodeFormat, encodeFormat, isPlainFormat, takeKeptFormat } from './response-format.ts'
import { decodeThinking, thinkingFields } from './thinking.ts'

type NumberSetting = 'temperature' | 'topP' | 'maxOutputTokens' | 'frequencyPenalty' | 'presencePenalty' | 'seed'

// the wire has our names for these
const ranges: Readonly<Record<NumberSetting, NumberRange>> = {
  temperature: { from: 0, to: 2 },
  topP: { from: 0, to: 1 },
  maxOutputTokens: { from: 1, whole: true },
  frequencyPenalty: { from: -2, to: 2 },
  presencePenalty: { from: -2, to: 2 },
  seed: { whole: true },
}
const numbers = Object.entries(ranges) as [NumberSetting, NumberRange][]
const maximumStops = 5

const refusable: SettingsByCapability = [
  ['temperature', [['temperature']]],
  ['topP', [['topP']]],
  ['penalties', [['frequencyPenalty'], ['presencePenalty']]],
  ['stop', [['stopSequences', 'stop']]],
  ['seed', [['seed']]],
  ['logprobs', [['responseLogprobs'], ['logprobs']]],
]

/** The wire's `generationConfig`: our settings over what was kept of a request of this dialect. */
export function encodeGenerationConfig(
  request: MessageRequest,
  given: JsonValue | undefined,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonObject | undefined {
  const { thinkingConfig, ...kept }: JsonDraft = isObject(given) ? given : {}
  const keptFormat = takeKeptFormat(kept, request.responseFormat)
  const config: JsonDraft = { ...kept, ...keptFormat }
  for (const [setting] of numbers) if (request[setting] !== undefined) config[setting] = request[setting]
  if (request.stop !== undefined) config.stopSequences = stopSequences(request.stop, dropped)
  if (keptFormat === undefined && request.responseFormat !== undefined)
    Object.assign(config, encodeFormat(request.responseFormat, facts, dropped))
  const thinking = thinkingFields(request.reasoningEffort, thinkingConfig, facts, dropped)
  if (thinking !== undefined) config.thinkingConfig = thinking
  dropRefusedFields(config, refusable, facts, dropped)
  return Object.keys(config).length > 0 ? config : undefined
}

function stopSequences(stop: readonly string[], dropped: Dropped): readonly string[] {
  if (stop.length <= maximumStops) return stop
  dropped.add('stop', `this dialect takes ${maximumStops} sequences at most; the others are left out`)
  return stop.slice(0, maximumStops)
}

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/** What a `generationConfig` says in our words, the rest of it, and which of that only Gemini can do. */
export interface DecodedConfig {
  readonly settings: Partial<MessageRequest>
  readonly rest: JsonDraft
  readonly bound: readonly string[]
}

/** @throws {SwitchyardError} `invalid-request`, naming the field. */
export function decodeGenerationConfig(value: unknown): DecodedConfig {
  const settings: Writable<Partial<MessageRequest>> = {}
  if (value === undefined) return { settings, rest: {}, bound: [] }
  const path = 'generationConfig'
  const config = objectAt(value, path)
  for (const [setting, range] of numbers) {
    const said = optionalNumber(config[setting], `${path}.${setting}`, range)
    if (said !== undefined) settings[setting] = said
  }
  optionalNumber(config.candidateCount, `${path}.candidateCount`, { from: 1, to: 8, whole: true })
  if (config.stopSequences !== undefined) settings.stop = decodeStops(config.stopSequences, `${path}.stopSequences`)
  const format = decodeFormat(config)
  if (format !== undefined) settings.responseFormat = format
  if (config.thinkingConfig !== undefined) {
    const effort = decodeThinking(objectAt(config.thinkingConfig, `${path}.thinkingConfig`))
    if (effort !== undefined) settings.reasoningEffort = effort
  }
  const rest: JsonDraft = {}
  const bound: string[] = []
  for (const field in config) {
    if (field in ranges || field === 'stopSequences') continue
    rest[field] = config[field]
    if (!isHarmless(field, config)) bound.push(`${path}.${field}`)
  }
  return { settings, rest, bound }
}

function decodeStops(value: unknown, path: string): readonly string[] {
  const stops = listAt(value, path).map((entry, at) => textAt(entry, `${path}[${at}]`))
  if (stops.length > maximumStops)
    throw fault(path, `holds ${stops.length} sequences; at most ${maximumStops} are taken.`)
  return stops
}

// told in our words, or hints whose loss changes nothing that the caller could miss
const told = new Set(['responseJsonSchema', 'responseSchema', 'thinkingConfig', 'topK', 'mediaResolution'])

function isHarmless(field: string, config: JsonObject): boolean {
  const value = config[field]
  if (told.has(field)) return true
  if (field === 'responseMimeType') return isPlainFormat(config)
  if (field === 'candidateCount') return value === 1
  if (field === 'responseLogprobs') return value === false
  return field === 'responseModalities' && Array.isArray(value) && value.every(modality => modality === 'TEXT')
}
