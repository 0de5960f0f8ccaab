import type { FinishReason } from '@switchyard/core/contract'

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-length',
}

export function decodeStopReason(word: string): FinishReason {
  return reasons[word] ?? 'other'
}

/** Whether a limit ended the answer, so that its last block is cut. */
export function isCut(reason: FinishReason): boolean {
  return reason === 'length' || reason === 'context-length'
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  'context-length': 'model_context_window_exceeded',
  other: 'end_turn',
}

/** The wire's word; one that nobody here knows is kept where this dialect said it. */
export function encodeStopReason(reason: FinishReason, said: unknown): string {
  return reason === 'other' && typeof said === 'string' ? said : words[reason]
}
