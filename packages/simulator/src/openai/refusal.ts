import { RequestRefusal } from '../error-wording.ts'
import { isObject, type Json } from '../json-value.ts'

/** A request that OpenAI calls invalid. */
export class InvalidRequest extends RequestRefusal {
  constructor(status: number, message: string, param: string | null = null, code: string | null = null) {
    super({ status, message, type: 'invalid_request_error', param, code })
  }
}

function unknownParameter(path: string): InvalidRequest {
  return new InvalidRequest(400, `Unknown parameter: '${path}'.`, path, 'unknown_parameter')
}

export function missingParameter(path: string): InvalidRequest {
  return new InvalidRequest(400, `Missing required parameter: '${path}'.`, path, 'missing_required_parameter')
}

/** A value of the wrong type. */
export function invalidType(path: string, expected: string, value: unknown): InvalidRequest {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
  return new InvalidRequest(
    400,
    `Invalid type for '${path}': expected ${expected}, but got ${got} instead.`,
    path,
    'invalid_type',
  )
}

export function invalidValue(path: string, message: string): InvalidRequest {
  return new InvalidRequest(400, message, path, 'invalid_value')
}

/** @throws {InvalidRequest} at the first field that is not known. */
export function onlyFields(value: Json, known: readonly string[], path: string): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) throw unknownParameter(path === '' ? field : `${path}.${field}`)
  }
}

/** @throws {InvalidRequest} unless it is an object. */
export function objectAt(value: unknown, path: string): Json {
  if (value === undefined) throw missingParameter(path)
  if (!isObject(value)) throw invalidType(path, 'an object', value)
  return value
}

/** @throws {InvalidRequest} unless it is a string. */
export function stringAt(value: unknown, path: string): string {
  if (value === undefined) throw missingParameter(path)
  if (typeof value !== 'string') throw invalidType(path, 'a string', value)
  return value
}

/** @throws {InvalidRequest} unless it is a list. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) throw missingParameter(path)
  if (!Array.isArray(value)) throw invalidType(path, 'an array of objects', value)
  return value
}
