import type { FinishReason } from '@switchyard/core/contract'

/** The wire says `stop` after tool calls too; `load` and `unload` answer requests without messages. */
export function decodeFinishReason(word: string, called: boolean): FinishReason {
  if (word === 'length') return 'length'
  if (word !== 'stop') return 'other'
  return called ? 'tool-calls' : 'stop'
}

export function encodeFinishReason(reason: FinishReason): string {
  return reason === 'length' || reason === 'context-length' ? 'length' : 'stop'
}
