import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import { isObject, type JsonDraft } from '../json.ts'

// the fields that a stream tells in pieces
const growing = new Set(['input', 'arguments', 'data', 'transcript'])

/** A block's value as one: what a stream told as a list of pieces is put together. */
export function joinedValue(value: JsonValue): JsonValue {
  if (!Array.isArray(value)) return value
  let whole: JsonValue = null
  for (const piece of value) whole = join(whole, piece)
  return whole
}

/** The tool calls of a block's value, without the place that they had in a stream. */
export function wholeCalls(calls: readonly JsonValue[]): JsonObject[] {
  return calls.filter(isObject).map(({ index: _, ...call }) => call)
}

function join(first: JsonValue, second: JsonValue): JsonValue {
  if (Array.isArray(first) && Array.isArray(second)) {
    const [head, ...rest] = first
    const [next, ...others] = second
    return [head !== undefined && next !== undefined ? join(head, next) : (head ?? next ?? null), ...rest, ...others]
  }
  if (!isObject(first) || !isObject(second)) return second
  const joined: JsonDraft = { ...first }
  for (const [key, value] of Object.entries(second)) {
    if (value === undefined) continue
    const before = joined[key]
    if (growing.has(key) && typeof before === 'string' && typeof value === 'string') joined[key] = before + value
    else joined[key] = before === undefined ? value : join(before, value)
  }
  return joined
}
