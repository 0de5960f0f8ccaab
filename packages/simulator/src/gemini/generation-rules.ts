import type { Json } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { signs } from './gemini-models.ts'
import {
  InvalidArgument,
  listAt,
  objectAt,
  onlyFields,
  optionalBoolean,
  optionalNumber,
  optionalWord,
  stringAt,
} from './refusal.ts'

const path = 'generation_config'
const fields = [
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'seed',
  'presencePenalty',
  'frequencyPenalty',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseModalities',
  'responseLogprobs',
  'logprobs',
  'thinkingConfig',
  'mediaResolution',
  'speechConfig',
  'enableEnhancedCivicAnswers',
]
const largest = 2 ** 31 - 1

/** @throws {InvalidArgument} when settings are not as they must be for this model. */
export function checkGenerationConfig(value: unknown, model: SimulatedModel): void {
  if (value === undefined) return
  const config = objectAt(value, path)
  onlyFields(config, fields, path)
  const at = (field: string) => `${path}.${field}`
  optionalNumber(config.temperature, at('temperature'), 0, 2)
  optionalNumber(config.topP, at('top_p'), 0, 1)
  optionalNumber(config.topK, at('top_k'), 1, 1_000, true)
  optionalNumber(config.candidateCount, at('candidate_count'), 1, 8, true)
  optionalNumber(config.maxOutputTokens, at('max_output_tokens'), 1, model.maxOutputTokens ?? 65_536, true)
  optionalNumber(config.seed, at('seed'), -largest - 1, largest, true)
  optionalNumber(config.presencePenalty, at('presence_penalty'), -2, 2)
  optionalNumber(config.frequencyPenalty, at('frequency_penalty'), -2, 2)
  optionalBoolean(config.responseLogprobs, at('response_logprobs'))
  for (const field of model.refuses ?? []) {
    if (config[field] !== undefined) throw new InvalidArgument(`${field} is not supported for this model.`, at(field))
  }
  checkStopSequences(config.stopSequences)
  checkFormat(config)
  checkThinking(config.thinkingConfig, model)
}

function checkStopSequences(value: unknown): void {
  if (value === undefined) return
  const place = `${path}.stop_sequences`
  const sequences = listAt(value, place)
  for (const [index, sequence] of sequences.entries()) stringAt(sequence, `${place}[${index}]`)
  if (sequences.length > 5)
    throw new InvalidArgument('The number of stop sequences must not exceed the maximum of 5.', place)
}

function checkFormat(config: Json): void {
  const { responseMimeType: type, responseSchema, responseJsonSchema } = config
  const types = ['text/plain', 'application/json', 'text/x.enum']
  if (type !== undefined && !types.includes(type as string)) {
    const message = `* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are \`text/plain\`, \`application/json\`, \`application/xml\`, \`application/yaml\` and \`text/x.enum\`.`
    throw new InvalidArgument(message, `${path}.response_mime_type`)
  }
  if (responseSchema !== undefined && responseJsonSchema !== undefined)
    throw new InvalidArgument('response_schema and response_json_schema are mutually exclusive.', path)
  const schema = responseJsonSchema ?? responseSchema
  if (schema === undefined) return
  objectAt(schema, `${path}.response_schema`)
  if (type === 'application/json' || type === 'text/x.enum') return
  const message = 'Response schema is only supported with response_mime_type application/json or text/x.enum.'
  throw new InvalidArgument(message, `${path}.response_schema`)
}

function checkThinking(value: unknown, model: SimulatedModel): void {
  if (value === undefined) return
  const place = `${path}.thinking_config`
  const config = objectAt(value, place)
  onlyFields(config, ['includeThoughts', 'thinkingBudget', 'thinkingLevel'], place)
  optionalBoolean(config.includeThoughts, `${place}.include_thoughts`)
  optionalNumber(config.thinkingBudget, `${place}.thinking_budget`, -1, 32_768, true)
  const levels = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']
  optionalWord(config.thinkingLevel, levels, 'ThinkingConfig.ThinkingLevel', `${place}.thinking_level`)
  const { thinkingBudget: budget, thinkingLevel: level } = config
  if (!signs(model)) throw new InvalidArgument('Thinking is not enabled for this model.', place)
  if (budget !== undefined && level !== undefined)
    throw new InvalidArgument('You can only set one of thinking budget and thinking level.', place)
  if (budget !== undefined && model.thinking === 'effort')
    throw new InvalidArgument('Thinking budget is not supported for this model.', place)
  if (level !== undefined && model.thinking === 'budget')
    throw new InvalidArgument('Thinking level is not supported for this model.', place)
}

/** How much is thought about a request, and whether it is shown. */
export function thinkingOf(
  value: unknown,
  model: SimulatedModel,
): { readonly tokens: number; readonly shown: boolean } {
  const config = (value ?? {}) as Json
  const shown = config.includeThoughts === true
  if (!signs(model)) return { tokens: 0, shown }
  const { thinkingBudget: budget, thinkingLevel: level } = config
  if (typeof budget === 'number' && budget >= 0) return { tokens: Math.ceil(budget / 128), shown }
  const usual = model.reasoning === true ? 'MEDIUM' : shown || budget === -1 ? 'LOW' : 'NONE'
  return { tokens: tokensByLevel[typeof level === 'string' ? level : usual] ?? 0, shown }
}

const tokensByLevel: Readonly<Record<string, number>> = { MINIMAL: 8, LOW: 16, MEDIUM: 64, HIGH: 256 }
