import { isSet, type Json } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { checkCacheControl } from './cache-rules.ts'
import {
  InvalidRequest,
  listAt,
  objectAt,
  onlyFields,
  optionalBoolean,
  optionalString,
  stringAt,
  wordAt,
} from './refusal.ts'
import { strictSchemaProblem } from './schema-rules.ts'

const toolFields = [
  'type name description input_schema strict cache_control',
  'allowed_callers defer_loading eager_input_streaming input_examples',
]
  .join(' ')
  .split(' ')

/** @throws {InvalidRequest} when tools or their choice are not as they must be. */
export function checkTools(body: Json, model: SimulatedModel): void {
  const names = checkToolList(body.tools)
  if (isSet(body.tool_choice)) checkChoice(objectAt(body.tool_choice, 'tool_choice'), names, body, model)
}

function checkToolList(value: unknown): readonly string[] {
  if (!isSet(value)) return []
  const names: string[] = []
  for (const [index, item] of listAt(value, 'tools').entries()) {
    const tool = objectAt(item, `tools.${index}`)
    const own = !isSet(tool.type) || tool.type === 'custom'
    const path = own ? `tools.${index}.custom` : `tools.${index}.${String(tool.type)}`
    const name = stringAt(tool.name, `${path}.name`)
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) {
      throw new InvalidRequest(`${path}.name`, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
    }
    if (own) checkOwnTool(tool, path)
    names.push(name)
  }
  if (new Set(names).size < names.length) throw new InvalidRequest('tools', 'Tool names must be unique.')
  return names
}

function checkOwnTool(tool: Json, path: string): void {
  onlyFields(tool, toolFields, path)
  optionalString(tool.description, `${path}.description`)
  optionalBoolean(tool.strict, `${path}.strict`)
  checkCacheControl(tool.cache_control, path)
  const schema = objectAt(tool.input_schema, `${path}.input_schema`)
  wordAt(schema.type, ['object'], `${path}.input_schema.type`)
  if (['oneOf', 'allOf', 'anyOf'].some(keyword => schema[keyword] !== undefined)) {
    throw new InvalidRequest(
      `${path}.input_schema`,
      'input_schema does not support oneOf, allOf, or anyOf at the top level',
    )
  }
  const problem = tool.strict === true ? strictSchemaProblem(schema) : undefined
  if (problem !== undefined) throw new InvalidRequest(path, problem)
}

const choiceFields: Readonly<Record<string, readonly string[]>> = {
  auto: ['type', 'disable_parallel_tool_use'],
  any: ['type', 'disable_parallel_tool_use'],
  tool: ['type', 'name', 'disable_parallel_tool_use'],
  none: ['type'],
}

function checkChoice(choice: Json, names: readonly string[], body: Json, model: SimulatedModel): void {
  const type = wordAt(choice.type, Object.keys(choiceFields), 'tool_choice.type')
  onlyFields(choice, choiceFields[type] as readonly string[], `tool_choice.${type}`)
  optionalBoolean(choice.disable_parallel_tool_use, `tool_choice.${type}.disable_parallel_tool_use`)
  if (names.length === 0)
    throw new InvalidRequest('tool_choice', 'tool_choice may only be specified while providing tools.')
  if (type === 'auto' || type === 'none') return
  if (type === 'tool') {
    const name = stringAt(choice.name, 'tool_choice.tool.name')
    if (!names.includes(name)) {
      throw new InvalidRequest('tool_choice.tool.name', `Tool '${name}' not found in provided tools`)
    }
  }
  if (model.forcedToolChoice === false) {
    throw new InvalidRequest('tool_choice', `tool_choice type '${type}' is not supported on this model.`)
  }
  const thinking = body.thinking as Json | null | undefined
  if (thinking?.type === 'enabled' || thinking?.type === 'adaptive') {
    throw new InvalidRequest('', 'Thinking may not be enabled when tool_choice forces tool use.')
  }
}
