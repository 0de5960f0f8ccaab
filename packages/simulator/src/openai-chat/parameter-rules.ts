import { isObject, isSet, type Json } from '../json-value.ts'
import type { ChatFlavour } from '../openai/openai-flavour.ts'
import { InvalidRequest, invalidType, invalidValue, onlyFields } from '../openai/refusal.ts'
import { allEfforts, type SimulatedModel } from '../simulated-model.ts'

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  temperature: [0, 2],
  top_p: [0, 1],
  frequency_penalty: [-2, 2],
  presence_penalty: [-2, 2],
  n: [1, 128],
  top_logprobs: [0, 20],
}
const integers = ['n', 'seed', 'max_tokens', 'max_completion_tokens', 'top_logprobs']
const booleans = ['stream', 'logprobs', 'parallel_tool_calls', 'store']
const strings = ['user', 'prompt_cache_key', 'safety_identifier', 'service_tier', 'reasoning_effort']

/** @throws {InvalidRequest} when a parameter is unknown, of the wrong type, out of range or not for this model. */
export function checkParameters(body: Json, model: SimulatedModel, chat: ChatFlavour): void {
  onlyFields(body, chat.parameters, '')
  for (const [name, value] of Object.entries(body)) if (value !== null) checkValue(name, value)
  checkModelTakes(body, model, chat)
  chat.check?.(body)
  checkCombinations(body, model)
  checkStop(body.stop)
  checkMetadata(body.metadata)
  checkStreamOptions(body)
}

function checkValue(name: string, value: unknown): void {
  if (integers.includes(name) && !Number.isInteger(value)) throw invalidType(name, 'an integer', value)
  if (booleans.includes(name) && typeof value !== 'boolean') throw invalidType(name, 'a boolean', value)
  if (strings.includes(name) && typeof value !== 'string') throw invalidType(name, 'a string', value)
  const range = ranges[name]
  if (range !== undefined) {
    if (typeof value !== 'number') throw invalidType(name, 'a decimal', value)
    const [low, high] = range
    if (value < low) throw outOfRange(name, `a value >= ${low}`, value)
    if (value > high) throw outOfRange(name, `a value <= ${high}`, value)
  }
  if ((name === 'max_tokens' || name === 'max_completion_tokens') && (value as number) < 1) {
    throw outOfRange(name, 'a value >= 1', value as number)
  }
}

function outOfRange(name: string, expected: string, value: number): InvalidRequest {
  const code = expected.includes('>=') ? 'integer_below_min_value' : 'integer_above_max_value'
  return new InvalidRequest(
    400,
    `Invalid '${name}': value out of range. Expected ${expected}, but got ${value} instead.`,
    name,
    code.replace('integer', Number.isInteger(value) ? 'integer' : 'decimal'),
  )
}

function checkModelTakes(body: Json, model: SimulatedModel, chat: ChatFlavour): void {
  for (const name of refusedParameters(model, chat)) {
    const value = body[name]
    if (value === undefined || value === null || value === false) continue
    // the default is no setting
    if (model.reasoning === true && (name === 'temperature' || name === 'top_p')) {
      if (value === 1) continue
      const message = `Unsupported value: '${name}' does not support ${value} with this model. Only the default (1) value is supported.`
      throw new InvalidRequest(400, message, name, 'unsupported_value')
    }
    const cure = name === 'max_tokens' ? " Use 'max_completion_tokens' instead." : ''
    const message = `Unsupported parameter: '${name}' is not supported with this model.${cure}`
    throw new InvalidRequest(400, message, name, 'unsupported_parameter')
  }
  const effort = body.reasoning_effort
  const efforts = model.reasoningEfforts ?? allEfforts
  if (typeof effort === 'string' && !efforts.includes(effort)) {
    const supported = efforts.map(name => `'${name}'`).join(', ')
    const message = `Unsupported value: 'reasoning_effort' does not support '${effort}' with this model. Supported values are: ${supported}.`
    throw new InvalidRequest(400, message, 'reasoning_effort', 'unsupported_value')
  }
  const tools = Array.isArray(body.tools) && body.tools.length > 0
  if (model.toolsNeedNoEffort === true && tools && effort !== 'none') {
    const cure = efforts.includes('none') ? " or set reasoning_effort to 'none'" : ''
    const message = `Function tools with reasoning_effort are not supported for ${model.id} in /v1/chat/completions. To use function tools, use /v1/responses${cure}.`
    throw new InvalidRequest(400, message, 'reasoning_effort')
  }
}

function refusedParameters(model: SimulatedModel, chat: ChatFlavour): readonly string[] {
  const own = model.refuses ?? []
  if (model.reasoning === 'optional') return own
  return model.reasoning === true ? [...own, ...chat.refusedByReasoning] : [...own, 'reasoning_effort']
}

function checkCombinations(body: Json, model: SimulatedModel): void {
  if (isSet(body.max_tokens) && isSet(body.max_completion_tokens)) {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    throw new InvalidRequest(400, message, 'max_tokens', 'invalid_parameter_combination')
  }
  const most = model.maxOutputTokens ?? 16_384
  for (const name of ['max_tokens', 'max_completion_tokens']) {
    const cap = body[name]
    if (typeof cap === 'number' && cap > most) {
      throw invalidValue(
        name,
        `${name} is too large: ${cap}. This model supports at most ${most} completion tokens, whereas you provided ${cap}.`,
      )
    }
  }
  if (isSet(body.top_logprobs) && body.logprobs !== true) {
    throw new InvalidRequest(
      400,
      "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
      'top_logprobs',
    )
  }
  const tools = isSet(body.tools)
  for (const name of ['tool_choice', 'parallel_tool_calls']) {
    if (isSet(body[name]) && !tools) {
      const message = `Invalid value for '${name}': '${name}' is only allowed when 'tools' are specified.`
      throw new InvalidRequest(400, message, name)
    }
  }
}

function checkStop(stop: unknown): void {
  if (!isSet(stop)) return
  const list = Array.isArray(stop) ? stop : [stop]
  if (list.length > 4) {
    const message = `Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length ${list.length} instead.`
    throw new InvalidRequest(400, message, 'stop', 'array_above_max_length')
  }
  for (const text of list)
    if (typeof text !== 'string') throw invalidType('stop', 'a string or an array of strings', text)
}

function checkMetadata(metadata: unknown): void {
  if (!isSet(metadata)) return
  if (!isObject(metadata)) throw invalidType('metadata', 'an object', metadata)
  const entries = Object.entries(metadata)
  if (entries.length > 16) {
    const message = `Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with ${entries.length} properties instead.`
    throw new InvalidRequest(400, message, 'metadata', 'object_above_max_properties')
  }
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw invalidType(`metadata.${key}`, 'a string', value)
    if (key.length > 64 || value.length > 512) {
      const message = `Invalid 'metadata.${key}': string too long. Keys have at most 64 characters, values 512.`
      throw new InvalidRequest(400, message, `metadata.${key}`, 'string_above_max_length')
    }
  }
}

function checkStreamOptions(body: Json): void {
  const options = body.stream_options
  if (!isSet(options)) return
  if (body.stream !== true) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    throw new InvalidRequest(400, message, 'stream_options')
  }
  if (!isObject(options)) throw invalidType('stream_options', 'an object', options)
  onlyFields(options, ['include_usage', 'include_obfuscation'], 'stream_options')
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'boolean') throw invalidType(`stream_options.${name}`, 'a boolean', value)
  }
}
