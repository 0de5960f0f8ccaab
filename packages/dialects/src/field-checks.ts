import { type JsonObject, SwitchyardError } from '@switchyard/core/contract'
import { isObject } from './json.ts'

/** An `invalid-request` that names the place; `message` goes on from it and says the cure. */
export function fault(path: string, message: string, code?: string): SwitchyardError {
  return new SwitchyardError('invalid-request', `${path} ${message}`, {
    param: path,
    ...(code !== undefined && { code }),
  })
}

/** What a value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw fault(path, `must be an object, and is ${kindOf(value)}.`)
  return value
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw fault(path, `must be a list, and is ${kindOf(value)}.`)
  return value
}

export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw fault(path, `must be a string, and is ${kindOf(value)}.`)
  return value
}

/** `undefined` where the field is absent or null. */
export function optionalText(value: unknown, path: string): string | undefined {
  return value === undefined || value === null ? undefined : textAt(value, path)
}

export function optionalBoolean(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw fault(path, `must be true or false, and is ${kindOf(value)}.`)
  return value
}

export interface NumberRange {
  readonly from?: number
  readonly to?: number
  readonly whole?: boolean
}

export function optionalNumber(value: unknown, path: string, range: NumberRange = {}): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number') throw fault(path, `must be a number, and is ${kindOf(value)}.`)
  const { from, to, whole } = range
  if (whole && !Number.isInteger(value)) throw fault(path, `must be a whole number, and is ${value}.`)
  if ((from !== undefined && value < from) || (to !== undefined && value > to)) {
    const limits = to === undefined ? `at least ${from}` : `from ${from} to ${to}`
    throw fault(path, `must be ${limits}, and is ${value}.`)
  }
  return value
}
