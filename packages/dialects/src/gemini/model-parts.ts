import type { JsonObject, OpaquePart, ReasoningPart, TextPart } from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { dialect } from './names.ts'

const textFields = new Set(['text', 'thought'])
const thoughtFields = new Set(['text', 'thought', 'thoughtSignature'])

/**
 * A part that the model made, and that calls no function. A signature stays with the part that it came on: on a thought
 * as its own, else among the fields that only this dialect restores.
 */
export function decodeModelPart(part: JsonObject): TextPart | ReasoningPart | OpaquePart {
  const { text, thoughtSignature: signature } = part
  if (typeof text !== 'string') return { type: 'opaque', origin: dialect, value: part }
  if (part.thought !== true) return { type: 'text', text, ...keepExtra(dialect, unknownFields(part, textFields)) }
  return {
    type: 'reasoning',
    text,
    ...(typeof signature === 'string' && { signature }),
    origin: dialect,
    ...keepExtra(dialect, unknownFields(part, thoughtFields)),
  }
}

/** Whether a part says nothing at all, as the last one of a stream does. */
export function isEmptyText(part: JsonObject): boolean {
  if (part.text !== '') return false
  for (const field in part) if (!textFields.has(field)) return false
  return true
}
