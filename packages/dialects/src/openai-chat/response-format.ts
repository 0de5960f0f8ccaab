import type { JsonObject, ResponseFormat } from '@switchyard/core/contract'
import { fault, objectAt, optionalBoolean, optionalText, textAt } from '../field-checks.ts'
import { isObject } from '../json.ts'
import { checkedName } from '../openai/checked-name.ts'

/** @throws {SwitchyardError} where a known kind is malformed. */
export function checkResponseFormat(value: unknown): void {
  const path = 'response_format'
  const format = objectAt(value, path)
  if (textAt(format.type, `${path}.type`) !== 'json_schema') return
  const at = `${path}.json_schema`
  const schema = objectAt(format.json_schema, at)
  checkedName(schema.name, `${at}.name`)
  optionalText(schema.description, `${at}.description`)
  optionalBoolean(schema.strict, `${at}.strict`)
  if (schema.schema === undefined || schema.schema === null)
    throw fault(`${at}.schema`, 'is missing; send the JSON Schema of the answer.')
  objectAt(schema.schema, `${at}.schema`)
}

/** What a checked wire value says, or `undefined` where only this dialect can say it. */
export function decodeResponseFormat(value: unknown): ResponseFormat | undefined {
  if (!isObject(value)) return undefined
  if (value.type === 'text') return { type: 'text' }
  if (value.type === 'json_object') return { type: 'json' }
  const described = value.json_schema
  if (value.type !== 'json_schema' || !isObject(described) || !isObject(described.schema)) return undefined
  return {
    type: 'json-schema',
    name: String(described.name),
    schema: described.schema,
    ...(typeof described.description === 'string' && { description: described.description }),
    ...(typeof described.strict === 'boolean' && { strict: described.strict }),
  }
}

export function encodeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json') return { type: 'json_object' }
  const { type: _, ...described } = format
  return { type: 'json_schema', json_schema: described }
}
