import type { CacheHint, JsonObject, JsonValue } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { fault, objectAt, optionalText } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'

const lifetimes: ReadonlySet<unknown> = new Set(['5m', '1h'])
const fields = new Set(['type', 'ttl'])

/** The hint of a `cache_control`, and its fields that nobody here knows; nothing where there is none. */
export function decodeCacheControl(
  value: unknown,
  path: string,
  reading: RequestReading,
): { readonly cache?: CacheHint; readonly kept?: JsonObject } {
  if (value === undefined || value === null) return {}
  const place = `${path}.cache_control`
  const control = objectAt(value, place)
  if (control.type !== 'ephemeral') throw fault(`${place}.type`, 'must be "ephemeral".')
  const ttl = optionalText(control.ttl, `${place}.ttl`)
  if (ttl !== undefined && !lifetimes.has(ttl)) throw fault(`${place}.ttl`, `is "${ttl}"; it must be "5m" or "1h".`)
  bindUnknown(reading, control, fields, place)
  const known = Object.keys(control).every(key => fields.has(key) && control[key] !== null)
  return { cache: ttl === undefined ? {} : { lifetime: ttl }, ...(!known && { kept: control }) }
}

/** The hint as the wire says it, with what else it said before. */
export function encodeCacheControl(
  { lifetime }: CacheHint,
  said: JsonValue | undefined,
  path: string,
  dropped: Dropped,
): JsonObject {
  const control: JsonDraft = { ...(isObject(said) && said), type: 'ephemeral' }
  if (lifetime !== undefined && lifetimes.has(lifetime)) control.ttl = lifetime
  else {
    if (control.ttl !== null) delete control.ttl
    if (lifetime !== undefined)
      dropped.add(`${path}.cache`, `Anthropic keeps for "5m" or "1h", and not for "${lifetime}"; its default is taken`)
  }
  return control
}
