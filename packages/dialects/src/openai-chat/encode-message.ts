import type { DialectExtra, JsonObject, ResponsePart } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { joinFields } from '../join-fields.ts'
import { isObject, type JsonDraft } from '../json.ts'
import type { EncodedAnswerParts } from './finish-reason.ts'
import { answerFields, choiceFields, dialect, messageFields } from './names.ts'
import { joinedValue, wholeCalls } from './opaque-values.ts'
import { encodeFunctionCall, encodeToolCall, isLegacyCall } from './tool-calls.ts'

export interface EncodedMessage {
  readonly message: JsonObject
  /** Fields of the choice that came with the message's parts. */
  readonly choice: JsonDraft
  /** Fields of the top level that did. */
  readonly answer: JsonDraft
  readonly told: EncodedAnswerParts
}

/** The `message` of one choice. */
export function encodeAnswerMessage(
  content: readonly ResponsePart[],
  extra: DialectExtra | undefined,
  legacy: boolean,
): EncodedMessage {
  const message: JsonDraft = { role: 'assistant', content: null, refusal: null }
  const choice: JsonDraft = {}
  const answer: JsonDraft = {}
  const rest: JsonDraft = {}
  const calls: JsonObject[] = []
  const list: JsonObject[] = []
  const told = { refusal: false, functionCall: false }
  for (const part of content) {
    if (part.type !== 'opaque') gather(part.extra, rest, choice, answer)
    switch (part.type) {
      case 'text': {
        const field = part.refusal ? 'refusal' : 'content'
        if (part.refusal) told.refusal = true
        else list.push({ type: 'text', text: part.text })
        message[field] = `${message[field] ?? ''}${part.text}`
        break
      }
      case 'reasoning': {
        const field = reasoningField(part)
        message[field] = `${message[field] ?? ''}${part.text}`
        break
      }
      case 'tool-call':
        if (isLegacyCall(part) || legacy) {
          told.functionCall = true
          message.function_call ??= encodeFunctionCall(part)
        } else calls.push(encodeToolCall(part))
        break
      case 'opaque':
        if (part.origin === dialect) addOpaque(joinedValue(part.value), message, calls, list)
    }
  }
  if (list.some(part => part.type !== 'text' || typeof part.text !== 'string')) message.content = list
  if (calls.length > 0) message.tool_calls = calls
  joinFields(rest, extra?.[messageFields])
  for (const key in rest) if (message[key] === undefined || message[key] === null) message[key] = rest[key]
  gather({ ...extra, [messageFields]: {} }, rest, choice, answer)
  return { message, choice, answer, told }
}

/** The field in which reasoning came, or would be looked for. */
export function reasoningField(part: { readonly extra?: DialectExtra }): 'reasoning' | 'reasoning_content' {
  return extraOf(part, dialect).field === 'reasoning' ? 'reasoning' : 'reasoning_content'
}

function addOpaque(value: unknown, message: JsonDraft, calls: JsonObject[], list: JsonObject[]): void {
  if (!isObject(value)) return
  if (typeof value.type === 'string') list.push(value)
  else if (Array.isArray(value.tool_calls)) calls.push(...wholeCalls(value.tool_calls))
  else Object.assign(message, value)
}

function gather(extra: DialectExtra | undefined, message: JsonDraft, choice: JsonDraft, answer: JsonDraft): void {
  if (extra === undefined) return
  joinFields(message, extra[messageFields])
  joinFields(answer, extra[answerFields])
  joinFields(choice, extra[choiceFields])
}
