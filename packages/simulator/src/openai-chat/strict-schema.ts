import { isObject, type Json } from '../json-value.ts'

/** What keeps a schema from being strict, in the provider's words; `undefined` when nothing does. */
export function strictSchemaProblem(schema: Json): string | undefined {
  if (schema.type !== 'object') {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema.type) ?? 'None'}'.`
  }
  if (schema.anyOf !== undefined) return "In context=(), 'anyOf' is not permitted at the root."
  return problemAt(schema, [])
}

const refused = ['allOf', 'not', 'dependentRequired', 'dependentSchemas', 'if', 'then', 'else', 'patternProperties']

function problemAt(schema: unknown, path: readonly string[]): string | undefined {
  if (!isObject(schema)) return undefined
  const context = `In context=(${path.map(step => `'${step}'`).join(', ')})`
  for (const keyword of refused) if (schema[keyword] !== undefined) return `${context}, '${keyword}' is not permitted.`
  const type = schema.type
  const isObjectType = type === 'object' || (Array.isArray(type) && type.includes('object'))
  if (isObjectType) {
    if (schema.additionalProperties !== false) {
      return `${context}, 'additionalProperties' is required to be supplied and to be false.`
    }
    const properties = isObject(schema.properties) ? schema.properties : {}
    const required = Array.isArray(schema.required) ? schema.required : []
    const missing = Object.keys(properties).find(name => !required.includes(name))
    if (missing !== undefined) {
      return `${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`
    }
    for (const [name, property] of Object.entries(properties)) {
      const problem = problemAt(property, [...path, 'properties', name])
      if (problem !== undefined) return problem
    }
  }
  if (type === 'array' && schema.items === undefined) return `${context}, array schema missing items.`
  const nested: [string, unknown][] = [['items', schema.items]]
  if (Array.isArray(schema.anyOf)) for (const [at, each] of schema.anyOf.entries()) nested.push([`anyOf.${at}`, each])
  for (const group of ['$defs', 'definitions']) {
    if (isObject(schema[group])) for (const [name, each] of Object.entries(schema[group])) nested.push([name, each])
  }
  for (const [step, each] of nested) {
    const problem = problemAt(each, [...path, step])
    if (problem !== undefined) return problem
  }
  return undefined
}
