/** A JSON object as it came over the wire. */
export type Json = Record<string, unknown>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a field says something: neither left out nor `null`. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}
