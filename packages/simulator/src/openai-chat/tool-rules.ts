import type { Json } from '../json-value.ts'
import { InvalidRequest, invalidValue, listAt, objectAt, onlyFields, stringAt } from '../openai/refusal.ts'
import { strictSchemaProblem } from './strict-schema.ts'

/** @throws {InvalidRequest} when tools, their choice or the format of the answer are not as they must be. */
export function checkTools(body: Json): void {
  const names = checkToolList(body.tools)
  checkChoice(body.tool_choice, names)
  checkFormat(body)
}

function checkToolList(value: unknown): readonly string[] {
  if (value === undefined || value === null) return []
  const tools = listAt(value, 'tools')
  if (tools.length === 0) {
    const message =
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead."
    throw new InvalidRequest(400, message, 'tools', 'empty_array')
  }
  if (tools.length > 128) {
    const message = `Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length ${tools.length} instead.`
    throw new InvalidRequest(400, message, 'tools', 'array_above_max_length')
  }
  const names: string[] = []
  for (const [index, item] of tools.entries()) {
    const path = `tools[${index}]`
    const tool = objectAt(item, path)
    const type = stringAt(tool.type, `${path}.type`)
    if (type !== 'function' && type !== 'custom') {
      throw invalidValue(`${path}.type`, `Invalid value: '${type}'. Supported values are: 'function' and 'custom'.`)
    }
    onlyFields(tool, ['type', type], path)
    const declared = objectAt(tool[type], `${path}.${type}`)
    const name = stringAt(declared.name, `${path}.${type}.name`)
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
      const message = `Invalid '${path}.${type}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`
      throw new InvalidRequest(400, message, `${path}.${type}.name`, 'invalid_value')
    }
    names.push(name)
    if (type === 'function') checkFunction(declared, name, `${path}.function`)
  }
  return names
}

function checkFunction(declared: Json, name: string, path: string): void {
  onlyFields(declared, ['name', 'description', 'parameters', 'strict'], path)
  if (declared.parameters === undefined || declared.parameters === null) return
  const schema = objectAt(declared.parameters, `${path}.parameters`)
  const invalid = (problem: string) =>
    new InvalidRequest(
      400,
      `Invalid schema for function '${name}': ${problem}`,
      `${path}.parameters`,
      'invalid_function_parameters',
    )
  if (schema.type !== 'object') {
    throw invalid(
      `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema.type) ?? 'None'}'.`,
    )
  }
  const problem = declared.strict === true ? strictSchemaProblem(schema) : undefined
  if (problem !== undefined) throw invalid(problem)
}

function checkChoice(choice: unknown, names: readonly string[]): void {
  if (choice === undefined || choice === null) return
  if (typeof choice === 'string') {
    if (['none', 'auto', 'required'].includes(choice)) return
    throw invalidValue(
      'tool_choice',
      `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
    )
  }
  const chosen = objectAt(choice, 'tool_choice')
  if (chosen.type === 'allowed_tools') return
  const type = stringAt(chosen.type, 'tool_choice.type')
  const name = stringAt(objectAt(chosen[type], `tool_choice.${type}`).name, `tool_choice.${type}.name`)
  if (!names.includes(name)) {
    const message = `Tool choice '${name}' not found in 'tools' parameter.`
    throw new InvalidRequest(400, message, 'tool_choice')
  }
}

function checkFormat(body: Json): void {
  if (body.response_format === undefined || body.response_format === null) return
  const format = objectAt(body.response_format, 'response_format')
  const type = stringAt(format.type, 'response_format.type')
  if (type === 'text' || type === 'json_object') {
    onlyFields(format, ['type'], 'response_format')
    if (type === 'text' || /json/i.test(JSON.stringify(body.messages))) return
    const message =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    throw new InvalidRequest(400, message, 'messages')
  }
  if (type !== 'json_schema') {
    const message = `Invalid value: '${type}'. Supported values are: 'json_object', 'json_schema', and 'text'.`
    throw invalidValue('response_format.type', message)
  }
  onlyFields(format, ['type', 'json_schema'], 'response_format')
  const wanted = objectAt(format.json_schema, 'response_format.json_schema')
  onlyFields(wanted, ['name', 'description', 'schema', 'strict'], 'response_format.json_schema')
  const name = stringAt(wanted.name, 'response_format.json_schema.name')
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    const path = 'response_format.json_schema.name'
    throw new InvalidRequest(
      400,
      `Invalid '${path}': string does not match pattern '^[a-zA-Z0-9_-]+$'.`,
      path,
      'invalid_value',
    )
  }
  const problem =
    wanted.strict === true
      ? strictSchemaProblem(objectAt(wanted.schema, 'response_format.json_schema.schema'))
      : undefined
  if (problem !== undefined) {
    const message = `Invalid schema for response_format '${name}': ${problem}`
    throw new InvalidRequest(400, message, 'response_format')
  }
}
