import type { JsonObject, ToolCallPart } from '@switchyard/core/contract'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { type JsonDraft, sameJson } from '../json.ts'
import { parseCutToolArguments, parseToolArguments, toolArgumentsText } from '../tool-arguments.ts'
import { dialect } from './names.ts'

const callFields: ReadonlySet<string> = new Set(['type', 'call_id', 'name', 'arguments'])

/** A `function_call` item; `id` is ours, made of its `call_id`, and `after` the reasoning item that it needs. */
export function decodeFunctionCall(item: JsonObject, id: string, after: string | undefined): ToolCallPart {
  const text = String(item.arguments ?? '')
  const parsed = item.status === 'incomplete' ? parseCutToolArguments(text) : parseToolArguments(text)
  return {
    type: 'tool-call',
    id,
    name: String(item.name),
    ...parsed,
    ...keepExtra(dialect, callExtra(item, id, after)),
  }
}

/** What a `function_call` item says beside its name and its input. */
export function callExtra(item: JsonObject, id: string, after: string | undefined): JsonDraft {
  const rest: JsonDraft = unknownFields(item, callFields)
  if (item.call_id !== id) rest.call_id = item.call_id
  if (after !== undefined) rest.after = after
  const { input } = parseToolArguments(String(item.arguments ?? ''))
  if (input !== undefined && JSON.stringify(input) !== item.arguments) rest.arguments = item.arguments
  return rest
}

/** The item of a call. Without `withId`, as a call of which the server knows nothing. */
export function encodeFunctionCall(part: ToolCallPart, withId: boolean): JsonObject {
  const { id, call_id: _, after: __, arguments: said, ...rest } = extraOf(part, dialect)
  return {
    ...rest,
    ...(withId && id !== undefined && { id }),
    type: 'function_call',
    call_id: wireCallId(part),
    name: part.name,
    arguments: argumentsAsSaid(part, said),
  }
}

export function wireCallId(part: ToolCallPart): string {
  const { call_id: said } = extraOf(part, dialect)
  return typeof said === 'string' ? said : part.id
}

// the text that came, while it still says the same: providers cache prompts by their bytes
function argumentsAsSaid(part: ToolCallPart, said: unknown): string {
  return typeof said === 'string' && sameJson(parseToolArguments(said).input, part.input)
    ? said
    : toolArgumentsText(part)
}
