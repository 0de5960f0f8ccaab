import type { MessageChunk } from '../contract/chunk.ts'

/** How much of an answer a batch brings; infinitely much where the provider says that it is at work, or speaks in its own way. */
export function charactersIn(batch: readonly MessageChunk[]): number {
  let characters = 0
  for (const chunk of batch) {
    if (chunk.type === 'text-delta' || chunk.type === 'reasoning-delta' || chunk.type === 'tool-call-delta') {
      characters += chunk.text.length
    } else if (chunk.type === 'ping' || chunk.type === 'opaque-delta') return Number.POSITIVE_INFINITY
  }
  return characters
}
