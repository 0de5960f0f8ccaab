import { isObject, type Json } from '../json-value.ts'

const refused: Readonly<Record<string, readonly string[]>> = {
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  string: ['minLength', 'maxLength'],
  array: ['maxItems', 'uniqueItems', 'contains'],
  object: ['minProperties', 'maxProperties', 'patternProperties', 'propertyNames'],
}

/** What keeps a schema from being kept to exactly, in Anthropic's words; `undefined` when nothing does. */
export function strictSchemaProblem(schema: unknown): string | undefined {
  if (!isObject(schema)) return undefined
  for (const type of [schema.type].flat()) {
    const problem = problemOfType(schema, type)
    if (problem !== undefined) return problem
  }
  for (const each of nestedSchemas(schema)) {
    const problem = strictSchemaProblem(each)
    if (problem !== undefined) return problem
  }
  return undefined
}

function problemOfType(schema: Json, type: unknown): string | undefined {
  if (type === 'object' && schema.additionalProperties !== false) {
    return "For 'object' type, 'additionalProperties' must be explicitly set to false"
  }
  if (type === 'array' && typeof schema.minItems === 'number' && schema.minItems > 1) {
    return "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
  }
  const found = (refused[String(type)] ?? []).filter(keyword => schema[keyword] !== undefined)
  if (found.length === 0) return undefined
  return `For '${String(type)}' type, ${found.length === 1 ? 'property' : 'properties'} ${found.map(name => `'${name}'`).join(', ')} ${found.length === 1 ? 'is' : 'are'} not supported`
}

function nestedSchemas(schema: Json): readonly unknown[] {
  const groups = [schema.properties, schema.$defs, schema.definitions].filter(isObject)
  const lists = [schema.anyOf, schema.allOf].filter(Array.isArray)
  return [schema.items, ...groups.flatMap(group => Object.values(group)), ...lists.flat()]
}
