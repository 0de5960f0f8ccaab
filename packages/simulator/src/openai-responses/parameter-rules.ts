import { isObject, isSet, type Json } from '../json-value.ts'
import { InvalidRequest, invalidType, invalidValue, objectAt, onlyFields, stringAt } from '../openai/refusal.ts'
import { allEfforts, type SimulatedModel } from '../simulated-model.ts'

const parameters = [
  'model input instructions background conversation include max_output_tokens max_tool_calls metadata',
  'parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention',
  'reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice tools',
  'top_logprobs top_p truncation user context_management moderation',
].flatMap(line => line.split(' '))

const countedParameters = [
  'model input instructions conversation parallel_tool_calls personality previous_response_id reasoning text',
  'tool_choice tools truncation',
].flatMap(line => line.split(' '))

// words of chat completions, and what they are here
const moved: Readonly<Record<string, string>> = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  reasoning_effort: 'reasoning.effort',
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  temperature: [0, 2],
  top_p: [0, 1],
  top_logprobs: [0, 20],
}
const integers = ['max_output_tokens', 'max_tool_calls', 'top_logprobs']
const booleans = ['stream', 'store', 'parallel_tool_calls', 'background']
const strings = [
  'instructions',
  'previous_response_id',
  'prompt_cache_key',
  'safety_identifier',
  'service_tier',
  'user',
]
const leastOutput = 16

/** @throws {InvalidRequest} when a parameter is unknown, of the wrong type, out of range or not for this model. */
export function checkParameters(body: Json, model: SimulatedModel): void {
  checkNames(body, parameters)
  for (const [name, value] of Object.entries(body)) if (value !== null) checkValue(name, value)
  checkCap(body.max_output_tokens, model)
  checkSampling(body, model)
  checkReasoning(body.reasoning, model)
  checkInclude(body.include, model)
  checkMetadata(body.metadata)
  if (isSet(body.stream_options)) {
    if (body.stream !== true) {
      const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
      throw new InvalidRequest(400, message, 'stream_options')
    }
    onlyFields(objectAt(body.stream_options, 'stream_options'), ['include_obfuscation'], 'stream_options')
  }
  if (isSet(body.conversation) || isSet(body.prompt) || body.background === true) {
    const name = isSet(body.conversation) ? 'conversation' : isSet(body.prompt) ? 'prompt' : 'background'
    throw new InvalidRequest(400, `The simulated server does not know '${name}'.`, name, 'unsupported_parameter')
  }
}

/** The same for a request that only wants to know how many tokens it has. */
export function checkCountedParameters(body: Json, model: SimulatedModel): void {
  checkNames(body, countedParameters)
  for (const [name, value] of Object.entries(body)) if (value !== null) checkValue(name, value)
  checkReasoning(body.reasoning, model)
}

function checkNames(body: Json, known: readonly string[]): void {
  for (const [name, now] of Object.entries(moved)) {
    if (body[name] === undefined) continue
    const message = `Unsupported parameter: '${name}'. In the Responses API, this parameter has moved to '${now}'. Try again with the new parameter.`
    throw new InvalidRequest(400, message, name, 'unsupported_parameter')
  }
  onlyFields(body, known, '')
}

function checkValue(name: string, value: unknown): void {
  if (integers.includes(name) && !Number.isInteger(value)) throw invalidType(name, 'an integer', value)
  if (booleans.includes(name) && typeof value !== 'boolean') throw invalidType(name, 'a boolean', value)
  if (strings.includes(name) && typeof value !== 'string') throw invalidType(name, 'a string', value)
  const range = ranges[name]
  if (range === undefined) return
  if (typeof value !== 'number') throw invalidType(name, 'a decimal', value)
  const [low, high] = range
  if (value < low) throw outOfRange(name, 'below_min', `>= ${low}`, value)
  if (value > high) throw outOfRange(name, 'above_max', `<= ${high}`, value)
}

function outOfRange(name: string, side: 'below_min' | 'above_max', expected: string, value: number): InvalidRequest {
  const kind = integers.includes(name) ? 'integer' : 'decimal'
  const word = side === 'below_min' ? 'below minimum value' : 'above maximum value'
  const message = `Invalid '${name}': ${kind} ${word}. Expected a value ${expected}, but got ${value} instead.`
  return new InvalidRequest(400, message, name, `${kind}_${side}_value`)
}

function checkCap(cap: unknown, model: SimulatedModel): void {
  if (typeof cap !== 'number') return
  if (cap < leastOutput) throw outOfRange('max_output_tokens', 'below_min', `>= ${leastOutput}`, cap)
  const most = model.maxOutputTokens ?? 16_384
  if (cap <= most) return
  const message = `Invalid 'max_output_tokens': this model supports at most ${most} output tokens, whereas you provided ${cap}.`
  throw invalidValue('max_output_tokens', message)
}

function checkSampling(body: Json, model: SimulatedModel): void {
  const own = model.refuses ?? []
  const refused = model.reasoning === true ? [...own, 'temperature', 'top_p', 'top_logprobs'] : own
  for (const name of refused) {
    if (!isSet(body[name])) continue
    const message = `Unsupported parameter: '${name}' is not supported with this model.`
    throw new InvalidRequest(400, message, name, 'unsupported_parameter')
  }
}

function checkReasoning(value: unknown, model: SimulatedModel): void {
  if (!isSet(value)) return
  const reasoning = objectAt(value, 'reasoning')
  onlyFields(reasoning, ['effort', 'summary', 'generate_summary', 'context', 'mode'], 'reasoning')
  for (const field of ['effort', 'summary'] as const) {
    if (!isSet(reasoning[field])) continue
    const path = `reasoning.${field}`
    const said = stringAt(reasoning[field], path)
    if (model.reasoning === false || model.reasoning === undefined) {
      const message = `Unsupported parameter: '${path}' is not supported with this model.`
      throw new InvalidRequest(400, message, path, 'unsupported_parameter')
    }
    const taken = field === 'effort' ? (model.reasoningEfforts ?? allEfforts) : ['auto', 'concise', 'detailed']
    if (taken.includes(said)) continue
    const supported = taken.map(name => `'${name}'`).join(', ')
    const message = `Unsupported value: '${said}' is not supported with the '${model.id}' model. Supported values are: ${supported}.`
    throw new InvalidRequest(400, message, path, 'unsupported_value')
  }
}

const includable = [
  'file_search_call.results web_search_call.results web_search_call.action.sources message.input_image.image_url',
  'computer_call_output.output.image_url code_interpreter_call.outputs reasoning.encrypted_content',
  'message.output_text.logprobs',
].flatMap(line => line.split(' '))

function checkInclude(value: unknown, model: SimulatedModel): void {
  if (!isSet(value)) return
  if (!Array.isArray(value)) throw invalidType('include', 'an array', value)
  for (const [index, entry] of value.entries()) {
    if (includable.includes(entry)) continue
    const supported = includable.map(name => `'${name}'`).join(', ')
    throw invalidValue(`include[${index}]`, `Invalid value: '${entry}'. Supported values are: ${supported}.`)
  }
  if (!value.includes('reasoning.encrypted_content')) return
  if (model.reasoning === true || model.reasoning === 'optional') return
  throw new InvalidRequest(400, 'Encrypted content is not supported with this model.', 'include')
}

function checkMetadata(value: unknown): void {
  if (!isSet(value)) return
  if (!isObject(value)) throw invalidType('metadata', 'an object', value)
  for (const [name, text] of Object.entries(value)) stringAt(text, `metadata.${name}`)
}
