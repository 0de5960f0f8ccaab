import {
  type DialectExtra,
  type JsonObject,
  type MessageResponse,
  type ResponsePart,
  SwitchyardError,
} from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { unknownFields } from '../extra.ts'
import { isObject } from '../json.ts'
import { decodeAnswerStart, otherFields } from './answer-start.ts'
import { decodeErrorLine } from './decode-error.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { answerFields, dialect, messageFields } from './names.ts'
import { decodeToolCall } from './tool-calls.ts'
import { decodeUsage } from './usage.ts'

const knownOfMessage: ReadonlySet<string> = new Set(['role', 'content', 'thinking', 'tool_calls'])

/** A whole answer. @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeResponse(value: unknown, context: AnswerContext): MessageResponse {
  if (!isObject(value)) throw malformed('the answer is not a JSON object', context)
  if (value.error !== undefined) throw decodeErrorLine(value.error, context)
  const { message } = value
  if (!isObject(message)) throw malformed('the answer has no message', context)
  const content: ResponsePart[] = []
  if (typeof message.thinking === 'string' && message.thinking !== '')
    content.push({ type: 'reasoning', text: message.thinking, origin: dialect })
  if (typeof message.content === 'string' && message.content !== '')
    content.push({ type: 'text', text: message.content })
  const ids = new AnswerCallIds(answerSeed(value, context))
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : []
  content.push(...calls.map((call, at) => decodeToolCall(call, ids.take(call.id, 0, at), at)))
  const word = typeof value.done_reason === 'string' ? value.done_reason : 'stop'
  const reason = decodeFinishReason(word, calls.length > 0)
  const { logprobs, ...others } = otherFields(value) ?? ({} as JsonObject)
  const { extra: startExtra, ...start } = decodeAnswerStart(value, context, others)
  const extra: Record<string, JsonObject> = { ...(startExtra as DialectExtra | undefined) }
  if (reason === 'other') extra[dialect] = { ...extra[dialect], done_reason: word }
  // a stream tells them piece by piece
  if (logprobs !== undefined) extra[answerFields] = { logprobs }
  const rest = unknownFields(message, knownOfMessage)
  for (const field of knownOfMessage) delete rest[field]
  for (const _ in rest) extra[messageFields] = rest
  const usage = decodeUsage(value)
  return {
    ...start,
    content: reason === 'length' ? cutLast(content) : content,
    reason,
    rawReason: word,
    ...(usage && { usage }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

/** Seeds the ids of calls that came without one. */
export function answerSeed(wire: JsonObject, context: AnswerContext): string {
  return context.requestId ?? String(wire.created_at ?? '')
}

// a limit cuts what was being said last; calls come whole
function cutLast(content: readonly ResponsePart[]): ResponsePart[] {
  return content.map((part, at) =>
    at === content.length - 1 && part.type !== 'tool-call' ? { ...part, complete: false } : part,
  )
}

function malformed(what: string, context: AnswerContext): SwitchyardError {
  return new SwitchyardError('protocol', `${targetName(context)}: ${what}.`, callDetails(context))
}
