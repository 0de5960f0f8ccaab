import type { Json } from '../json-value.ts'
import { isSet } from '../json-value.ts'
import { InvalidRequest, invalidValue, listAt, objectAt, onlyFields, stringAt } from '../openai/refusal.ts'
import { strictSchemaProblem } from '../openai-chat/strict-schema.ts'

const functionFields = [
  'type name description parameters strict allowed_callers async defer_loading output_schema',
].flatMap(line => line.split(' '))
const otherTools = ['web_search', 'web_search_preview', 'file_search', 'custom', 'mcp', 'code_interpreter']

/** @throws {InvalidRequest} when tools, their choice or the format of the answer are not as they must be. */
export function checkTools(body: Json): void {
  const names = checkToolList(body.tools)
  checkChoice(body, names)
  checkText(body)
}

function checkToolList(value: unknown): readonly string[] {
  if (!isSet(value)) return []
  const names: string[] = []
  for (const [index, item] of listAt(value, 'tools').entries()) {
    const path = `tools[${index}]`
    const tool = objectAt(item, path)
    const type = stringAt(tool.type, `${path}.type`)
    if (type === 'function') names.push(checkFunction(tool, path))
    else if (!otherTools.includes(type)) {
      const supported = ['function', ...otherTools].map(name => `'${name}'`).join(', ')
      throw invalidValue(`${path}.type`, `Invalid value: '${type}'. Supported values are: ${supported}.`)
    }
  }
  return names
}

function checkFunction(tool: Json, path: string): string {
  onlyFields(tool, functionFields, path)
  const name = checkedName(tool.name, `${path}.name`)
  if (!isSet(tool.parameters)) return name
  const schema = objectAt(tool.parameters, `${path}.parameters`)
  const problem =
    schema.type !== 'object'
      ? `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema.type) ?? 'None'}'.`
      : tool.strict === true
        ? strictSchemaProblem(schema)
        : undefined
  if (problem === undefined) return name
  const message = `Invalid schema for function '${name}': ${problem}`
  throw new InvalidRequest(400, message, `${path}.parameters`, 'invalid_function_parameters')
}

function checkedName(value: unknown, path: string): string {
  const name = stringAt(value, path)
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return name
  const message = `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`
  throw new InvalidRequest(400, message, path, 'invalid_value')
}

function checkChoice(body: Json, names: readonly string[]): void {
  const choice = body.tool_choice
  if (!isSet(choice)) return
  if (typeof choice === 'string') {
    if (!['none', 'auto', 'required'].includes(choice)) {
      const message = `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`
      throw invalidValue('tool_choice', message)
    }
    if (choice === 'required' && !isSet(body.tools)) {
      throw new InvalidRequest(400, "Tool choice 'required' must be specified with 'tools' parameter.", 'tool_choice')
    }
    return
  }
  const chosen = objectAt(choice, 'tool_choice')
  const type = stringAt(chosen.type, 'tool_choice.type')
  if (type === 'allowed_tools') {
    onlyFields(chosen, ['type', 'mode', 'tools'], 'tool_choice')
    listAt(chosen.tools, 'tool_choice.tools')
    return
  }
  if (type !== 'function') return
  onlyFields(chosen, ['type', 'name'], 'tool_choice')
  const name = stringAt(chosen.name, 'tool_choice.name')
  if (!names.includes(name)) {
    throw new InvalidRequest(
      400,
      `Tool choice 'function' with name '${name}' not found in 'tools' parameter.`,
      'tool_choice',
    )
  }
}

function checkText(body: Json): void {
  if (!isSet(body.text)) return
  const text = objectAt(body.text, 'text')
  onlyFields(text, ['format', 'verbosity'], 'text')
  if (!isSet(text.format)) return
  const format = objectAt(text.format, 'text.format')
  const type = stringAt(format.type, 'text.format.type')
  if (type === 'json_schema') {
    onlyFields(format, ['type', 'name', 'schema', 'description', 'strict'], 'text.format')
    const name = checkedName(format.name, 'text.format.name')
    const schema = objectAt(format.schema, 'text.format.schema')
    const problem = format.strict === true ? strictSchemaProblem(schema) : undefined
    if (problem === undefined) return
    const message = `Invalid schema for response_format '${name}': ${problem}`
    throw new InvalidRequest(400, message, 'text.format.schema', 'invalid_json_schema')
  }
  onlyFields(format, ['type'], 'text.format')
  if (type === 'text') return
  if (type !== 'json_object') {
    const message = `Invalid value: '${type}'. Supported values are: 'text', 'json_object', and 'json_schema'.`
    throw invalidValue('text.format.type', message)
  }
  if (/json/i.test(JSON.stringify([body.input, body.instructions]))) return
  const message =
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
  throw new InvalidRequest(400, message, 'input')
}
