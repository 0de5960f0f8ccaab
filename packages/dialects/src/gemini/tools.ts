import type { JsonObject, JsonValue, MessageRequest, Tool } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { dialect } from './names.ts'

export type RequestTool = NonNullable<MessageRequest['tools']>[number]

const declarationFields = new Set(['name', 'description', 'parametersJsonSchema'])

/** The wire's `tools`: one entry lists all functions that follow one another. */
export function encodeTools(tools: readonly RequestTool[], dropped: Dropped): JsonObject[] {
  const wire: JsonObject[] = []
  let functions: JsonObject[] | undefined
  tools.forEach((tool, at) => {
    if ('type' in tool) {
      if (tool.origin === dialect) {
        wire.push(tool.value)
        functions = undefined
      } else dropped.add(`tools[${at}]`, `only ${tool.origin} knows this tool`)
      return
    }
    if (tool.strict)
      dropped.add(`tools[${at}].strict`, 'this dialect cannot hold the arguments of one tool to its schema')
    if (functions === undefined) {
      functions = []
      wire.push({ functionDeclarations: functions })
    }
    functions.push(encodeDeclaration(tool))
  })
  return wire
}

function encodeDeclaration(tool: Tool): JsonObject {
  const { parameters: openApi, ...fields } = extraOf(tool, dialect)
  const kept = openApi !== undefined && sameJson(jsonSchemaOf(openApi), tool.parameters)
  return {
    ...fields,
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(kept ? { parameters: openApi } : tool.parameters && { parametersJsonSchema: tool.parameters }),
  }
}

/** @throws {SwitchyardError} `invalid-request`, naming the field; the places of what only Gemini knows go to `bound`. */
export function decodeTools(value: unknown, bound: string[]): RequestTool[] {
  return listAt(value, 'tools').flatMap((entry, at): RequestTool[] => {
    const path = `tools[${at}]`
    const { functionDeclarations, ...other } = objectAt(entry, path)
    const functions =
      functionDeclarations === undefined
        ? []
        : listAt(functionDeclarations, `${path}.functionDeclarations`).map((each, place) =>
            decodeDeclaration(each, `${path}.functionDeclarations[${place}]`, bound),
          )
    if (Object.keys(other).length === 0) return functions
    bound.push(path)
    return [...functions, { type: 'opaque', origin: dialect, value: other }]
  })
}

function decodeDeclaration(value: unknown, path: string, bound: string[]): Tool {
  const declared = objectAt(value, path)
  const name = textAt(declared.name, `${path}.name`)
  if (!/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/.test(name)) {
    const rule = 'it must begin with a letter or an underscore, and go on with letters, digits or one of _ . : -'
    throw fault(`${path}.name`, `is "${name.slice(0, 80)}"; ${rule}, 128 characters at most.`)
  }
  const description = optionalText(declared.description, `${path}.description`)
  const rest: JsonDraft = unknownFields(declared, declarationFields)
  const parameters = decodeParameters(declared, path)
  for (const field in rest) if (field !== 'parameters') bound.push(`${path}.${field}`)
  return {
    name,
    ...(description !== undefined && { description }),
    ...(parameters && { parameters }),
    ...keepExtra(dialect, rest),
  }
}

function decodeParameters(declared: JsonObject, path: string): JsonObject | undefined {
  if (declared.parametersJsonSchema !== undefined) {
    if (declared.parameters !== undefined)
      throw fault(`${path}.parameters`, 'may not be sent beside parametersJsonSchema; send that alone.')
    return objectAt(declared.parametersJsonSchema, `${path}.parametersJsonSchema`)
  }
  if (declared.parameters === undefined) return undefined
  return jsonSchemaOf(objectAt(declared.parameters, `${path}.parameters`)) as JsonObject
}

/** Gemini's older schemas, after OpenAPI: types in capitals, and `nullable`. */
export function jsonSchemaOf(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map(jsonSchemaOf)
  if (!isObject(schema)) return schema
  const { nullable, type, properties, ...fields } = schema
  const converted: JsonDraft = { ...fields }
  if (typeof type === 'string') {
    const word = type.toLowerCase()
    converted.type = nullable === true ? [word, 'null'] : word
  }
  if (isObject(properties)) converted.properties = mapped(properties, Object.keys(properties))
  return { ...converted, ...mapped(fields, nested) }
}

function mapped(holder: JsonObject, fields: readonly string[]): JsonObject {
  const converted: JsonDraft = {}
  for (const field of fields) {
    const inner = holder[field]
    if (inner !== undefined) converted[field] = jsonSchemaOf(inner)
  }
  return converted
}

const nested = ['items', 'anyOf', 'prefixItems', 'additionalProperties']
