import { RequestRefusal } from '../error-wording.ts'
import { isObject, type Json } from '../json-value.ts'

/** A request that Gemini calls invalid. */
export class InvalidArgument extends RequestRefusal {
  constructor(message: string, field?: string) {
    const violations = [{ ...(field !== undefined && { field }), description: message }]
    const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }]
    super({ status: 400, type: 'INVALID_ARGUMENT', message, details })
  }
}

/** @throws {InvalidArgument} at the first field that is not known. */
export function onlyFields(value: Json, known: readonly string[], path: string): void {
  for (const field of Object.keys(value)) {
    if (known.includes(field)) continue
    const place = path === '' ? '' : ` at '${path}'`
    const message = `Invalid JSON payload received. Unknown name "${field}"${place}: Cannot find field.`
    throw new InvalidArgument(message, path === '' ? field : path)
  }
}

function invalidValue(path: string, type: string, value: unknown): InvalidArgument {
  return new InvalidArgument(`Invalid value at '${path}' (${type}), ${JSON.stringify(value)}`, path)
}

/** @throws {InvalidArgument} unless it is an object. */
export function objectAt(value: unknown, path: string): Json {
  if (isObject(value)) return value
  throw invalidValue(path, 'MESSAGE', value)
}

/** @throws {InvalidArgument} unless it is a list. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalidValue(path, 'REPEATED', value)
}

/** @throws {InvalidArgument} unless it is a string. */
export function stringAt(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  throw invalidValue(path, 'TYPE_STRING', value)
}

/** @throws {InvalidArgument} unless it is absent, or true or false. */
export function optionalBoolean(value: unknown, path: string): void {
  if (value !== undefined && typeof value !== 'boolean') throw invalidValue(path, 'TYPE_BOOL', value)
}

/** @throws {InvalidArgument} unless it is absent, or one of these words. */
export function optionalWord(value: unknown, words: readonly string[], type: string, path: string): void {
  if (value !== undefined && !words.includes(value as string)) throw invalidValue(path, type, value)
}

/** @throws {InvalidArgument} unless it is absent, or a number in this range. */
export function optionalNumber(value: unknown, path: string, least: number, most: number, whole = false): void {
  if (value === undefined) return
  if (typeof value !== 'number' || (whole && !Number.isInteger(value)))
    throw invalidValue(path, whole ? 'TYPE_INT32' : 'TYPE_FLOAT', value)
  if (value >= least && value <= most) return
  const name = path.split('.').at(-1)
  const message = `Unable to submit request because it has a ${name} value of ${value} but the supported range is from ${least} (inclusive) to ${most} (inclusive). Update the value and try again.`
  throw new InvalidArgument(message, path)
}
