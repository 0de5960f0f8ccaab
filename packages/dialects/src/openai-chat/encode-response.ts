import type { ChoiceFinish, JsonObject, MessageResponse, ResponsePart } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { joinFields } from '../join-fields.ts'
import type { JsonDraft } from '../json.ts'
import { encodeAnswerMessage } from './encode-message.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { dialect } from './names.ts'
import { encodeUsage } from './usage.ts'

export interface EncodeResponseOptions {
  /** Stands in the answer instead of its own `provider/model`. */
  readonly model?: string
  /** The answer's id where it has none. */
  readonly id?: string
  /** Seconds since 1970, where the answer does not say. */
  readonly created?: number
  /** Tell a tool call as the legacy `function_call`, to a client that speaks of `functions`. */
  readonly functionCall?: boolean
}

/** The body that a client of this dialect reads. */
export function encodeResponse(response: MessageResponse, options: EncodeResponseOptions = {}): JsonObject {
  const { model: _, ...told } = extraOf(response, dialect)
  const extra: JsonDraft = { ...told }
  const first = encodeChoice({ ...response, choice: 0 }, options, extra)
  const others = (response.otherChoices ?? []).map(other => encodeChoice(other, options, extra))
  return {
    ...extra,
    id: response.id ?? options.id ?? 'chatcmpl-0',
    object: extra.object ?? 'chat.completion',
    created: response.created ?? options.created ?? 0,
    model: options.model ?? response.model,
    choices: [first, ...others],
    ...(response.usage && { usage: encodeUsage(response.usage) }),
    ...(response.simulated && { simulated: true }),
  }
}

function encodeChoice(
  choice: ChoiceFinish & { readonly content: readonly ResponsePart[] },
  options: EncodeResponseOptions,
  late: JsonDraft,
): JsonObject {
  const encoded = encodeAnswerMessage(choice.content, choice.extra, options.functionCall ?? false)
  joinFields(late, encoded.answer)
  const { finish_reason: word, ...rest } = encoded.choice
  return {
    logprobs: null,
    ...rest,
    index: choice.choice,
    message: encoded.message,
    finish_reason:
      choice.reason === 'other' && typeof word === 'string' ? word : encodeFinishReason(choice.reason, encoded.told),
  }
}
