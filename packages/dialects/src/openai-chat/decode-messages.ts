import type {
  AssistantMessage,
  AssistantPart,
  JsonObject,
  JsonValue,
  Message,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
} from '@switchyard/core/contract'
import { ToolCallPairing } from '../conversation/tool-call-pairing.ts'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { type ContentPart, decodeContent } from './decode-content.ts'
import { dialect } from './names.ts'
import { decodeFunctionCall, decodeToolCall } from './tool-calls.ts'

const plainFields = new Set(['role', 'content', 'name'])
const toolFields = new Set(['role', 'content', 'tool_call_id'])
const assistantFields = new Set([
  'role',
  'content',
  'name',
  'refusal',
  'tool_calls',
  'function_call',
  'audio',
  'reasoning_content',
  'reasoning',
])

/** @throws {SwitchyardError} `invalid-request`, naming the message and the field. */
export function decodeMessages(value: unknown, reading: RequestReading): Message[] {
  if (value === undefined || value === null) throw fault('messages', 'is missing; send at least one message.')
  const wire = listAt(value, 'messages')
  if (wire.length === 0) throw fault('messages', 'is empty; send at least one message.', 'empty_array')
  const conversation = new ToolCallPairing()
  const messages = wire.map((entry, at) => decodeMessage(entry, `messages[${at}]`, conversation, reading))
  conversation.turn('the end of the conversation')
  return messages
}

function decodeMessage(value: unknown, path: string, conversation: ToolCallPairing, reading: RequestReading): Message {
  const message = objectAt(value, path)
  const role = textAt(message.role, `${path}.role`)
  switch (role) {
    case 'tool':
      return decodeToolAnswer(message, path, conversation, reading)
    case 'function':
      return decodeFunctionAnswer(message, path, conversation, reading)
    case 'system':
    case 'developer':
    case 'user':
      conversation.turn(path)
      return decodePlain(message, role, path, reading)
    case 'assistant':
      conversation.turn(path)
      return decodeAssistant(message, path, conversation, reading)
    default:
      throw fault(`${path}.role`, `is "${role}"; it must be system, developer, user, assistant, tool or function.`)
  }
}

function decodePlain(
  message: JsonObject,
  role: 'system' | 'developer' | 'user',
  path: string,
  reading: RequestReading,
): SystemMessage | UserMessage {
  const name = optionalText(message.name, `${path}.name`)
  const rest = kept(message, plainFields, path, reading)
  if (role === 'developer') rest.role = role
  return {
    role: role === 'user' ? 'user' : 'system',
    content: decodeContent(message.content, `${path}.content`, role, reading),
    ...(name !== undefined && { name }),
    ...keepExtra(dialect, rest),
  } as SystemMessage | UserMessage
}

function decodeToolAnswer(
  message: JsonObject,
  path: string,
  conversation: ToolCallPairing,
  reading: RequestReading,
): ToolMessage {
  const wireId = textAt(message.tool_call_id, `${path}.tool_call_id`)
  const callId = conversation.answer(wireId, `${path}.tool_call_id`)
  const rest = kept(message, toolFields, path, reading, 'name')
  if (wireId !== callId) rest.tool_call_id = wireId
  const name = typeof message.name === 'string' ? { name: message.name } : undefined
  const content = decodeContent(message.content, `${path}.content`, 'tool', reading)
  return {
    role: 'tool',
    content: [{ type: 'tool-result', callId, ...name, content }],
    ...keepExtra(dialect, rest),
  }
}

function decodeFunctionAnswer(
  message: JsonObject,
  path: string,
  conversation: ToolCallPairing,
  reading: RequestReading,
): ToolMessage {
  conversation.turn(path)
  const name = textAt(message.name, `${path}.name`)
  const callId = conversation.legacyAnswer(name, `${path}.name`)
  const content = message.content === null ? '' : textAt(message.content, `${path}.content`)
  const rest = { ...kept(message, plainFields, path, reading), role: 'function' }
  return {
    role: 'tool',
    content: [{ type: 'tool-result', callId, name, content }],
    ...keepExtra(dialect, rest),
  }
}

function decodeAssistant(
  message: JsonObject,
  path: string,
  conversation: ToolCallPairing,
  reading: RequestReading,
): AssistantMessage {
  const { content } = message
  const refusal = optionalText(message.refusal, `${path}.refusal`)
  const calls = message.tool_calls == null ? [] : listAt(message.tool_calls, `${path}.tool_calls`)
  const legacy = message.function_call == null ? undefined : objectAt(message.function_call, `${path}.function_call`)
  const reasoning = decodeReasoning(message, path)
  const rest: JsonDraft = kept(message, assistantFields, path, reading)
  const parts: AssistantPart[] = []
  if (reasoning !== undefined) parts.push(reasoning)
  const alone =
    parts.length === 0 &&
    refusal === undefined &&
    calls.length === 0 &&
    legacy === undefined &&
    !isObject(message.audio)
  if (message.tool_calls !== undefined && calls.length === 0) rest.tool_calls = message.tool_calls as JsonValue

  let whole: AssistantMessage['content'] = parts
  if (alone) {
    if (content === undefined || content === null)
      throw fault(`${path}.content`, 'is missing; an assistant message needs content, tool_calls, a refusal or audio.')
    whole = decodeContent(content, `${path}.content`, 'assistant', reading) as string | AssistantPart[]
    delete rest.content
  } else {
    parts.push(...decodeMixedContent(content, `${path}.content`, rest, reading))
    if (refusal !== undefined) {
      parts.push({ type: 'text', text: refusal, refusal: true })
      rest.refusal = refusal
    }
    calls.forEach((call, at) => {
      parts.push(decodeCall(call, `${path}.tool_calls[${at}]`, conversation, reading))
    })
    if (legacy !== undefined) {
      const called = textAt(legacy.name, `${path}.function_call.name`)
      textAt(legacy.arguments, `${path}.function_call.arguments`)
      parts.push(decodeFunctionCall(legacy, conversation.legacyCall(called, path)))
    }
    if (isObject(message.audio)) {
      parts.push({ type: 'opaque', origin: dialect, value: { audio: message.audio } })
      reading.bound.push(`${path}.audio`)
    }
  }
  const name = optionalText(message.name, `${path}.name`)
  return { role: 'assistant', content: whole, ...(name !== undefined && { name }), ...keepExtra(dialect, rest) }
}

// beside tool calls the text is one part of several; what the encoder could not tell by itself is kept: an
// empty string, no content at all, or a list where a string would do
function decodeMixedContent(content: unknown, path: string, rest: JsonDraft, reading: RequestReading): AssistantPart[] {
  delete rest.content
  if (content === null) return []
  if (content === undefined || content === '') {
    rest.content = content
    return []
  }
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  const parts = decodeContent(content, path, 'assistant', reading) as ContentPart[]
  if (isLonePlainText(parts)) rest.content = []
  return parts as AssistantPart[]
}

/** Whether these parts would be told as one string. */
export function isLonePlainText(parts: readonly { readonly type: string }[]): boolean {
  if (parts.length !== 1) return false
  const part = parts[0] as TextPart
  return part.type === 'text' && !part.refusal && part.extra?.[dialect] === undefined
}

function decodeReasoning(message: JsonObject, path: string): AssistantPart | undefined {
  for (const field of ['reasoning_content', 'reasoning']) {
    const text = optionalText(message[field], `${path}.${field}`)
    if (text === undefined) continue
    return {
      type: 'reasoning',
      text,
      origin: dialect,
      ...(field !== 'reasoning_content' && { extra: { [dialect]: { field } } }),
    }
  }
  return undefined
}

function decodeCall(
  value: unknown,
  path: string,
  conversation: ToolCallPairing,
  reading: RequestReading,
): AssistantPart {
  const call = objectAt(value, path)
  const wireId = textAt(call.id, `${path}.id`)
  if (wireId === '') throw fault(`${path}.id`, 'is empty; each tool call needs its own id.')
  const type = optionalText(call.type, `${path}.type`) ?? 'function'
  if (type !== 'function') {
    conversation.opaqueCall(wireId, `${path}.id`)
    reading.bound.push(path)
    return { type: 'opaque', origin: dialect, value: { tool_calls: [call] } }
  }
  const called = objectAt(call.function, `${path}.function`)
  if (textAt(called.name, `${path}.function.name`) === '') throw fault(`${path}.function.name`, 'is empty.')
  textAt(called.arguments, `${path}.function.arguments`)
  return decodeToolCall(call, conversation.call(wireId, `${path}.id`))
}

function kept(
  message: JsonObject,
  known: ReadonlySet<string>,
  path: string,
  reading: RequestReading,
  harmless?: string,
): JsonDraft {
  const rest = unknownFields(message, known)
  const understood = harmless === undefined ? known : new Set([...known, harmless])
  bindUnknown(reading, rest, understood, path)
  return rest
}
