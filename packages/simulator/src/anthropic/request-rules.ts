import { isObject, isSet, type Json } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { checkSystem } from './block-rules.ts'
import { checkBreakpoints, checkCacheControl } from './cache-rules.ts'
import { checkMessages } from './message-rules.ts'
import {
  InvalidRequest,
  integerAt,
  listAt,
  objectAt,
  onlyFields,
  optionalBoolean,
  optionalString,
  stringAt,
  wordAt,
} from './refusal.ts'
import { strictSchemaProblem } from './schema-rules.ts'
import { checkThinking } from './thinking-rules.ts'
import { checkTools } from './tool-rules.ts'

const promptFields = [
  'model messages system tools tool_choice thinking output_config cache_control speed user_profile_id workspace_id',
].flatMap(line => line.split(' '))
const answerFields = 'max_tokens metadata stop_sequences stream service_tier container diagnostics inference_geo'.split(
  ' ',
)
const sampling = ['temperature', 'top_p', 'top_k']
const allEfforts = ['low', 'medium', 'high', 'xhigh', 'max']

/** @throws {InvalidRequest} when a request for tokens to be counted is not as it must be. */
export function checkPrompt(body: Json, model: SimulatedModel, version: string): void {
  onlyFields(body, promptFields, '')
  checkPromptFields(body, model, version)
}

/** @throws {InvalidRequest} when a request for an answer is not as it must be. */
export function checkRequest(body: Json, model: SimulatedModel, version: string): void {
  const old = version === '2023-06-01'
  onlyFields(body, [...promptFields, ...answerFields, ...(old ? sampling : [])], '')
  checkCap(body, model)
  if (old) checkSampling(body, model)
  optionalBoolean(body.stream, 'stream')
  if (isSet(body.service_tier)) wordAt(body.service_tier, ['auto', 'standard_only'], 'service_tier')
  if (isSet(body.metadata)) {
    const metadata = objectAt(body.metadata, 'metadata')
    onlyFields(metadata, ['user_id'], 'metadata')
    optionalString(metadata.user_id, 'metadata.user_id')
  }
  if (isSet(body.stop_sequences)) {
    for (const [index, text] of listAt(body.stop_sequences, 'stop_sequences').entries()) {
      if (stringAt(text, `stop_sequences.${index}`).trim() === '') {
        throw new InvalidRequest('stop_sequences', 'each stop sequence must contain non-whitespace')
      }
    }
  }
  checkPromptFields(body, model, version)
}

function checkPromptFields(body: Json, model: SimulatedModel, version: string): void {
  for (const name of model.refuses ?? []) {
    if (isSet(body[name])) throw new InvalidRequest('', `\`${name}\` is not supported for this model.`)
  }
  const reading = { role: 'system', model: String(body.model), version } as const
  checkSystem(body.system, reading)
  checkTools(body, model)
  checkThinking(body, model)
  checkOutput(body.output_config, model)
  checkMessages(body, String(body.model), version)
  checkCacheControl(body.cache_control, '')
  checkBreakpoints(body)
}

function checkCap(body: Json, model: SimulatedModel): void {
  const cap = integerAt(body.max_tokens, 1, 'max_tokens')
  const most = model.maxOutputTokens ?? 64_000
  if (cap <= most) return
  const message = `${cap} > ${most}, which is the maximum allowed number of output tokens for ${String(body.model)}`
  throw new InvalidRequest('max_tokens', message)
}

function checkSampling(body: Json, model: SimulatedModel): void {
  for (const name of ['temperature', 'top_p']) {
    const value = body[name]
    if (!isSet(value)) continue
    if (typeof value !== 'number') throw new InvalidRequest(name, 'Input should be a valid number')
    if (value < 0) throw new InvalidRequest(name, 'Input should be greater than or equal to 0')
    if (value > 1) throw new InvalidRequest(name, 'Input should be less than or equal to 1')
  }
  if (isSet(body.top_k)) integerAt(body.top_k, 0, 'top_k')
  const thinks = isObject(body.thinking) && body.thinking.type !== 'disabled' && model.reasoning !== undefined
  if (thinks && isSet(body.temperature) && body.temperature !== 1) {
    throw new InvalidRequest('', '`temperature` may only be set to 1 when thinking is enabled.')
  }
}

function checkOutput(value: unknown, model: SimulatedModel): void {
  if (!isSet(value)) return
  const config = objectAt(value, 'output_config')
  onlyFields(config, ['effort', 'format'], 'output_config')
  if (isSet(config.effort)) {
    const efforts = model.reasoningEfforts ?? allEfforts
    wordAt(config.effort, allEfforts, 'output_config.effort')
    const takes = model.reasoning !== undefined && model.reasoning !== false && model.thinking !== 'budget'
    if (!takes) throw new InvalidRequest('', 'This model does not support the effort parameter.')
    wordAt(config.effort, efforts, 'output_config.effort')
  }
  if (!isSet(config.format)) return
  const format = objectAt(config.format, 'output_config.format')
  wordAt(format.type, ['json_schema'], 'output_config.format.type')
  onlyFields(format, ['type', 'schema'], 'output_config.format')
  const problem = strictSchemaProblem(objectAt(format.schema, 'output_config.format.schema'))
  if (problem !== undefined) throw new InvalidRequest('output_config.format.schema', problem)
}
