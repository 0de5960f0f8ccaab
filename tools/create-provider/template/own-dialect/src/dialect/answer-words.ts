import type { FinishReason, JsonValue, Usage } from '@switchyard/core/contract'
import { isObject } from '@switchyard/dialects/building-blocks'

const reasons: Readonly<Record<string, FinishReason>> = {
  done: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  filtered: 'content-filter',
}

/** Why an answer ended, in the words of the contract. */
export function finishReason(word: string): FinishReason {
  return reasons[word] ?? 'other'
}

/** Token counts as disjoint parts; `undefined` where the wire told none. */
export function decodeUsage(wire: JsonValue | undefined): Usage | undefined {
  if (!isObject(wire) || typeof wire.input_tokens !== 'number' || typeof wire.output_tokens !== 'number') {
    return undefined
  }
  return {
    input: { uncached: wire.input_tokens, cacheRead: 0, cacheWrite: {} },
    output: { text: wire.output_tokens, reasoning: 0 },
    raw: wire,
  }
}
