import type { JsonObject, JsonValue } from '@switchyard/core/contract'
import { objectAt, optionalNumber, optionalText } from '../field-checks.ts'

// hints whose loss changes nothing that the caller could miss, and fields that are told elsewhere
const hints = new Set([
  'stream',
  'thinking',
  'output_config',
  'tool_choice',
  'metadata',
  'cache_control',
  'service_tier',
  'speed',
  'diagnostics',
  'top_k',
  'user_profile_id',
])

/** Whether a target of another dialect may answer as if this field were not there. */
export function isHarmless(key: string, value: JsonValue): boolean {
  return hints.has(key) || (key === 'mcp_servers' && Array.isArray(value) && value.length === 0)
}

/** The fields that stay in `extra`: they must be well-formed all the same. */
export function checkOtherFields(body: JsonObject): void {
  optionalNumber(body.top_k, 'top_k', { from: 0, whole: true })
  for (const field of ['service_tier', 'inference_geo', 'speed', 'user_profile_id']) optionalText(body[field], field)
  if (body.diagnostics != null) objectAt(body.diagnostics, 'diagnostics')
}
