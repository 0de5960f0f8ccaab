import type { FinishReason } from '@switchyard/core/contract'

const reasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  CONTINUATION: 'pause',
}

/** The wire's word; it says STOP after function calls, too. */
export function decodeFinishReason(word: string, called: boolean): FinishReason {
  const reason = reasons[word] ?? 'other'
  return reason === 'stop' && called ? 'tool-calls' : reason
}

const malformed = new Set(['MALFORMED_FUNCTION_CALL', 'MALFORMED_RESPONSE', 'UNEXPECTED_TOOL_CALL'])

/** Whether the model said something that the server could not read, so that none of it came. */
export function isMalformed(word: string): boolean {
  return malformed.has(word)
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'CONTINUATION',
  'context-length': 'MAX_TOKENS',
  other: 'OTHER',
}

/** A word of this wire that stands in `rawReason` is told again. */
export function encodeFinishReason(reason: FinishReason, rawReason: string | undefined): string {
  const known = rawReason !== undefined && /^[A-Z_]+$/.test(rawReason)
  return known && decodeFinishReason(rawReason, reason === 'tool-calls') === reason ? rawReason : words[reason]
}
