import type { GeneratedBlock } from '../generation.ts'
import { isObject } from '../json-value.ts'
import type { ReplyPiece } from '../reply.ts'
import { emptyMessage, encodedStop, encodedUsage, type MadeMessage, signedThinking } from './made-message.ts'

/** The body of an answer that was asked for whole. */
export function wholeMessage(message: MadeMessage): readonly ReplyPiece[] {
  const { usage, choices } = message
  const body = {
    ...emptyMessage(message),
    content: choices[0].blocks.map(block => encodedBlock(block, message)),
    ...encodedStop(message),
    ...(message.tellsUsage && { usage: encodedUsage(usage) }),
  }
  const { outputTokens: tokens, reasoningTokens } = usage
  return [{ text: JSON.stringify(body), role: 'content', tokens, reasoningTokens }]
}

function encodedBlock(block: GeneratedBlock, message: MadeMessage): object {
  if (block.type === 'reasoning') return { type: 'thinking', ...signedThinking(block, message) }
  const text = block.pieces.join('')
  if (block.type !== 'tool-call') return { type: 'text', text, citations: null }
  return { type: 'tool_use', id: block.id, name: block.name, input: inputOf(text), caller: { type: 'direct' } }
}

// arguments that were cut have no JSON to stand in
function inputOf(text: string): unknown {
  try {
    const input: unknown = JSON.parse(text)
    return isObject(input) ? input : {}
  } catch {
    return {}
  }
}
