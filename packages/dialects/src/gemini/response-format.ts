import type { JsonObject, ModelFacts, ResponseFormat } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { fault, objectAt, optionalText } from '../field-checks.ts'
import { type JsonDraft, sameJson } from '../json.ts'
import { jsonSchemaOf } from './tools.ts'

// the wire has no name for a schema, and other wires need one
const schemaName = 'answer'
const json = 'application/json'
const formatFields = ['responseMimeType', 'responseJsonSchema', 'responseSchema'] as const

/** The fields of a `generationConfig` that ask for a format, as far as the model takes them. */
export function encodeFormat(format: ResponseFormat, facts: ModelFacts | undefined, dropped: Dropped): JsonObject {
  if (format.type === 'text') return { responseMimeType: 'text/plain' }
  const capabilities = facts?.capabilities ?? {}
  if (format.type === 'json-schema' && capabilities.jsonSchema !== false) {
    if (format.description !== undefined)
      dropped.add('responseFormat.description', 'this dialect takes the schema alone; say it in a message')
    return { responseMimeType: json, responseJsonSchema: format.schema }
  }
  if (capabilities.json === false) {
    dropped.add('responseFormat', 'the model cannot be held to JSON')
    return {}
  }
  if (format.type === 'json-schema')
    dropped.add('responseFormat', 'the model does not take a JSON Schema; any JSON object is asked for instead')
  return { responseMimeType: json }
}

/** Takes the format out of what was kept of a request, and gives it back where it still says the same. */
export function takeKeptFormat(kept: JsonDraft, format: ResponseFormat | undefined): JsonObject | undefined {
  const fields: JsonDraft = {}
  for (const field of formatFields) {
    if (kept[field] !== undefined) fields[field] = kept[field]
    delete kept[field]
  }
  if (Object.keys(fields).length === 0) return undefined
  const said = decodeFormat(fields)
  return said === undefined || format === undefined
    ? said === format
      ? fields
      : undefined
    : sameJson(withoutName(said), withoutName(format))
      ? fields
      : undefined
}

function withoutName(format: ResponseFormat): unknown {
  return format.type === 'json-schema' ? { type: format.type, schema: format.schema } : format
}

/**
 * The format that a `generationConfig` asks for; `undefined` where it leaves that open, or only Gemini knows it.
 * @throws {SwitchyardError} `invalid-request`, naming the field.
 */
export function decodeFormat(config: JsonObject): ResponseFormat | undefined {
  const path = 'generationConfig'
  const type = optionalText(config.responseMimeType, `${path}.responseMimeType`)
  const field = config.responseJsonSchema === undefined ? 'responseSchema' : 'responseJsonSchema'
  const schema = config[field]
  if (config.responseJsonSchema !== undefined && config.responseSchema !== undefined)
    throw fault(`${path}.responseSchema`, 'may not be sent beside responseJsonSchema; send that alone.')
  if (schema === undefined) {
    if (type === 'text/plain') return { type: 'text' }
    return type === json ? { type: 'json' } : undefined
  }
  if (type === 'text/x.enum') return undefined
  if (type !== json) throw fault(`${path}.responseMimeType`, `must be "${json}" where there is a schema.`)
  const given = objectAt(schema, `${path}.${field}`)
  return {
    type: 'json-schema',
    name: schemaName,
    schema: field === 'responseSchema' ? (jsonSchemaOf(given) as JsonObject) : given,
  }
}

/** Whether `decodeFormat` has a word of ours for it, or none is needed. */
export function isPlainFormat(config: JsonObject): boolean {
  return config.responseMimeType === undefined || decodeFormat(config) !== undefined
}
