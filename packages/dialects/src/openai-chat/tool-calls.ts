import type { JsonObject, ToolCallPart } from '@switchyard/core/contract'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { parseCutToolArguments, parseToolArguments, toolArgumentsText } from '../tool-arguments.ts'
import { dialect } from './names.ts'

const callFields = new Set(['id', 'type', 'function'])
export const functionFields: ReadonlySet<string> = new Set(['name', 'arguments'])

/** What marks a call that was told as the legacy `function_call`. */
export const legacyType = 'function_call'

/** A function call of the wire's `tool_calls`; `id` is ours, made of the wire's. */
export function decodeToolCall(call: JsonObject, id: string, cut = false): ToolCallPart {
  const called = isObject(call.function) ? call.function : {}
  const rest: JsonDraft = unknownFields(call, callFields)
  if (!('type' in call)) rest.type = undefined
  if (call.id !== id) rest.id = call.id
  return callPart(id, called, rest, cut)
}

/** A legacy `function_call`. */
export function decodeFunctionCall(call: JsonObject, id: string, cut = false): ToolCallPart {
  return callPart(id, call, { type: legacyType }, cut)
}

function callPart(id: string, called: JsonObject, rest: JsonDraft, cut: boolean): ToolCallPart {
  // lax servers send the arguments as an object, or not at all
  const text = typeof called.arguments === 'string' ? called.arguments : JSON.stringify(called.arguments ?? {})
  const parsed = cut ? parseCutToolArguments(text) : parseToolArguments(text)
  const inner = unknownFields(called, functionFields)
  if (parsed.input !== undefined && JSON.stringify(parsed.input) !== called.arguments)
    inner.arguments = called.arguments
  if (Object.keys(inner).length > 0) rest.function = inner
  return { type: 'tool-call', id, name: String(called.name), ...parsed, ...keepExtra(dialect, rest) }
}

export function isLegacyCall(part: ToolCallPart): boolean {
  return extraOf(part, dialect).type === legacyType
}

const maximumIdLength = 40

/** What a call is called in a request: as its server called it, unless OpenAI would refuse that. */
export function wireCallId(part: ToolCallPart): string {
  const { id } = extraOf(part, dialect)
  return typeof id === 'string' && id.length <= maximumIdLength ? id : part.id
}

export function encodeToolCall(part: ToolCallPart): JsonObject {
  const { function: _, ...extra } = extraOf(part, dialect)
  const typed = 'type' in extra && !isLegacyCall(part) ? { type: extra.type } : { type: 'function' }
  return { ...extra, id: extra.id ?? part.id, ...typed, function: encodeFunctionCall(part) }
}

/** The call's function: its name and arguments. */
export function encodeFunctionCall(part: ToolCallPart): JsonObject {
  const kept = extraOf(part, dialect).function
  if (!isObject(kept)) return { name: part.name, arguments: toolArgumentsText(part) }
  const { arguments: wire, ...rest } = kept
  return {
    ...rest,
    name: part.name,
    ...('arguments' in kept ? argumentsAsSaid(part, wire) : { arguments: toolArgumentsText(part) }),
  }
}

// the text that came, while it still says the same: providers cache prompts by their bytes
function argumentsAsSaid(part: ToolCallPart, wire: unknown): { arguments?: string | JsonObject } {
  if (wire === undefined || wire === null)
    return part.input !== undefined && sameJson(part.input, {}) ? {} : { arguments: toolArgumentsText(part) }
  const said = typeof wire === 'string' ? parseToolArguments(wire).input : wire
  return { arguments: sameJson(said, part.input) ? (wire as string | JsonObject) : toolArgumentsText(part) }
}
