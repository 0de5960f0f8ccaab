import type { JsonObject, ToolCallPart } from '@switchyard/core/contract'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { parseToolArguments } from '../tool-arguments.ts'
import { dialect } from './names.ts'

const callFields = new Set(['id', 'function'])
const functionFields = new Set(['index', 'name', 'arguments'])

/** A call of the wire, which comes whole; `id` is ours, made of the wire's or of the call's place. */
export function decodeToolCall(call: JsonObject, id: string, at: number): ToolCallPart {
  const called = isObject(call.function) ? call.function : {}
  const { arguments: given } = called
  // the server sends an object, others its text
  const parsed = typeof given === 'string' ? parseToolArguments(given) : { input: isObject(given) ? given : {} }
  const rest: JsonDraft = unknownFields(call, callFields)
  if (call.id !== id) rest.id = call.id
  const inner = unknownFields(called, functionFields)
  if (called.index !== at) inner.index = called.index
  for (const _ in inner) rest.function = inner
  return { type: 'tool-call', id, name: String(called.name ?? ''), ...parsed, ...keepExtra(dialect, rest) }
}

/** `arguments` must be an object here: a call whose arguments are none goes without them. */
export function encodeToolCall(part: ToolCallPart, at: number): JsonObject {
  const { function: inner, ...extra } = extraOf(part, dialect)
  return {
    id: part.id,
    ...extra,
    function: { index: at, ...(isObject(inner) && inner), name: part.name, arguments: part.input ?? {} },
  }
}
