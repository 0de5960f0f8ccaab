import type { JsonObject, JsonValue } from '@switchyard/core/contract'

/** A JSON object while it is being built. */
export type JsonDraft = Record<string, JsonValue | undefined>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether two values say the same in JSON; a field that is undefined is not there. */
export function sameJson(first: unknown, second: unknown): boolean {
  if (first === second) return true
  if (Array.isArray(first)) {
    if (!Array.isArray(second) || first.length !== second.length) return false
    return first.every((value, at) => sameJson(value, second[at]))
  }
  if (!isObject(first) || !isObject(second)) return false
  for (const key in first) if (first[key] !== undefined && !sameJson(first[key], second[key])) return false
  for (const key in second) if (second[key] !== undefined && first[key] === undefined) return false
  return true
}

/** Whether a text parses as JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
