import { RequestRefusal } from '../error-wording.ts'
import { isObject, isSet, type Json } from '../json-value.ts'

/** A request that Anthropic calls invalid. `path` is spelled as Anthropic does: `messages.0.content.1`. */
export class InvalidRequest extends RequestRefusal {
  constructor(path: string, message: string) {
    super({ status: 400, type: 'invalid_request_error', message: path === '' ? message : `${path}: ${message}` })
  }
}

/** @throws {InvalidRequest} at the first field that is not known. */
export function onlyFields(value: Json, known: readonly string[], path: string): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) throw new InvalidRequest(at(path, field), 'Extra inputs are not permitted')
  }
}

/** @throws {InvalidRequest} unless it is an object. */
export function objectAt(value: unknown, path: string): Json {
  if (value === undefined) throw new InvalidRequest(path, 'Field required')
  if (!isObject(value)) throw new InvalidRequest(path, 'Input should be a valid dictionary')
  return value
}

/** @throws {InvalidRequest} unless it is a string. */
export function stringAt(value: unknown, path: string): string {
  if (value === undefined) throw new InvalidRequest(path, 'Field required')
  if (typeof value !== 'string') throw new InvalidRequest(path, 'Input should be a valid string')
  return value
}

/** @throws {InvalidRequest} unless it is a list. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) throw new InvalidRequest(path, 'Field required')
  if (!Array.isArray(value)) throw new InvalidRequest(path, 'Input should be a valid list')
  return value
}

/** @throws {InvalidRequest} unless it is one of these words. */
export function wordAt(value: unknown, words: readonly string[], path: string): string {
  const word = stringAt(value, path)
  if (words.includes(word)) return word
  const quoted = words.map(each => `'${each}'`)
  const listed = quoted.length === 1 ? quoted[0] : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
  throw new InvalidRequest(path, `Input should be ${listed}`)
}

/** @throws {InvalidRequest} unless it is absent or a boolean. */
export function optionalBoolean(value: unknown, path: string): void {
  if (isSet(value) && typeof value !== 'boolean') throw new InvalidRequest(path, 'Input should be a valid boolean')
}

/** @throws {InvalidRequest} unless it is absent or a string. */
export function optionalString(value: unknown, path: string): void {
  if (isSet(value)) stringAt(value, path)
}

/** @throws {InvalidRequest} unless it is a whole number in this range. */
export function integerAt(value: unknown, least: number, path: string): number {
  if (value === undefined) throw new InvalidRequest(path, 'Field required')
  if (!Number.isInteger(value)) throw new InvalidRequest(path, 'Input should be a valid integer')
  if ((value as number) < least) throw new InvalidRequest(path, `Input should be greater than or equal to ${least}`)
  return value as number
}

function at(path: string, field: string | number): string {
  return path === '' ? String(field) : `${path}.${field}`
}
