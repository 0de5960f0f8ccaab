import type { JsonObject, MessageRequest, Tool } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalBoolean, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { decodeCacheControl } from './cache-control.ts'
import { dialect } from './names.ts'
import { strictSchema } from './strict-schema.ts'

export type RequestTool = NonNullable<MessageRequest['tools']>[number]

const toolFields = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control'])
// how the server hands a tool on, and when; the tool is the same
const hints = new Set([...toolFields, 'defer_loading', 'eager_input_streaming', 'input_examples'])
const noParameters: JsonObject = { type: 'object', properties: {} }
const unions = ['oneOf', 'anyOf', 'allOf']

export function decodeTools(value: unknown, reading: RequestReading): RequestTool[] {
  const names = new Set<string>()
  return listAt(value, 'tools').map((entry, at) => {
    const path = `tools[${at}]`
    const tool = objectAt(entry, path)
    const type = optionalText(tool.type, `${path}.type`) ?? 'custom'
    if (type !== 'custom') {
      reading.bound.push(path)
      return { type: 'opaque', origin: dialect, value: tool }
    }
    const name = toolName(tool.name, `${path}.name`)
    if (names.has(name)) throw fault(`${path}.name`, `("${name}") is used twice; each tool needs its own name.`)
    names.add(name)
    return decodeTool(tool, name, path, reading)
  })
}

function decodeTool(tool: JsonObject, name: string, path: string, reading: RequestReading): Tool {
  const description = optionalText(tool.description, `${path}.description`)
  const parameters = objectAt(tool.input_schema, `${path}.input_schema`)
  if (parameters.type !== 'object') throw fault(`${path}.input_schema.type`, 'must be "object".')
  const union = unions.find(key => parameters[key] !== undefined)
  if (union !== undefined)
    throw fault(`${path}.input_schema.${union}`, 'is not taken at the top of a schema; put it into a property.')
  const strict = optionalBoolean(tool.strict, `${path}.strict`)
  const rest: JsonDraft = unknownFields(tool, toolFields)
  bindUnknown(reading, rest, hints, path)
  // a tool has no hint in the contract
  decodeCacheControl(tool.cache_control, path, reading)
  if (tool.cache_control !== undefined) rest.cache_control = tool.cache_control
  if ('type' in tool) rest.type = tool.type
  return {
    name,
    ...(description !== undefined && { description }),
    parameters,
    ...(strict !== undefined && { strict }),
    ...keepExtra(dialect, rest),
  }
}

function toolName(value: unknown, path: string): string {
  const name = textAt(value, path)
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(name))
    throw fault(path, `is "${name.slice(0, 150)}"; it must be 1 to 128 letters, digits, underscores or dashes.`)
  return name
}

/** `places` are those of the tools in the request. */
export function encodeTools(tools: readonly RequestTool[], places: readonly number[], dropped: Dropped): JsonObject[] {
  return tools.flatMap((tool, at) => encodeTool(tool, `tools[${places[at]}]`, dropped))
}

function encodeTool(tool: RequestTool, path: string, dropped: Dropped): JsonObject[] {
  if ('type' in tool) {
    if (tool.origin === dialect) return [tool.value]
    dropped.add(path, `only ${tool.origin} knows this tool`)
    return []
  }
  return [
    {
      ...extraOf(tool, dialect),
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      input_schema: inputSchema(tool, path, dropped),
      ...(tool.strict !== undefined && { strict: tool.strict }),
    },
  ]
}

function inputSchema({ parameters = noParameters, strict }: Tool, path: string, dropped: Dropped): JsonObject {
  const schema: JsonDraft = { ...parameters }
  for (const union of unions) {
    if (schema[union] === undefined) continue
    delete schema[union]
    dropped.add(`${path}.parameters.${union}`, 'Anthropic takes it in a property only, and not at the top of a schema')
  }
  if (schema.type !== 'object') schema.type = 'object'
  if (!strict) return schema
  const held = strictSchema(schema)
  if (held.loosened)
    dropped.add(`${path}.parameters`, 'Anthropic holds arguments to a part of JSON Schema; the rest is told in words')
  return held.schema
}

/** Whether an entry of the wire's tools declares a function. */
export function declaredName(tool: unknown): string | undefined {
  return isObject(tool) && typeof tool.name === 'string' ? tool.name : undefined
}
