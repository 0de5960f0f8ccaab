import type { JsonObject } from '@switchyard/core/contract'
import { isObject } from '../json.ts'

/** The error that an answer, or an event of one, holds; `undefined` where it holds none. */
export function errorOf(wire: JsonObject): unknown {
  if (wire.error !== undefined && wire.error !== null) return wire
  if (wire.object === 'error') return wire
  if (isObject(wire.x_groq) && wire.x_groq.error) return { error: wire.x_groq.error }
  if (wire.choices === undefined && wire.detail !== undefined) return wire
  return undefined
}
