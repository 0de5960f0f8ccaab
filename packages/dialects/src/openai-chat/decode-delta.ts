import type { JsonObject, MessageChunk } from '@switchyard/core/contract'
import { isObject, type JsonDraft } from '../json.ts'
import type { ChoiceBlocks } from './stream-blocks.ts'

/** Tells a choice's blocks what a delta holds; gives back the fields that nobody here knows. */
export function decodeDelta(delta: JsonObject, blocks: ChoiceBlocks, out: MessageChunk[]): JsonDraft | undefined {
  let unknown: JsonDraft | undefined
  const reasoning = delta.reasoning_content
  if (typeof reasoning === 'string' && reasoning !== '') blocks.speak('reasoning', reasoning, out, 'reasoning_content')
  for (const key in delta) {
    const value = delta[key]
    if (value === undefined) continue
    switch (key) {
      case 'role':
      case 'reasoning_content':
        break
      case 'content':
        if (typeof value === 'string') {
          if (value !== '') blocks.speak('text', value, out)
        } else if (Array.isArray(value)) for (const part of value) contentPart(part, blocks, out)
        break
      case 'refusal':
        if (typeof value === 'string' && value !== '') blocks.speak('refusal', value, out)
        break
      case 'reasoning':
        if (typeof value === 'string' && typeof reasoning !== 'string') {
          if (value !== '') blocks.speak('reasoning', value, out, key)
          break
        }
        if (value !== null) unknown = { ...unknown, [key]: value }
        break
      case 'audio':
        if (isObject(value)) blocks.audio(value, out)
        break
      case 'tool_calls':
        if (Array.isArray(value)) for (const call of value) if (isObject(call)) blocks.call(call, out)
        break
      case 'function_call':
        if (isObject(value)) blocks.functionCall(value, out)
        break
      default:
        unknown = { ...unknown, [key]: value }
    }
  }
  return unknown
}

function contentPart(part: unknown, blocks: ChoiceBlocks, out: MessageChunk[]): void {
  if (!isObject(part)) return
  if (part.type === 'text' && typeof part.text === 'string') {
    if (part.text !== '') blocks.speak('text', part.text, out)
  } else blocks.opaque(part, out)
}
