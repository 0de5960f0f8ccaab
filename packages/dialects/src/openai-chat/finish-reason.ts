import type { FinishReason } from '@switchyard/core/contract'

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  // words of lax servers
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  model_length: 'context-length',
  tool_use: 'tool-calls',
  safety: 'content-filter',
  refusal: 'refusal',
}

/** The wire's word, corrected by what the answer held: servers say "stop" after tool calls and refusals. */
export function decodeFinishReason(
  word: string,
  held: { readonly toolCalls: boolean; readonly refusal: boolean; readonly stopSequence: boolean },
): FinishReason {
  const reason = reasons[word.toLowerCase()] ?? 'other'
  if (reason !== 'stop') return reason
  if (held.toolCalls) return 'tool-calls'
  if (held.refusal) return 'refusal'
  return held.stopSequence ? 'stop-sequence' : 'stop'
}

/** Whether a limit ended the answer, so that its last block is cut. */
export function isCut(reason: FinishReason): boolean {
  return reason === 'length' || reason === 'context-length'
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'stop',
  'context-length': 'length',
  other: 'stop',
}

export interface EncodedAnswerParts {
  /** The answer told its refusal in words. */
  readonly refusal: boolean
  /** Its call was told as the legacy `function_call`. */
  readonly functionCall: boolean
}

export function encodeFinishReason(reason: FinishReason, told: EncodedAnswerParts): string {
  if (reason === 'tool-calls' && told.functionCall) return 'function_call'
  if (reason === 'refusal' && told.refusal) return 'stop'
  return words[reason]
}
