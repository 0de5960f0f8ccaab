import { inputTokens, type JsonObject, outputTokens, type Usage } from '@switchyard/core/contract'
import { isObject, sameJson } from '../json.ts'

/**
 * The wire's counts as disjoint parts: cached tokens are among the prompt's, the results of the server's own tools come
 * on top of them, and thoughts on top of the candidates'.
 */
export function decodeUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = count(value.promptTokenCount)
  const toolResults = count(value.toolUsePromptTokenCount)
  const cacheRead = Math.min(count(value.cachedContentTokenCount), prompt)
  const reasoning = count(value.thoughtsTokenCount)
  const text = count(value.candidatesTokenCount)
  return {
    input: { uncached: prompt - cacheRead + toolResults, cacheRead, cacheWrite: {} },
    output: { text, reasoning },
    raw: value,
  }
}

/** Usage as the wire counts it; what the provider itself said is passed on while it still says the same. */
export function encodeUsage(usage: Usage): JsonObject {
  const { raw } = usage
  if (isObject(raw) && raw.promptTokenCount !== undefined) {
    const said = decodeUsage(raw)
    if (said && sameJson(said.input, usage.input) && sameJson(said.output, usage.output)) return raw
  }
  const prompt = inputTokens(usage)
  const { text, reasoning } = usage.output
  return {
    promptTokenCount: prompt,
    ...(usage.input.cacheRead > 0 && { cachedContentTokenCount: usage.input.cacheRead }),
    candidatesTokenCount: text,
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    totalTokenCount: prompt + outputTokens(usage),
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? Math.floor(value) : 0
}
