import type { JsonObject, MessageRequest, ModelFacts } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { listAt, objectAt, optionalNumber, textAt } from '../field-checks.ts'
import type { JsonDraft } from '../json.ts'
import { dropRefusedFields, type SettingsByCapability } from '../refused-settings.ts'

/** Tokens of context for a model of which nothing is known. The server's own choice may be half as much. */
export const defaultContextWindow = 8192

type NumberSetting = 'temperature' | 'topP' | 'frequencyPenalty' | 'presencePenalty' | 'seed'

const numbers: readonly (readonly [field: string, setting: NumberSetting])[] = [
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['seed', 'seed'],
]
const wholeNumbers = ['num_ctx', 'num_predict', 'seed', 'top_k', 'repeat_last_n', 'num_keep', 'num_batch', 'num_gpu']
const understood = new Set([...numbers.map(([field]) => field), 'num_predict', 'stop'])

const refusable: SettingsByCapability = [
  ['temperature', [['temperature']]],
  ['topP', [['top_p', 'topP']]],
  [
    'penalties',
    [
      ['frequency_penalty', 'frequencyPenalty'],
      ['presence_penalty', 'presencePenalty'],
    ],
  ],
  ['stop', [['stop']]],
  ['seed', [['seed']]],
]

type Settings = { -readonly [Key in NumberSetting | 'maxOutputTokens' | 'stop']?: MessageRequest[Key] }

/** What `options` says in our words, and the rest of it. */
export function decodeOptions(value: unknown): { readonly settings: Settings; readonly rest: JsonDraft } {
  const settings: Settings = {}
  const rest: JsonDraft = {}
  if (value === undefined || value === null) return { settings, rest }
  const options = objectAt(value, 'options')
  for (const field of wholeNumbers) optionalNumber(options[field], `options.${field}`, { whole: true })
  for (const [field, setting] of numbers) {
    const said = optionalNumber(options[field], `options.${field}`)
    if (said !== undefined) settings[setting] = said
  }
  const { num_predict: cap, stop } = options
  // -1 is without end, -2 until the context is full
  if (typeof cap === 'number' && cap > 0) settings.maxOutputTokens = cap
  if (stop !== undefined && stop !== null) {
    settings.stop = listAt(stop, 'options.stop').map((entry, at) => textAt(entry, `options.stop[${at}]`))
  }
  for (const [field, said] of Object.entries(options)) {
    if (said === undefined) continue
    if (!understood.has(field) || said === null || (field === 'num_predict' && !('maxOutputTokens' in settings)))
      rest[field] = said
  }
  return { settings, rest }
}

/** `options`, the context's size always among them: a server left to choose cuts the conversation without a word. */
export function encodeOptions(
  request: MessageRequest,
  kept: JsonObject,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonObject {
  const options: JsonDraft = { ...kept }
  options.num_ctx ??= facts?.capabilities?.contextWindow ?? defaultContextWindow
  if (request.maxOutputTokens !== undefined) options.num_predict = request.maxOutputTokens
  for (const [field, setting] of numbers) if (request[setting] !== undefined) options[field] = request[setting]
  if (request.stop !== undefined) options.stop = request.stop
  dropRefusedFields(options, refusable, facts, dropped)
  return options
}
