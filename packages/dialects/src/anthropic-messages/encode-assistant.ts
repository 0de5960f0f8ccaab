import type { AssistantPart, JsonObject, ReasoningPart, ToolCallPart } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { cached, encodeText } from './encode-content.ts'
import { sameModel } from './model-names.ts'
import { dialect } from './names.ts'
import { wholeBlock } from './whole-block.ts'

export interface AssistantEncoding {
  readonly dropped: Dropped
  readonly old: boolean
  /** The model that the conversation goes to. */
  readonly model: string
  /** The wire's id of a call. */
  callId(part: ToolCallPart): string
}

/** What the model said, as blocks; what others thought is left out. */
export function encodeAssistantParts(
  parts: readonly AssistantPart[],
  path: string,
  encoding: AssistantEncoding,
): JsonObject[] {
  // a block that nobody can read does not say whose it is; what was thought beside it does
  const other = parts
    .map(part => (part.type === 'reasoning' ? otherThinker(part, encoding.model) : undefined))
    .find(Boolean)
  return parts.flatMap((part, at) => encodePart(part, `${path}.content[${at}]`, other, encoding))
}

function otherThinker(part: ReasoningPart, model: string): string | undefined {
  const { model: thinker } = extraOf(part, dialect)
  return typeof thinker === 'string' && !sameModel(thinker, model) ? thinker : undefined
}

function encodePart(
  part: AssistantPart,
  path: string,
  other: string | undefined,
  encoding: AssistantEncoding,
): JsonObject[] {
  const { dropped } = encoding
  switch (part.type) {
    case 'text':
      return encodeText(part, path, undefined, dropped)
    case 'reasoning':
      return encodeReasoning(part, path, encoding)
    case 'tool-call':
      return [encodeCall(part, path, encoding)]
    case 'opaque': {
      const block = part.origin === dialect ? wholeBlock(part.value) : undefined
      if (block === undefined) dropped.add(path, `only ${part.origin} knows this part`)
      else if (other !== undefined && block.type === 'redacted_thinking') dropped.add(path, backTo(other))
      else if (!encoding.old && block.type === 'document')
        dropped.add(path, 'this version of the API takes no document in a message of the assistant')
      else return [block]
      return []
    }
  }
}

function encodeReasoning(part: ReasoningPart, path: string, { dropped, model }: AssistantEncoding): JsonObject[] {
  const { model: _, ...extra } = extraOf(part, dialect)
  const other = otherThinker(part, model)
  if (part.origin !== dialect) dropped.add(path, `reasoning of ${part.origin} goes back there only`)
  else if (part.signature === undefined) dropped.add(path, 'reasoning that is not signed cannot be sent back')
  else if (other !== undefined) dropped.add(path, backTo(other))
  else return [{ ...extra, type: 'thinking', thinking: part.text, signature: part.signature }]
  return []
}

function encodeCall(part: ToolCallPart, path: string, encoding: AssistantEncoding): JsonObject {
  const { id: _, ...extra } = extraOf(part, dialect)
  if (part.invalid !== undefined) encoding.dropped.add(path, 'its arguments are no JSON object, and are left out')
  const call = { ...extra, type: 'tool_use', id: encoding.callId(part), name: part.name, input: part.input ?? {} }
  return cached(part, call, path, encoding.dropped)
}

function backTo(thinker: string): string {
  return `reasoning of ${thinker} goes back to that model only`
}
