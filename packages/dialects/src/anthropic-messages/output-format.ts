import type { JsonObject, JsonValue, ModelFacts, ResponseFormat } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { fault, objectAt } from '../field-checks.ts'
import { isObject, sameJson } from '../json.ts'
import { strictSchema } from './strict-schema.ts'

// the wire's schema has none
const schemaName = 'answer'

/** @throws {SwitchyardError} where `output_config.format` is malformed. */
export function decodeFormat(value: unknown): ResponseFormat | undefined {
  if (value === undefined || value === null) return undefined
  const path = 'output_config.format'
  const format = objectAt(value, path)
  if (format.type !== 'json_schema') throw fault(`${path}.type`, 'must be "json_schema".')
  return { type: 'json-schema', name: schemaName, schema: objectAt(format.schema, `${path}.schema`) }
}

/** The format as the wire says it; what it said before, while it still says the same. */
export function encodeFormat(
  format: ResponseFormat | undefined,
  said: JsonValue | undefined,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonObject | undefined {
  if (format === undefined || format.type === 'text') return undefined
  if (format.type === 'json') {
    dropped.add('responseFormat', 'Anthropic holds an answer to a JSON Schema, and not to just any JSON')
    return undefined
  }
  if (facts?.capabilities?.jsonSchema === false) {
    dropped.add('responseFormat', 'the model does not take a JSON Schema')
    return undefined
  }
  if (isObject(said) && sameJson(said.schema, format.schema)) return said
  const { schema, loosened } = strictSchema(format.schema)
  if (loosened)
    dropped.add(
      'responseFormat.schema',
      'Anthropic holds an answer to a part of JSON Schema; the rest is told to the model in words',
    )
  return { type: 'json_schema', schema }
}
