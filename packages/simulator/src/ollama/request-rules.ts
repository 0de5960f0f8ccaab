import { isObject, isSet, type Json } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { capabilitiesOf } from './ollama-models.ts'
import { optional, optionalList, optionalObject, Refusal, wrongType } from './refusal.ts'

/** @throws {Refusal} for what the server cannot read; fields that it does not know, it does not see. */
export function checkFields(body: Json): void {
  optional(body.stream, 'boolean', 'ChatRequest.stream')
  optional(body.truncate, 'boolean', 'ChatRequest.truncate')
  optional(body.shift, 'boolean', 'ChatRequest.shift')
  optional(body.logprobs, 'boolean', 'ChatRequest.logprobs')
  optional(body.top_logprobs, 'number', 'ChatRequest.top_logprobs', 'int')
  const alternatives = Number(body.top_logprobs ?? 0)
  if (alternatives < 0 || alternatives > 20) throw new Refusal(400, 'top_logprobs must be between 0 and 20')
  checkKeepAlive(body.keep_alive)
  checkThink(body.think)
  for (const tool of optionalList(body.tools, 'ChatRequest.tools', 'api.Tools')) checkTool(tool)
}

/** @throws {Refusal} for a duration that is none. */
export function checkKeepAlive(value: unknown): void {
  if (!isSet(value) || typeof value === 'number') return
  if (typeof value !== 'string') throw new Refusal(400, `Unsupported type: '${isObject(value) ? 'map' : typeof value}'`)
  if (!/^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(value) && value !== '0') {
    throw new Refusal(400, `time: invalid duration "${value}"`)
  }
}

const levels = ['high', 'medium', 'low', 'max']

function checkThink(value: unknown): void {
  if (!isSet(value) || typeof value === 'boolean' || (typeof value === 'string' && levels.includes(value))) return
  const allowed = '"high", "medium", "low", "max", true, or false'
  if (typeof value === 'string') throw new Refusal(400, `invalid think value: "${value}" (must be ${allowed})`)
  throw new Refusal(400, `think must be a boolean or string (${allowed})`)
}

function checkTool(tool: unknown): void {
  if (!isObject(tool)) throw wrongType(tool, 'ChatRequest.tools', 'api.Tool')
  optional(tool.type, 'string', 'ChatRequest.tools.type')
  const declared = optionalObject(tool.function, 'ChatRequest.tools.function', 'api.ToolFunction')
  optional(declared.name, 'string', 'ChatRequest.tools.function.name')
  optional(declared.description, 'string', 'ChatRequest.tools.function.description')
  const field = 'ChatRequest.tools.function.parameters'
  const parameters = optionalObject(declared.parameters, field, 'api.ToolFunctionParameters')
  optional(parameters.type, 'string', `${field}.type`)
  for (const name of optionalList(parameters.required, `${field}.required`, '[]string')) {
    optional(name, 'string', `${field}.required`)
  }
  optionalObject(parameters.properties, `${field}.properties`, 'map[string]api.ToolProperty')
}

/** @throws {Refusal} for what the model cannot do. */
export function checkCapabilities(body: Json, model: SimulatedModel): void {
  const name = String(body.model)
  const capabilities = capabilitiesOf(model)
  if (!capabilities.includes('completion')) throw new Refusal(400, `"${name}" does not support chat`)
  if (Array.isArray(body.tools) && body.tools.length > 0 && !capabilities.includes('tools')) {
    throw new Refusal(400, `registry.ollama.ai/library/${model.id} does not support tools`)
  }
  const thinks = body.think !== false && isSet(body.think)
  if (thinks && !capabilities.includes('thinking')) throw new Refusal(400, `"${name}" does not support thinking`)
}

const numbers = [
  'temperature',
  'top_p',
  'min_p',
  'typical_p',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
]
const integers = ['num_ctx', 'num_predict', 'num_keep', 'num_batch', 'num_gpu', 'num_thread', 'seed', 'top_k']

/** The options. @throws {Refusal} for one of the wrong type; unknown ones are ignored. */
export function checkedOptions(value: unknown, field = 'ChatRequest.options'): Json {
  const options = optionalObject(value, field, 'map[string]interface {}')
  const must = (name: string, type: string) => new Refusal(500, `option "${name}" must be of type ${type}`)
  for (const name of numbers) if (isSet(options[name]) && typeof options[name] !== 'number') throw must(name, 'float32')
  for (const name of integers)
    if (isSet(options[name]) && typeof options[name] !== 'number') throw must(name, 'integer')
  const { stop } = options
  if (isSet(stop)) {
    if (!Array.isArray(stop)) throw must('stop', 'array')
    if (!stop.every(each => typeof each === 'string')) {
      throw new Refusal(500, 'option "stop" must be of an array of strings')
    }
  }
  return options
}

/** @throws {Refusal} unless it is `json` or a schema. */
export function checkFormat(format: unknown): void {
  if (!isSet(format) || format === '' || format === 'json' || isObject(format)) return
  const said = JSON.stringify(JSON.stringify(format))
  throw new Refusal(500, `invalid format: ${said}; expected "json" or a valid JSON Schema object`)
}
