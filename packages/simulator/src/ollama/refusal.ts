import { RequestRefusal } from '../error-wording.ts'
import { isObject, type Json } from '../json-value.ts'

/** A request that Ollama will not have, in a sentence: its errors have no more. */
export class Refusal extends RequestRefusal {
  constructor(status: number, message: string) {
    super({ status, message, type: '' })
  }
}

const kinds: Readonly<Record<string, string>> = { string: 'string', number: 'number', boolean: 'bool' }

/** A value of a type that the server cannot read its field from. */
export function wrongType(value: unknown, field: string, type: string): Refusal {
  const kind = Array.isArray(value) ? 'array' : (kinds[typeof value] ?? 'object')
  return new Refusal(400, `json: cannot unmarshal ${kind} into Go struct field ${field} of type ${type}`)
}

/** @throws {Refusal} unless it is absent or of that type. */
export function optional(
  value: unknown,
  is: 'string' | 'number' | 'boolean',
  field: string,
  type: string = kinds[is] ?? is,
): void {
  if (value !== undefined && value !== null && typeof value !== is) throw wrongType(value, field, type)
}

/** The list, empty where it is absent. @throws {Refusal} for anything else. */
export function optionalList(value: unknown, field: string, type: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw wrongType(value, field, type)
  return value
}

/** The object, empty where it is absent. @throws {Refusal} for anything else. */
export function optionalObject(value: unknown, field: string, type: string): Json {
  if (value === undefined || value === null) return {}
  if (!isObject(value)) throw wrongType(value, field, type)
  return value
}
