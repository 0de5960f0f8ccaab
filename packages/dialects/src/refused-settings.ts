import type { CapabilityName, JsonValue, ModelFacts } from '@switchyard/core/contract'
import type { Dropped } from './dropped.ts'
import { isObject, type JsonDraft } from './json.ts'

/** What a capability allows: the wire's fields, and the request's where it has another word for them. */
export type SettingsByCapability = readonly (readonly [
  CapabilityName,
  readonly (readonly [field: string, setting?: string])[],
])[]

/** Takes out of the body what the model is known to refuse. */
export function dropRefusedFields(
  body: JsonDraft,
  settings: SettingsByCapability,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): void {
  const capabilities = facts?.capabilities
  if (capabilities === undefined) return
  for (const [capability, fields] of settings) {
    if (capabilities[capability] !== false) continue
    for (const [field, setting = field] of fields)
      dropField(body, field, setting, 'the model does not take it', dropped)
  }
}

/** Takes a field out of the body; one that says nothing goes without a warning. */
export function dropField(body: JsonDraft, field: string, setting: string, message: string, dropped: Dropped): void {
  if (body[field] === undefined) return
  const said = body[field] !== null
  delete body[field]
  if (said) dropped.add(setting, message)
}

/** Why the model does not take this effort; `undefined` where it does, or nothing is known. */
export function effortRefusal(effort: unknown, facts: ModelFacts | undefined): string | undefined {
  const taken = facts?.reasoningEfforts
  if (taken === undefined || typeof effort !== 'string' || taken.includes(effort)) return undefined
  return `the model does not take "${effort}"${taken.length > 0 ? `, but ${taken.join(', ')}` : ''}`
}

/** OpenAI's `json_schema` and `json_object` as far as the model takes them. */
export function acceptedFormat(
  format: JsonValue | undefined,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): JsonValue | undefined {
  const type = isObject(format) ? format.type : undefined
  const capabilities = facts?.capabilities ?? {}
  if (type === 'json_schema' && capabilities.jsonSchema === false) {
    if (capabilities.json === false) {
      dropped.add('responseFormat', 'the model does not take a JSON Schema')
      return undefined
    }
    dropped.add('responseFormat', 'the model does not take a JSON Schema; any JSON object is asked for instead')
    return { type: 'json_object' }
  }
  if (type === 'json_object' && capabilities.json === false) {
    dropped.add('responseFormat', 'the model cannot be held to JSON')
    return undefined
  }
  return format
}
