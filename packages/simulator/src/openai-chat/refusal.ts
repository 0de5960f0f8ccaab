import type { ErrorWording } from '../error-shapes.ts'

/** Why the simulated provider will not answer. */
export class RequestRefusal extends Error {
  readonly status: number
  readonly wording: ErrorWording

  constructor(status: number, message: string, param: string | null = null, code: string | null = null) {
    super(message)
    this.status = status
    this.wording = { message, type: 'invalid_request_error', param, code }
  }
}

export type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknownParameter(path: string): RequestRefusal {
  return new RequestRefusal(400, `Unknown parameter: '${path}'.`, path, 'unknown_parameter')
}

export function missingParameter(path: string): RequestRefusal {
  return new RequestRefusal(400, `Missing required parameter: '${path}'.`, path, 'missing_required_parameter')
}

/** A value of the wrong type. */
export function invalidType(path: string, expected: string, value: unknown): RequestRefusal {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
  return new RequestRefusal(
    400,
    `Invalid type for '${path}': expected ${expected}, but got ${got} instead.`,
    path,
    'invalid_type',
  )
}

export function invalidValue(path: string, message: string): RequestRefusal {
  return new RequestRefusal(400, message, path, 'invalid_value')
}

/** @throws {RequestRefusal} at the first field that is not known. */
export function onlyFields(value: Json, known: readonly string[], path: string): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) throw unknownParameter(path === '' ? field : `${path}.${field}`)
  }
}

/** @throws {RequestRefusal} unless it is an object. */
export function objectAt(value: unknown, path: string): Json {
  if (value === undefined) throw missingParameter(path)
  if (!isObject(value)) throw invalidType(path, 'an object', value)
  return value
}

/** @throws {RequestRefusal} unless it is a string. */
export function stringAt(value: unknown, path: string): string {
  if (value === undefined) throw missingParameter(path)
  if (typeof value !== 'string') throw invalidType(path, 'a string', value)
  return value
}

/** @throws {RequestRefusal} unless it is a list. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) throw missingParameter(path)
  if (!Array.isArray(value)) throw invalidType(path, 'an array of objects', value)
  return value
}
