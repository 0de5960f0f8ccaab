import type { JsonValue, ModelFacts, ResponseFormat } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { fault, kindOf } from '../field-checks.ts'
import { isObject } from '../json.ts'

// the wire has no name for a schema, and other wires need one
const schemaName = 'answer'

export function decodeFormat(value: unknown): ResponseFormat | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (value === 'json') return { type: 'json' }
  if (isObject(value)) return { type: 'json-schema', name: schemaName, schema: value }
  const said = typeof value === 'string' ? `"${value}"` : kindOf(value)
  throw fault('format', `is ${said}; it must be "json" or a JSON Schema.`)
}

export function encodeFormat(
  format: ResponseFormat | undefined,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonValue | undefined {
  if (format === undefined || format.type === 'text') return undefined
  const { json, jsonSchema } = facts?.capabilities ?? {}
  if (format.type === 'json-schema' && jsonSchema !== false) {
    if (format.description !== undefined)
      dropped.add('responseFormat.description', 'Ollama takes the schema alone; say it in a message')
    return format.schema
  }
  if (json === false) dropped.add('responseFormat', 'the model cannot be held to JSON')
  else if (format.type === 'json-schema')
    dropped.add('responseFormat', 'the model does not take a JSON Schema; any JSON object is asked for instead')
  return json === false ? undefined : 'json'
}
