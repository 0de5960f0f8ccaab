import type { JsonObject, MessageResponse } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { joinFields } from '../join-fields.ts'
import type { JsonDraft } from '../json.ts'
import { timeText } from './answer-start.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { answerFields, dialect, messageFields } from './names.ts'
import { encodeToolCall } from './tool-calls.ts'
import { encodeUsage } from './usage.ts'

export interface EncodeResponseOptions {
  /** Stands in the answer instead of its own `provider/model`. */
  readonly model?: string
  /** Seconds since 1970, where the answer does not say. */
  readonly created?: number
}

/** The body that a client of this dialect reads. */
export function encodeResponse(response: MessageResponse, options: EncodeResponseOptions = {}): JsonObject {
  const { model: _, done_reason: word, ...top } = extraOf(response, dialect)
  const answer: JsonDraft = {}
  const rest: JsonDraft = { ...response.extra?.[messageFields] }
  let content = ''
  let thinking = ''
  const calls: JsonObject[] = []
  for (const part of response.content) {
    if (part.type === 'opaque') continue
    joinFields(rest, part.extra?.[messageFields])
    joinFields(answer, part.extra?.[answerFields])
    if (part.type === 'text') content += part.text
    else if (part.type === 'reasoning') thinking += part.text
    // what the model wrote in place of a call is text here too
    else if (part.invalid !== undefined) content += part.invalid.text
    else calls.push(encodeToolCall(part, calls.length))
  }
  joinFields(answer, response.extra?.[answerFields])
  return {
    model: options.model ?? response.model,
    created_at: timeText(response.created ?? options.created ?? 0),
    message: {
      role: 'assistant',
      content,
      ...(thinking !== '' && { thinking }),
      ...rest,
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    done: true,
    done_reason: response.reason === 'other' && word !== undefined ? word : encodeFinishReason(response.reason),
    ...top,
    ...answer,
    ...(response.usage && encodeUsage(response.usage)),
    ...(response.simulated && { simulated: true }),
  }
}
