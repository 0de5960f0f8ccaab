import { type JsonObject, outputTokens, type Usage } from '@switchyard/core/contract'
import { isObject, type JsonDraft, sameJson } from '../json.ts'

// how long the server keeps what it writes where nothing else was asked
const usualLifetime = '5m'

/** The wire's counts as disjoint parts: its input leaves out what was read from the cache or written to it. */
export function decodeUsage(value: unknown): Usage | undefined {
  return isObject(value) ? { ...decodeCounts(value), raw: value } : undefined
}

function decodeCounts(value: JsonObject): Usage {
  const made = count(value.output_tokens)
  const details = isObject(value.output_tokens_details) ? value.output_tokens_details : {}
  const reasoning = Math.min(count(details.thinking_tokens), made)
  const units = decodeUnits(value.server_tool_use)
  return {
    input: {
      uncached: count(value.input_tokens),
      cacheRead: count(value.cache_read_input_tokens),
      cacheWrite: decodeWritten(value),
    },
    output: { text: made - reasoning, reasoning },
    ...(units && { units }),
  }
}

function decodeWritten(wire: JsonObject): Record<string, number> {
  const byLifetime = isObject(wire.cache_creation) ? wire.cache_creation : {}
  const long = count(byLifetime.ephemeral_1h_input_tokens)
  const short = count(byLifetime.ephemeral_5m_input_tokens)
  // the end of a stream tells the sum alone, which may have grown
  const rest = Math.max(short, count(wire.cache_creation_input_tokens) - long)
  return { ...(rest > 0 && { [usualLifetime]: rest }), ...(long > 0 && { '1h': long }) }
}

function decodeUnits(value: unknown): Record<string, number> | undefined {
  if (!isObject(value)) return undefined
  const used = Object.entries(value).filter(([, times]) => count(times) > 0)
  return used.length === 0 ? undefined : Object.fromEntries(used.map(([name, times]) => [name, count(times)]))
}

/** The counts of a stream so far: what comes later is cumulative, and null where nothing changed. */
export function laterUsage(before: JsonObject | undefined, later: unknown): JsonObject | undefined {
  if (!isObject(later)) return before
  const merged: JsonDraft = { ...before }
  for (const key in later) if (later[key] !== null || merged[key] === undefined) merged[key] = later[key]
  return merged
}

/** Usage as the wire counts it; what a server of this dialect said is passed on while it still says the same. */
export function encodeUsage(usage: Usage | undefined): JsonObject {
  if (usage === undefined) return encodeUsage(nothing)
  const { raw, ...parts } = usage
  if (isObject(raw) && raw.cache_read_input_tokens !== undefined && sameJson(decodeCounts(raw), parts)) return raw
  const { input, output, units = {} } = usage
  const long = input.cacheWrite['1h'] ?? 0
  const written = Object.values(input.cacheWrite).reduce((sum, tokens) => sum + tokens, 0)
  const { web_search_requests = 0, web_fetch_requests = 0 } = units
  const searched = web_search_requests + web_fetch_requests > 0
  return {
    input_tokens: input.uncached,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: input.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: written - long, ephemeral_1h_input_tokens: long },
    output_tokens: outputTokens(usage),
    output_tokens_details: output.reasoning > 0 ? { thinking_tokens: output.reasoning } : null,
    server_tool_use: searched ? { web_search_requests, web_fetch_requests } : null,
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  }
}

const nothing: Usage = { input: { uncached: 0, cacheRead: 0, cacheWrite: {} }, output: { text: 0, reasoning: 0 } }

const deltaFields = [
  'input_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens',
  'output_tokens_details',
  'server_tool_use',
]

// what the beginning of a stream tells once and for all
const startFields = new Set([...deltaFields, 'cache_creation', 'service_tier', 'inference_geo', 'speed'])

/** What the end of a stream tells of it, whose beginning told `started`. */
export function encodeDeltaUsage(usage: Usage | undefined, started?: JsonObject[string]): JsonObject {
  const whole = encodeUsage(usage)
  const told: JsonDraft = {}
  for (const field of deltaFields) told[field] = whole[field] ?? null
  for (const key in whole) if (!startFields.has(key)) told[key] = whole[key]
  // the beginning could not know it, and the sum says nothing of lifetimes
  if (started === undefined && usage?.input.cacheWrite['1h']) told.cache_creation = whole.cache_creation
  return told
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? Math.floor(value) : 0
}
