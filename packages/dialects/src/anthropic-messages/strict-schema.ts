import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import { isObject, type JsonDraft } from '../json.ts'

// what the server cannot hold an answer to
const unkept: ReadonlySet<string> = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains', 'prefixItems'],
  ...['minProperties', 'maxProperties', 'patternProperties', 'propertyNames', 'unevaluatedProperties'],
  ...['dependentRequired', 'dependentSchemas', 'not', 'if', 'then', 'else'],
])
const formats: ReadonlySet<unknown> = new Set(
  'date-time time date duration email hostname uri ipv4 ipv6 uuid'.split(' '),
)
const named = ['properties', '$defs', 'definitions']
const listed = ['anyOf', 'allOf']

/** A schema that the server can hold an answer to. */
export interface StrictSchema {
  readonly schema: JsonObject
  /** What it was not able to say is told in descriptions. */
  readonly loosened: boolean
}

/** Closes objects, and moves what the server cannot hold an answer to into the descriptions. */
export function strictSchema(schema: JsonObject): StrictSchema {
  const state = { loosened: false }
  return { schema: strict(schema, state), ...state }
}

function strict(schema: JsonObject, state: { loosened: boolean }): JsonObject {
  const kept: JsonDraft = {}
  const told: JsonDraft = {}
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined || key === '$schema') continue
    if (isUnkept(key, value)) told[key] = value
    else if (named.includes(key) && isObject(value)) kept[key] = mapValues(value, each => inner(each, state))
    else if (listed.includes(key) && Array.isArray(value)) kept[key] = value.map(each => inner(each, state))
    else if (key === 'oneOf' && Array.isArray(value)) kept.anyOf = value.map(each => inner(each, state))
    else if (key === 'items') kept.items = inner(value, state)
    else kept[key] = value
  }
  if (takesType(schema, 'object')) {
    if (schema.additionalProperties !== undefined && schema.additionalProperties !== false)
      told.additionalProperties = schema.additionalProperties
    kept.additionalProperties = false
  }
  if (Object.keys(told).length > 0) {
    state.loosened = true
    const said = typeof kept.description === 'string' ? `${kept.description}\n\n` : ''
    kept.description = `${said}${JSON.stringify(told)}`
  }
  return kept
}

function inner(value: JsonValue, state: { loosened: boolean }): JsonValue {
  return isObject(value) ? strict(value, state) : value
}

function isUnkept(key: string, value: JsonValue): boolean {
  if (key === 'minItems') return value !== 0 && value !== 1
  if (key === 'format') return !formats.has(value)
  return unkept.has(key)
}

function takesType({ type, properties }: JsonObject, wanted: string): boolean {
  if (type === undefined) return isObject(properties)
  return Array.isArray(type) ? type.includes(wanted) : type === wanted
}

function mapValues(object: JsonObject, map: (value: JsonValue) => JsonValue): JsonObject {
  const mapped: JsonDraft = {}
  for (const [key, value] of Object.entries(object)) if (value !== undefined) mapped[key] = map(value)
  return mapped
}
