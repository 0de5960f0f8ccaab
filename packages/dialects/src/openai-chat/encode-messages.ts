import type { AssistantMessage, AssistantPart, JsonObject, Message } from '@switchyard/core/contract'
import { type RepairOptions, repairedConversation } from '../conversation/repaired-conversation.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { toolCallId } from '../tool-call-id.ts'
import { isLonePlainText } from './decode-messages.ts'
import { encodeContent, encodePart } from './encode-content.ts'
import { encodeToolResults, type ToolResultEncoding } from './encode-tool-results.ts'
import { dialect } from './names.ts'
import { joinedValue, wholeCalls } from './opaque-values.ts'
import { encodeFunctionCall, encodeToolCall, isLegacyCall, wireCallId } from './tool-calls.ts'

export interface MessageEncoding extends ToolResultEncoding {
  readonly systemRole: 'system' | 'developer'
  readonly replayReasoning: boolean
}

const repair: RepairOptions = {
  needsResult: call => !isLegacyCall(call),
  opaqueCallIds: ({ origin, value }) => {
    const whole = origin === dialect ? joinedValue(value) : undefined
    const calls = isObject(whole) && Array.isArray(whole.tool_calls) ? wholeCalls(whole.tool_calls) : []
    return calls.flatMap(call => (typeof call.id === 'string' ? [toolCallId(call.id)] : []))
  },
}

export function encodeMessages(given: readonly Message[], encoding: MessageEncoding): JsonObject[] {
  const wire: JsonObject[] = []
  const messages = repairedConversation(given, encoding.dropped, repair)
  const wireIds = new Map<string, string>()
  messages.forEach((message, at) => {
    const path = `messages[${at}]`
    if (message.role === 'tool') wire.push(...encodeToolResults(message, path, encoding, wireIds))
    else if (message.role === 'assistant') wire.push(encodeAssistant(message, path, encoding, wireIds))
    else {
      const extra = extraOf(message, dialect)
      wire.push({
        ...extra,
        role: message.role === 'user' ? 'user' : (extra.role ?? encoding.systemRole),
        content: encodeContent(message.content, `${path}.content`, encoding.dropped),
        ...(message.name !== undefined && { name: message.name }),
      })
    }
  })
  return wire
}

function encodeAssistant(
  message: AssistantMessage,
  path: string,
  encoding: MessageEncoding,
  wireIds: Map<string, string>,
): JsonObject {
  const { content: contentForm, refusal, tool_calls: emptyCalls, ...extra } = extraOf(message, dialect)
  const kept = extraOf(message, dialect)
  const wire: JsonDraft = { ...extra, role: 'assistant' }
  if (message.name !== undefined) wire.name = message.name
  if (typeof message.content === 'string') wire.content = message.content
  else {
    const separate = typeof refusal === 'string' ? separateRefusal(message.content, refusal) : undefined
    const content: AssistantPart[] = []
    const places: string[] = []
    const calls: JsonObject[] = []
    message.content.forEach((part, at) => {
      const place = `${path}.content[${at}]`
      if (part === separate) wire.refusal = refusal
      else if (part.type === 'tool-call') {
        if (isLegacyCall(part)) wire.function_call = encodeFunctionCall(part)
        else {
          const id = wireCallId(part)
          wireIds.set(part.id, id)
          calls.push({ ...encodeToolCall(part), id })
        }
      } else if (part.type === 'reasoning') encodeReasoning(part, place, wire, encoding)
      else if (part.type === 'opaque' && part.origin === dialect) {
        const value = joinedValue(part.value)
        if (isObject(value) && typeof value.type !== 'string') {
          if (Array.isArray(value.tool_calls)) calls.push(...wholeCalls(value.tool_calls))
          else Object.assign(wire, value)
        } else {
          content.push({ ...part, value })
          places.push(place)
        }
      } else {
        content.push(part)
        places.push(place)
      }
    })
    encodeMixedContent(
      content,
      places,
      wire,
      kept,
      encoding.dropped,
      calls.length > 0 || 'function_call' in wire || separate !== undefined || 'audio' in wire || hasReasoning(wire),
      message.content.some(part => part.type === 'reasoning'),
    )
    if (calls.length > 0) wire.tool_calls = calls
  }
  if (refusal === null) wire.refusal = null
  if (wire.tool_calls === undefined && emptyCalls !== undefined) wire.tool_calls = emptyCalls
  return wire
}

function encodeMixedContent(
  content: readonly AssistantPart[],
  places: readonly string[],
  wire: JsonDraft,
  kept: JsonObject,
  dropped: Dropped,
  mixed: boolean,
  thought: boolean,
): void {
  if (content.length === 0) {
    const form = 'content' in kept && !Array.isArray(kept.content) ? kept.content : null
    if (form !== undefined) wire.content = mixed ? form : ''
    return
  }
  const [only] = content
  // beside reasoning, sent back or not, it was a text
  if ((mixed || thought) && isLonePlainText(content) && only?.type === 'text' && !Array.isArray(kept.content)) {
    wire.content = only.text
    return
  }
  const parts: JsonObject[] = []
  content.forEach((part, at) => {
    const encoded = encodePart(part as Parameters<typeof encodePart>[0], places[at] as string, dropped)
    if (encoded !== undefined) parts.push(encoded)
  })
  wire.content = parts.length > 0 ? parts : mixed ? null : ''
}

function encodeReasoning(
  part: AssistantPart & { readonly type: 'reasoning' },
  place: string,
  wire: JsonDraft,
  encoding: MessageEncoding,
): void {
  if (part.origin !== dialect) {
    encoding.dropped.add(place, `reasoning of ${part.origin} goes back there only`)
    return
  }
  if (!encoding.replayReasoning) return
  const field = extraOf(part, dialect).field === 'reasoning' ? 'reasoning' : 'reasoning_content'
  wire[field] = `${wire[field] ?? ''}${part.text}`
}

function hasReasoning(wire: JsonDraft): boolean {
  return wire.reasoning !== undefined || wire.reasoning_content !== undefined
}

function separateRefusal(parts: readonly AssistantPart[], text: string): AssistantPart | undefined {
  return parts.findLast(part => part.type === 'text' && part.refusal && part.text === text)
}
