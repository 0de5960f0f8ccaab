import type { JsonObject, MessageChunk } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import type { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { isObject } from '../json.ts'
import { parseCutToolArguments, parseToolArguments } from '../tool-arguments.ts'
import { callExtra, textExtra, thinkingExtra } from './answer-blocks.ts'
import { dialect } from './names.ts'

/** One block of a streamed answer. */
export interface StreamBlock {
  readonly id: number
  readonly kind: 'text' | 'reasoning' | 'tool-call' | 'opaque'
  /** The arguments of a call so far. */
  text: string
  signature: string
}

/** The wire's name for what a text block's deltas say; they are told apart before all others. */
export const textDelta = 'text_delta'

/** Begins the block that an event starts. */
export function startBlock(
  block: JsonObject,
  id: number,
  ids: AnswerCallIds,
  context: AnswerContext,
  out: MessageChunk[],
): StreamBlock {
  const made = (kind: StreamBlock['kind']): StreamBlock => ({ id, kind, text: '', signature: '' })
  if (block.type === 'text') {
    out.push({ type: 'text-start', id, ...textExtra(block) })
    sayText('text-delta', id, block.text, out)
    return made('text')
  }
  if (block.type === 'thinking') {
    out.push({ type: 'reasoning-start', id, origin: dialect, ...thinkingExtra(block, context) })
    sayText('reasoning-delta', id, block.thinking, out)
    const { signature } = block
    return { ...made('reasoning'), signature: typeof signature === 'string' ? signature : '' }
  }
  if (block.type === 'tool_use' && typeof block.name === 'string') {
    const callId = ids.take(block.id, 0, id)
    out.push({ type: 'tool-call-start', id, callId, name: block.name, ...callExtra(block, callId) })
    const call = made('tool-call')
    // the real server begins with nothing; others tell the whole input at once
    if (isObject(block.input) && Object.keys(block.input).length > 0)
      sayArguments(call, JSON.stringify(block.input), out)
    return call
  }
  out.push({ type: 'opaque-start', id, origin: dialect, value: block })
  return made('opaque')
}

/** Goes on with a block. Whether the delta was one for such a block. */
export function continueBlock(block: StreamBlock, delta: JsonObject, out: MessageChunk[]): boolean {
  const { id } = block
  if (block.kind === 'opaque') {
    out.push({ type: 'opaque-delta', id, value: delta })
    return true
  }
  switch (delta.type) {
    case textDelta:
      if (block.kind !== 'text' || typeof delta.text !== 'string') return false
      sayText('text-delta', id, delta.text, out)
      return true
    case 'thinking_delta':
      if (block.kind !== 'reasoning' || typeof delta.thinking !== 'string') return false
      sayText('reasoning-delta', id, delta.thinking, out)
      return true
    case 'signature_delta':
      if (block.kind !== 'reasoning' || typeof delta.signature !== 'string') return false
      block.signature += delta.signature
      return true
    case 'input_json_delta':
      if (block.kind !== 'tool-call' || typeof delta.partial_json !== 'string') return false
      sayArguments(block, delta.partial_json, out)
      return true
    case 'citations_delta':
      if (block.kind !== 'text' || delta.citation === undefined) return false
      out.push({ type: 'text-delta', id, text: '', extra: { [dialect]: { citations: [delta.citation] } } })
      return true
    default:
      // kinds of deltas that come to be later say nothing that we could tell
      return typeof delta.type === 'string'
  }
}

/** Ends a block; `cut` where a limit ended the answer in it. */
export function endBlock(block: StreamBlock, cut: boolean, out: MessageChunk[]): void {
  const { id, text, signature } = block
  switch (block.kind) {
    case 'text':
      out.push({ type: 'text-end', id, complete: !cut })
      return
    case 'reasoning':
      out.push({ type: 'reasoning-end', id, complete: !cut, ...(signature !== '' && { signature }) })
      return
    case 'opaque':
      out.push({ type: 'opaque-end', id, complete: !cut })
      return
    case 'tool-call': {
      const parsed = cut ? parseCutToolArguments(text) : parseToolArguments(text)
      if (parsed.input === undefined) out.push({ type: 'tool-call-end', id, complete: !cut, invalid: parsed.invalid })
      else out.push({ type: 'tool-call-end', id, complete: true, input: parsed.input })
    }
  }
}

function sayText(type: 'text-delta' | 'reasoning-delta', id: number, text: unknown, out: MessageChunk[]): void {
  if (typeof text === 'string' && text !== '') out.push({ type, id, text })
}

function sayArguments(block: StreamBlock, text: string, out: MessageChunk[]): void {
  if (text === '') return
  block.text += text
  out.push({ type: 'tool-call-delta', id: block.id, text })
}
