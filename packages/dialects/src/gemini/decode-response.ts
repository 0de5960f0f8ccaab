import type { JsonObject, MessageResponse, ResponseChoice, ResponsePart } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { extraOf } from '../extra.ts'
import { isObject } from '../json.ts'
import {
  answerFault,
  answerSeed,
  blockedPrompt,
  candidateRest,
  decodeAnswerStart,
  malformedAnswer,
} from './answer-start.ts'
import { decodeErrorEvent } from './decode-error.ts'
import { decodeFinishReason, isMalformed } from './finish-reason.ts'
import { decodeFunctionCall } from './function-calls.ts'
import { decodeModelPart, isEmptyText } from './model-parts.ts'
import { dialect } from './names.ts'
import { decodeUsage } from './usage.ts'

/** A whole answer. @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeResponse(value: unknown, context: AnswerContext): MessageResponse {
  if (!isObject(value)) throw answerFault('protocol', 'the answer is not a JSON object', context)
  if (value.error !== undefined) throw decodeErrorEvent(value, context)
  const { candidates } = value
  if (!Array.isArray(candidates) || candidates.length === 0)
    throw blockedPrompt(value, context) ?? answerFault('protocol', 'the answer has no candidates', context)
  const ids = new AnswerCallIds(answerSeed(value, context))
  const choices = candidates.map((candidate, at) => decodeCandidate(candidate, at, ids, context))
  choices.sort((first, second) => first.choice - second.choice)
  const [{ choice: _, extra, ...first }, ...others] = choices as [ResponseChoice, ...ResponseChoice[]]
  const start = decodeAnswerStart(value, context)
  const usage = decodeUsage(value.usageMetadata)
  return {
    ...start,
    ...first,
    ...(usage && { usage }),
    ...(others.length > 0 && { otherChoices: others }),
    ...(extra && { extra: { [dialect]: { ...start.extra?.[dialect], ...extra[dialect] } } }),
  }
}

function decodeCandidate(value: unknown, at: number, ids: AnswerCallIds, context: AnswerContext): ResponseChoice {
  if (!isObject(value)) throw answerFault('protocol', `candidates[${at}] is not an object`, context)
  const choice = typeof value.index === 'number' ? value.index : at
  const content = decodeParts(value, `candidates[${at}]`, choice, ids, context)
  const word = typeof value.finishReason === 'string' ? value.finishReason : 'STOP'
  if (content.length === 0 && isMalformed(word)) throw malformedAnswer(word, value, context)
  const reason = decodeFinishReason(
    word,
    content.some(part => part.type === 'tool-call'),
  )
  const rest = candidateRest(value)
  return {
    choice,
    content: reason === 'length' ? cutLast(content) : content,
    reason,
    rawReason: word,
    ...(rest && { extra: { [dialect]: { candidate: rest } } }),
  }
}

function decodeParts(
  candidate: JsonObject,
  path: string,
  choice: number,
  ids: AnswerCallIds,
  context: AnswerContext,
): ResponsePart[] {
  const content: ResponsePart[] = []
  let calls = 0
  for (const part of partsOf(candidate, path, context)) {
    if (isObject(part.functionCall)) {
      const id = ids.take(part.functionCall.id, choice, calls++)
      content.push(decodeFunctionCall(part, part.functionCall, id))
    } else if (!isEmptyText(part)) pushSpoken(content, part)
  }
  return content
}

// as in a stream: a signed part ends the text before it, and is told with the place where it begins
function pushSpoken(content: ResponsePart[], part: JsonObject): void {
  const before = content.at(-1)
  const made = decodeModelPart(part)
  const grows =
    part.thoughtSignature !== undefined &&
    (made.type === 'text' || made.type === 'reasoning') &&
    before?.type === made.type &&
    before.extra === undefined &&
    (before.type === 'text' || before.signature === undefined)
  if (!grows) {
    content.push(made)
    return
  }
  const fields = { ...made.extra?.[dialect], signedFrom: before.text.length }
  content[content.length - 1] = { ...made, text: before.text + made.text, extra: { [dialect]: fields } }
}

/** The parts that a candidate brings, if any. @throws {SwitchyardError} `protocol` where they are malformed. */
export function partsOf(candidate: JsonObject, path: string, context: AnswerContext): readonly JsonObject[] {
  const { content } = candidate
  if (content === undefined || content === null) return []
  const parts = isObject(content) ? (content.parts ?? []) : undefined
  if (!Array.isArray(parts) || !parts.every(isObject))
    throw answerFault('protocol', `${path}.content holds no list of parts`, context)
  return parts
}

// a limit cuts the text that was being said last; all else comes whole, and so does what is signed
function cutLast(content: ResponsePart[]): ResponsePart[] {
  const last = content.at(-1)
  if (last?.type !== 'text' && last?.type !== 'reasoning') return content
  const signature = last.type === 'text' ? extraOf(last, dialect).thoughtSignature : last.signature
  if (signature !== undefined) return content
  return [...content.slice(0, -1), { ...last, complete: false }]
}
