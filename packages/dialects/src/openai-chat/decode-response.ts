import {
  type DialectExtra,
  type JsonObject,
  type MessageResponse,
  type ResponseChoice,
  type ResponsePart,
  SwitchyardError,
} from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { unknownFields } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { decodeErrorEvent } from '../openai/decode-error.ts'
import { answerSeed, decodeAnswerStart } from './answer-start.ts'
import { errorOf } from './error-in-answer.ts'
import { decodeFinishReason, isCut } from './finish-reason.ts'
import { choiceFields, dialect, messageFields } from './names.ts'
import { decodeFunctionCall, decodeToolCall } from './tool-calls.ts'
import { decodeUsage } from './usage.ts'

const knownOfChoice = new Set(['index', 'message', 'finish_reason'])
const knownOfMessage = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'audio',
  'reasoning_content',
  'reasoning',
])

/** A whole answer. @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeResponse(value: unknown, context: AnswerContext): MessageResponse {
  if (!isObject(value)) throw malformed('the answer is not a JSON object', context)
  const failure = errorOf(value)
  if (failure !== undefined) throw decodeErrorEvent(failure, context)
  if (!Array.isArray(value.choices) || value.choices.length === 0) throw malformed('the answer has no choices', context)
  const ids = new AnswerCallIds(answerSeed(value, context))
  const choices = value.choices.map((choice, at) => decodeChoice(choice, at, ids, context))
  choices.sort((first, second) => first.choice - second.choice)
  const [{ choice: _, extra, ...first }, ...others] = choices as [ResponseChoice, ...ResponseChoice[]]
  const usage = decodeUsage(value.usage ?? groqUsage(value), context.reasoningOutside)
  const start = decodeAnswerStart(value, context, 'chat.completion')
  const wholeExtra: DialectExtra = { ...start.extra, ...extra }
  const response = {
    ...start,
    ...first,
    ...(usage && { usage }),
    ...(others.length > 0 && { otherChoices: others }),
  }
  return Object.keys(wholeExtra).length > 0 ? { ...response, extra: wholeExtra } : response
}

function decodeChoice(
  value: unknown,
  at: number,
  ids: AnswerCallIds,
  context: AnswerContext,
): ResponseChoice & Stopped {
  if (!isObject(value) || !isObject(value.message)) throw malformed(`choices[${at}] has no message`, context)
  const choice = typeof value.index === 'number' ? value.index : at
  const word = typeof value.finish_reason === 'string' ? value.finish_reason : 'stop'
  const content: ResponsePart[] = []
  const rest: JsonDraft = messageExtra(value.message)
  const ends = decodeFinishReason(word, { toolCalls: false, refusal: false, stopSequence: false })
  decodeMessage(value.message, choice, isCut(ends), ids, content, rest)
  const choiceRest: JsonDraft = unknownFields(value, knownOfChoice)
  if (choiceRest.logprobs === null) delete choiceRest.logprobs
  delete choiceRest.finish_reason
  const stopSequence = typeof value.stop_reason === 'string' ? value.stop_reason : undefined
  const reason = decodeFinishReason(word, {
    toolCalls: content.some(isCall),
    refusal: content.some(part => part.type === 'text' && part.refusal),
    stopSequence: stopSequence !== undefined,
  })
  if (reason === 'other') choiceRest.finish_reason = word
  const extra: Record<string, JsonObject> = {}
  if (Object.keys(choiceRest).length > 0) extra[choiceFields] = choiceRest
  if (Object.keys(rest).length > 0) extra[messageFields] = rest
  return {
    choice,
    content: isCut(reason) ? cutLast(content) : content,
    reason,
    rawReason: word,
    ...(reason === 'stop-sequence' && stopSequence !== undefined && { stopSequence }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

interface Stopped {
  readonly stopSequence?: string
}

function decodeMessage(
  message: JsonObject,
  choice: number,
  cut: boolean,
  ids: AnswerCallIds,
  content: ResponsePart[],
  rest: JsonDraft,
): void {
  const field = typeof message.reasoning_content === 'string' ? 'reasoning_content' : 'reasoning'
  const reasoning = message[field]
  if (typeof reasoning === 'string') {
    if (reasoning === '') rest[field] = ''
    else content.push(reasoningPart(reasoning, field))
    if (field === 'reasoning_content' && typeof message.reasoning === 'string') rest.reasoning = message.reasoning
  }
  if (typeof message.content === 'string') {
    if (message.content === '') rest.content = ''
    else content.push({ type: 'text', text: message.content })
  } else if (Array.isArray(message.content)) content.push(...message.content.map(contentPart))
  if (typeof message.refusal === 'string') {
    if (message.refusal === '') rest.refusal = ''
    else content.push({ type: 'text', text: message.refusal, refusal: true })
  }
  if (isObject(message.audio)) content.push({ type: 'opaque', origin: dialect, value: { audio: message.audio } })
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : []
  if (Array.isArray(message.tool_calls) && calls.length === 0) rest.tool_calls = []
  calls.forEach((call, at) => {
    const last = cut && at === calls.length - 1
    content.push(
      isFunctionCall(call)
        ? decodeToolCall(call, ids.take(call.id, choice, at), last)
        : { type: 'opaque', origin: dialect, value: { tool_calls: [call] } },
    )
  })
  if (isObject(message.function_call))
    content.push(decodeFunctionCall(message.function_call, ids.take(undefined, choice, calls.length), cut))
}

/** Whether a call of `tool_calls` calls a function; lax servers leave the type out. */
export function isFunctionCall(call: JsonObject): boolean {
  return (call.type ?? 'function') === 'function' && !isObject(call.custom)
}

function reasoningPart(text: string, field: string): ResponsePart {
  const extra = field === 'reasoning' ? { extra: { [dialect]: { field } } } : undefined
  return { type: 'reasoning', text, origin: dialect, ...extra }
}

function contentPart(value: unknown): ResponsePart {
  if (isObject(value) && value.type === 'text' && typeof value.text === 'string' && Object.keys(value).length === 2)
    return { type: 'text', text: value.text }
  return { type: 'opaque', origin: dialect, value: value as JsonObject }
}

function messageExtra(message: JsonObject): JsonDraft {
  const rest: JsonDraft = unknownFields(message, knownOfMessage)
  for (const field of ['content', 'refusal', 'role']) delete rest[field]
  return rest
}

function isCall(part: ResponsePart): boolean {
  if (part.type === 'tool-call') return true
  return part.type === 'opaque' && isObject(part.value) && part.value.tool_calls !== undefined
}

// a limit cuts what was being said last; a call whose arguments parse was whole
function cutLast(content: ResponsePart[]): ResponsePart[] {
  const last = content.at(-1)
  if (last === undefined || (last.type === 'tool-call' && last.invalid === undefined)) return content
  return [...content.slice(0, -1), { ...last, complete: false }]
}

/** Usage as Groq tells it beside the answer. */
export function groqUsage(wire: JsonObject): unknown {
  return isObject(wire.x_groq) ? wire.x_groq.usage : undefined
}

function malformed(what: string, context: AnswerContext): SwitchyardError {
  return new SwitchyardError('protocol', `${targetName(context)}: ${what}.`, callDetails(context))
}
