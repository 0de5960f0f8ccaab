import { inputTokens, type JsonObject, outputTokens, type Usage } from '@switchyard/core/contract'
import type { JsonDraft } from '../json.ts'

/** The counts and the durations, in nanoseconds, that end an answer. */
export const metricFields: ReadonlySet<string> = new Set([
  'total_duration',
  'load_duration',
  'prompt_eval_count',
  'prompt_eval_duration',
  'eval_count',
  'eval_duration',
])

/** Thinking is among the answer's tokens and is not told apart; the durations stay in `raw`. */
export function decodeUsage(wire: JsonObject): Usage | undefined {
  const raw: JsonDraft = {}
  for (const field of metricFields) if (typeof wire[field] === 'number') raw[field] = wire[field]
  if (raw.prompt_eval_count === undefined && raw.eval_count === undefined) return undefined
  return {
    input: { uncached: count(raw.prompt_eval_count), cacheRead: 0, cacheWrite: {} },
    output: { text: count(raw.eval_count), reasoning: 0 },
    raw,
  }
}

/** The counts as this wire tells them, with the durations where they were told. */
export function encodeUsage(usage: Usage): JsonObject {
  const metrics: JsonDraft = {}
  const { raw } = usage
  const counts: JsonDraft = { prompt_eval_count: inputTokens(usage), eval_count: outputTokens(usage) }
  for (const field of metricFields) {
    const said = counts[field] ?? (raw as JsonObject | undefined)?.[field]
    if (typeof said === 'number') metrics[field] = said
  }
  return metrics
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.floor(value) : 0
}
