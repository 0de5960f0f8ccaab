import { inputTokens, type JsonObject, outputTokens, type Usage } from '@switchyard/core/contract'
import { isObject, sameJson } from '../json.ts'

const lifetimes = { ttl_30m_tokens: '30m', ttl_12h_tokens: '12h' } as const

/** The wire's counts as disjoint parts: cached and written tokens are among the input's, reasoning among the output's. */
export function decodeUsage(value: unknown, toolUsage?: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const input = count(value.input_tokens)
  const output = count(value.output_tokens)
  const ofInput = isObject(value.input_tokens_details) ? value.input_tokens_details : {}
  const ofOutput = isObject(value.output_tokens_details) ? value.output_tokens_details : {}
  const cacheRead = Math.min(count(ofInput.cached_tokens), input)
  const written = Math.min(count(ofInput.cache_write_tokens), input - cacheRead)
  const reasoning = Math.min(count(ofOutput.reasoning_tokens), output)
  const searches = webSearches(toolUsage)
  return {
    input: { uncached: input - cacheRead - written, cacheRead, cacheWrite: byLifetime(written, ofInput) },
    output: { text: output - reasoning, reasoning },
    ...(searches > 0 && { units: { searches } }),
    raw: value,
  }
}

function byLifetime(written: number, details: JsonObject): Record<string, number> {
  const told = isObject(details.cache_write_tokens_details) ? details.cache_write_tokens_details : {}
  const parts: Record<string, number> = {}
  let left = written
  for (const [field, lifetime] of Object.entries(lifetimes)) {
    const tokens = Math.min(count(told[field]), left)
    if (tokens > 0) parts[lifetime] = tokens
    left -= tokens
  }
  if (left > 0) parts.default = left
  return parts
}

function webSearches(toolUsage: unknown): number {
  const search = isObject(toolUsage) ? toolUsage.web_search : undefined
  return isObject(search) ? count(search.num_requests) : 0
}

/** Usage as the wire counts it; what a provider of this dialect said is passed on while it still says the same. */
export function encodeUsage(usage: Usage): JsonObject {
  const { raw } = usage
  if (isObject(raw) && raw.input_tokens_details !== undefined) {
    const said = decodeUsage(raw)
    if (said && sameJson(said.input, usage.input) && sameJson(said.output, usage.output)) return raw
  }
  const input = inputTokens(usage)
  const output = outputTokens(usage)
  const { cacheRead, cacheWrite, uncached } = usage.input
  const split = { ttl_30m_tokens: cacheWrite['30m'] ?? 0, ttl_12h_tokens: cacheWrite['12h'] ?? 0 }
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: input - uncached - cacheRead,
      ...(split.ttl_30m_tokens + split.ttl_12h_tokens > 0 && { cache_write_tokens_details: split }),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.output.reasoning },
    total_tokens: input + output,
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? Math.floor(value) : 0
}
