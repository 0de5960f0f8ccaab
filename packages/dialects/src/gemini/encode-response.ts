import type { ChoiceFinish, JsonObject, MessageResponse, ResponsePart } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { isObject } from '../json.ts'
import { encodeText, encodeThought } from './encode-contents.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { encodeAnswerCall } from './function-calls.ts'
import { dialect } from './names.ts'
import { encodeUsage } from './usage.ts'

export interface EncodeResponseOptions {
  /** Stands in the answer as `modelVersion`, instead of the one that came or its own `provider/model`. */
  readonly model?: string
  /** The answer's id where it has none. */
  readonly id?: string
}

/** The body that a client of this dialect reads. */
export function encodeResponse(response: MessageResponse, options: EncodeResponseOptions = {}): JsonObject {
  const others = (response.otherChoices ?? []).map(encodeCandidate)
  return {
    ...encodeAnswerHead(response, options),
    candidates: [encodeCandidate({ ...response, choice: 0 }), ...others],
    ...(response.usage && { usageMetadata: encodeUsage(response.usage) }),
  }
}

/** What a whole answer, and each event of a streamed one, says of the answer as a whole. */
export function encodeAnswerHead(
  answer: Pick<MessageResponse, 'id' | 'model' | 'created' | 'simulated' | 'extra'>,
  options: EncodeResponseOptions,
): JsonObject {
  const { candidate: _, ...extra } = extraOf(answer, dialect)
  const { created } = answer
  return {
    ...(created !== undefined && { createTime: new Date(created * 1000).toISOString() }),
    modelVersion: answer.model,
    ...extra,
    ...(options.model !== undefined && { modelVersion: options.model }),
    responseId: answer.id ?? options.id ?? 'response-0',
    ...(answer.simulated && { simulated: true }),
  }
}

function encodeCandidate(choice: ChoiceFinish & { readonly content: readonly ResponsePart[] }): JsonObject {
  const parts = choice.content.flatMap(encodeAnswerPart)
  return {
    ...candidateFields(choice),
    ...((parts.length > 0 || choice.reason !== 'content-filter') && { content: { parts, role: 'model' } }),
    finishReason: encodeFinishReason(choice.reason, choice.rawReason),
    index: choice.choice,
  }
}

/** The candidate's fields that came with an answer of this dialect. */
export function candidateFields(holder: Pick<ChoiceFinish, 'extra'>): JsonObject {
  const { candidate } = extraOf(holder, dialect)
  return isObject(candidate) ? candidate : {}
}

/** A part of an answer; what only another dialect knows has no place here. */
function encodeAnswerPart(part: ResponsePart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return encodeText(part)
    case 'reasoning':
      // another dialect's signature would come back here as ours
      return part.origin === dialect ? encodeThought(part) : encodeThought({ text: part.text })
    case 'tool-call':
      return [encodeAnswerCall(part)]
    case 'opaque':
      return part.origin === dialect && isObject(part.value) ? [part.value] : []
  }
}
