import { serverSentEvent } from '../framing.ts'
import type { GeneratedBlock } from '../generation.ts'
import type { Json } from '../json-value.ts'
import type { ReplyPiece } from '../reply.ts'
import {
  emptyMessage,
  encodedDeltaUsage,
  encodedStop,
  encodedUsage,
  type MadeMessage,
  signedThinking,
} from './made-message.ts'

type Counted = Omit<ReplyPiece, 'text'>

const silent: Counted = { role: 'content', tokens: 0 }
const spoken: Counted = { role: 'content', tokens: 1 }

/** The events of an answer that was asked for as a stream. */
export function streamedMessage(message: MadeMessage): readonly ReplyPiece[] {
  const { usage, tellsUsage } = message
  const start = { ...emptyMessage(message), ...(tellsUsage && { usage: encodedUsage(usage, true) }) }
  const pieces = [event(silent, { type: 'message_start', message: start })]
  for (const [index, block] of message.choices[0].blocks.entries()) {
    pieces.push(event(silent, { type: 'content_block_start', index, content_block: openBlock(block) }))
    if (index === 0) pieces.push(event(silent, { type: 'ping' }))
    for (const [counted, delta] of deltas(block, message)) {
      pieces.push(event(counted, { type: 'content_block_delta', index, delta }))
    }
    pieces.push(event(silent, { type: 'content_block_stop', index }))
  }
  const end = { container: null, ...encodedStop(message) }
  const told = tellsUsage && { usage: encodedDeltaUsage(usage) }
  pieces.push(event({ role: 'finish', tokens: 0 }, { type: 'message_delta', delta: end, ...told }))
  pieces.push(event({ role: 'terminator', tokens: 0 }, { type: 'message_stop' }))
  return pieces
}

function event(counted: Counted, data: Json & { readonly type: string }): ReplyPiece {
  return { ...counted, text: serverSentEvent(JSON.stringify(data), data.type) }
}

function openBlock(block: GeneratedBlock): object {
  if (block.type === 'reasoning') return { type: 'thinking', thinking: '', signature: '' }
  if (block.type !== 'tool-call') return { type: 'text', text: '', citations: null }
  return { type: 'tool_use', id: block.id, name: block.name, input: {}, caller: { type: 'direct' } }
}

function deltas(block: GeneratedBlock, message: MadeMessage): readonly (readonly [Counted, object])[] {
  if (block.type === 'reasoning') return thinkingDeltas(block, message)
  if (block.type !== 'tool-call') return block.pieces.map(text => [spoken, { type: 'text_delta', text }])
  return [
    [silent, { type: 'input_json_delta', partial_json: '' }],
    ...block.pieces.map(text => [spoken, { type: 'input_json_delta', partial_json: text }] as const),
  ]
}

function thinkingDeltas(
  block: GeneratedBlock & { readonly type: 'reasoning' },
  message: MadeMessage,
): readonly (readonly [Counted, object])[] {
  const { signature } = signedThinking(block, message)
  const signed = { type: 'signature_delta', signature }
  const all = block.pieces.length
  if (message.omitted) return [[{ role: 'content', tokens: all, reasoningTokens: all }, signed]]
  const thought: Counted = { role: 'content', tokens: 1, reasoningTokens: 1 }
  const shown = block.pieces.map(thinking => [thought, { type: 'thinking_delta', thinking }] as const)
  return signature === '' ? shown : [...shown, [silent, signed]]
}
