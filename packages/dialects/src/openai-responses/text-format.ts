import type { JsonObject, ResponseFormat } from '@switchyard/core/contract'
import { fault, objectAt, optionalBoolean, optionalText, textAt } from '../field-checks.ts'
import { isObject } from '../json.ts'
import { checkedName } from '../openai/checked-name.ts'

const path = 'text.format'

/** @throws {SwitchyardError} where a known kind is malformed. */
export function checkTextFormat(value: unknown): void {
  const format = objectAt(value, path)
  if (textAt(format.type, `${path}.type`) !== 'json_schema') return
  checkedName(format.name, `${path}.name`)
  optionalText(format.description, `${path}.description`)
  optionalBoolean(format.strict, `${path}.strict`)
  if (format.schema === undefined || format.schema === null)
    throw fault(`${path}.schema`, 'is missing; send the JSON Schema of the answer.')
  objectAt(format.schema, `${path}.schema`)
}

/** What a checked wire value says, or `undefined` where only this dialect can say it. */
export function decodeTextFormat(value: unknown): ResponseFormat | undefined {
  if (!isObject(value)) return undefined
  if (value.type === 'text') return { type: 'text' }
  if (value.type === 'json_object') return { type: 'json' }
  if (value.type !== 'json_schema' || !isObject(value.schema)) return undefined
  return {
    type: 'json-schema',
    name: String(value.name),
    schema: value.schema,
    ...(typeof value.description === 'string' && { description: value.description }),
    ...(typeof value.strict === 'boolean' && { strict: value.strict }),
  }
}

export function encodeTextFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' }
  if (format.type === 'json') return { type: 'json_object' }
  const { type: _, ...described } = format
  return { type: 'json_schema', ...described }
}
