import { inputTokens, type JsonObject, outputTokens, type Usage } from '@switchyard/core/contract'
import { isObject, sameJson } from '../json.ts'

/**
 * The wire's counts as disjoint parts. Cached and written tokens are among the prompt's; reasoning is among the
 * completion's unless `reasoningOutside`, or, when that is not said, unless the total says so.
 */
export function decodeUsage(value: unknown, reasoningOutside?: boolean): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = count(value.prompt_tokens)
  const completion = count(value.completion_tokens)
  const ofPrompt = isObject(value.prompt_tokens_details) ? value.prompt_tokens_details : {}
  const ofCompletion = isObject(value.completion_tokens_details) ? value.completion_tokens_details : {}
  const cacheRead = Math.min(count(ofPrompt.cached_tokens), prompt)
  const written = Math.min(count(ofPrompt.cache_write_tokens), prompt - cacheRead)
  const thought = count(ofCompletion.reasoning_tokens)
  const outside = reasoningOutside ?? (thought > 0 && count(value.total_tokens) === prompt + completion + thought)
  const reasoning = outside ? thought : Math.min(thought, completion)
  const sources = count(value.num_sources_used)
  return {
    input: {
      uncached: prompt - cacheRead - written,
      cacheRead,
      cacheWrite: written > 0 ? { default: written } : {},
    },
    output: { text: outside ? completion : completion - reasoning, reasoning },
    ...(sources > 0 && { units: { sources } }),
    raw: value,
  }
}

/** Usage as the wire counts it; what a provider of this dialect said is passed on while it still says the same. */
export function encodeUsage(usage: Usage): JsonObject {
  const { raw } = usage
  if (isObject(raw) && raw.prompt_tokens !== undefined) {
    const said = decodeUsage(raw, false)
    if (said && sameJson(said.input, usage.input) && sameJson(said.output, usage.output)) return raw
  }
  const prompt = inputTokens(usage)
  const completion = outputTokens(usage)
  const written = prompt - usage.input.uncached - usage.input.cacheRead
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.input.cacheRead,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: { reasoning_tokens: usage.output.reasoning },
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? Math.floor(value) : 0
}
