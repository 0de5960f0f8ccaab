import type { DialectExtra, JsonObject, MessageResponse, ResponsePart } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { parseToolArguments } from '../tool-arguments.ts'
import { dialect } from './names.ts'
import { encodeStopReason } from './stop-reason.ts'
import { encodeUsage } from './usage.ts'
import { wholeBlock } from './whole-block.ts'

export interface EncodeResponseOptions {
  /** Stands in the answer instead of its own `provider/model`. */
  readonly model?: string
  /** The answer's id where it has none. */
  readonly id?: string
}

/** The body that a client of this dialect reads. What other dialects alone can say is left out. */
export function encodeResponse(response: MessageResponse, options: EncodeResponseOptions = {}): JsonObject {
  const { model: _, usage: __, stop_reason: said, stop_details, ...extra } = extraOf(response, dialect)
  return {
    ...encodedStart(response, extra, options),
    content: response.content.flatMap(encodePart),
    ...encodedStop(response, said, stop_details),
    usage: encodeUsage(response.usage),
  }
}

/** What a message says of itself at its beginning. */
export function encodedStart(
  answer: Pick<MessageResponse, 'id' | 'model' | 'simulated'>,
  extra: JsonObject,
  options: EncodeResponseOptions,
): JsonDraft {
  return {
    id: answer.id ?? options.id ?? 'msg_0',
    type: 'message',
    role: 'assistant',
    model: options.model ?? answer.model,
    content: [],
    container: null,
    diagnostics: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    ...extra,
    ...(answer.simulated && { simulated: true }),
  }
}

/** What a message says of itself at its end. */
export function encodedStop(
  answer: Pick<MessageResponse, 'reason' | 'stopSequence'>,
  said: unknown,
  details: JsonObject[string],
): JsonObject {
  return {
    stop_reason: encodeStopReason(answer.reason, said),
    stop_sequence: answer.stopSequence ?? null,
    stop_details: details ?? null,
  }
}

function encodePart(part: ResponsePart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ ...encodedText(extraOf(part, dialect)), text: part.text }]
    case 'reasoning':
      return [
        { ...encodedThinking(part), thinking: part.text, ...(isOwn(part) && { signature: part.signature ?? '' }) },
      ]
    case 'tool-call':
      return [
        {
          ...encodedCall(part.id, part.name, extraOf(part, dialect)),
          input: part.input ?? parseToolArguments(part.invalid.text).input ?? {},
        },
      ]
    case 'opaque': {
      const block = part.origin === dialect ? wholeBlock(part.value) : undefined
      return block === undefined ? [] : [block]
    }
  }
}

/** A block of text before it says anything. */
export function encodedText(extra: JsonObject): JsonObject {
  return { type: 'text', text: '', citations: null, ...extra }
}

/** A block of thoughts before there are any. */
export function encodedThinking(thoughts: { readonly origin: string; readonly extra?: DialectExtra }): JsonObject {
  const { model: _, ...extra } = isOwn(thoughts) ? extraOf(thoughts, dialect) : ({} as JsonObject)
  return { ...extra, type: 'thinking', thinking: '', signature: '' }
}

/** Whether thoughts are of this dialect: a signature of others would come back as if it were of this one. */
export function isOwn({ origin }: { readonly origin: string }): boolean {
  return origin === dialect
}

/** A call before its input. */
export function encodedCall(id: string, name: string, extra: JsonObject): JsonObject {
  return { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' }, ...extra }
}
