import type { JsonObject, ToolCallPart } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { dialect } from './names.ts'

const callFields = new Set(['id', 'name', 'args'])
const partFields = new Set(['functionCall'])

/** A part that has a `functionCall`; `id` is ours, made where the wire has none. */
export function decodeFunctionCall(part: JsonObject, call: JsonObject, id: string): ToolCallPart {
  const rest: JsonDraft = unknownFields(part, partFields)
  const inner: JsonDraft = unknownFields(call, callFields)
  if (call.id !== id) inner.id = call.id ?? null
  if (call.args === undefined) inner.args = null
  if (Object.keys(inner).length > 0) rest.functionCall = inner
  const input = isObject(call.args) ? call.args : {}
  return {
    type: 'tool-call',
    id,
    name: typeof call.name === 'string' ? call.name : '',
    input,
    ...keepExtra(dialect, rest),
  }
}

/** The call as a part of a request; a signature that came with it is among its fields. */
export function encodeFunctionCall(part: ToolCallPart, place: string, dropped: Dropped): JsonObject {
  if (part.invalid !== undefined)
    dropped.add(place, `${part.invalid.reason}; this dialect takes an object only, and an empty one is sent`)
  return encodeAnswerCall(part)
}

/** The same as a part of an answer. */
export function encodeAnswerCall(part: ToolCallPart): JsonObject {
  const { functionCall: kept, ...fields } = extraOf(part, dialect)
  const { id: _, args: noArguments, ...inner } = isObject(kept) ? kept : ({} as JsonObject)
  const id = wireCallId(part)
  const input = part.input ?? {}
  const args = noArguments === null && Object.keys(input).length === 0 ? undefined : { args: input }
  return { ...fields, functionCall: { ...inner, ...(id !== undefined && { id }), name: part.name, ...args } }
}

/** The id that the call came with, ours where it came from elsewhere, or none where it had none. */
export function wireCallId(part: ToolCallPart): string | undefined {
  const kept = extraOf(part, dialect).functionCall
  if (!isObject(kept) || kept.id === undefined) return part.id
  return typeof kept.id === 'string' ? kept.id : undefined
}
