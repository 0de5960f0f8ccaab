import type {
  AssistantMessage,
  AssistantPart,
  JsonObject,
  Message,
  SystemMessage,
  ToolMessage,
  ToolResultPart,
  UserMessage,
} from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalBoolean, textAt } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { bindUnknown, type RequestReading } from '../openai/request-reading.ts'
import { decodeAssistantBlock } from './decode-assistant-block.ts'
import { blockFields, checkedText, contentAt, decodeBlock, decodeBlocks, decodeRest } from './decode-content.ts'
import { dialect } from './names.ts'
import { ToolUseIds } from './tool-use-ids.ts'

/** What one decoding of a conversation gathers. */
export interface ConversationReading extends RequestReading {
  readonly ids: ToolUseIds
}

const messageFields = new Set(['role', 'content'])
const resultFields = new Set([...blockFields, 'tool_use_id', 'content', 'is_error'])

/** The top-level `system`; nothing where it says nothing. */
export function decodeSystem(value: unknown, reading: RequestReading): SystemMessage | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const said = contentAt(value, 'system')
  if (typeof said === 'string') return { role: 'system', content: checkedText(said, 'system') }
  if (said.length === 0) return undefined
  return { role: 'system', content: systemBlocks(said, 'system', reading) }
}

/** @throws {SwitchyardError} `invalid-request`, naming the message and the field. */
export function decodeMessages(value: unknown, given: RequestReading): Message[] {
  if (value === undefined || value === null) throw fault('messages', 'is missing; send at least one message.')
  const wire = listAt(value, 'messages')
  const reading: ConversationReading = { ...given, ids: new ToolUseIds() }
  const messages: Message[] = []
  let before: unknown
  wire.forEach((entry, at) => {
    const path = `messages[${at}]`
    const message = objectAt(entry, path)
    const role = roleAt(message.role, `${path}.role`)
    if (role === 'assistant' && at === 0)
      throw fault(`${path}.role`, 'is "assistant"; the first message must be of the user.')
    const isLast = at === wire.length - 1
    const rest: JsonDraft = unknownFields(message, messageFields)
    bindUnknown(reading, rest, messageFields, path)
    if (role === before && role !== 'system') rest.apart = true
    if (role === 'system' && at === 0)
      throw fault(`${path}.role`, 'is "system"; use the top-level `system` for what the system says at the beginning.')
    before = role
    messages.push(...decodeMessage(message, role, path, isLast, keepExtra(dialect, rest), reading))
  })
  reading.ids.turn('the end of the conversation')
  if (messages.length === 0) throw fault('messages', 'is empty; send at least one message.')
  return messages
}

type Kept = ReturnType<typeof keepExtra>

function decodeMessage(
  message: JsonObject,
  role: 'user' | 'assistant' | 'system',
  path: string,
  isLast: boolean,
  kept: Kept,
  reading: ConversationReading,
): readonly Message[] {
  const place = `${path}.content`
  const content = contentAt(message.content, place)
  if (role === 'user') return decodeUser(content, place, kept, reading)
  reading.ids.turn(path)
  if (role === 'assistant') return [decodeAssistant(content, place, isLast, kept, reading)]
  if (typeof content === 'string') return [{ role, content: checkedText(content, place), ...kept }]
  return [{ role, content: systemBlocks(content, place, reading), ...kept }]
}

function roleAt(value: unknown, path: string): 'user' | 'assistant' | 'system' {
  const role = textAt(value, path)
  if (role === 'user' || role === 'assistant' || role === 'system') return role
  throw fault(path, `is "${role}"; it must be user, assistant or system.`)
}

function systemBlocks(blocks: readonly unknown[], path: string, reading: RequestReading) {
  notEmpty(blocks, path)
  return decodeBlocks(blocks, path, reading).map((part, at) => {
    if (part.type === 'text' || part.type === 'opaque') return part
    throw fault(`${path}[${at}].type`, `may not be "${part.type}"; the system says text alone.`)
  })
}

function notEmpty(blocks: readonly unknown[], path: string): void {
  if (blocks.length === 0) throw fault(path, 'must not be empty; send at least one block, or leave the message out.')
}

// the results of the calls before come first, what else the user says after them
function decodeUser(
  content: string | readonly unknown[],
  path: string,
  kept: Kept,
  reading: ConversationReading,
): readonly (ToolMessage | UserMessage)[] {
  if (typeof content === 'string') {
    reading.ids.turn(path)
    return [{ role: 'user', content: checkedText(content, path), ...kept }]
  }
  notEmpty(content, path)
  const isResult = (block: unknown) => isObject(block) && block.type === 'tool_result'
  const count = content.findIndex(block => !isResult(block))
  const results = count < 0 ? content : content.slice(0, count)
  const late = content.findIndex((block, at) => at >= results.length && isResult(block))
  if (late >= 0) throw fault(`${path}[${late}]`, 'comes after other blocks; all tool_result blocks must come first.')
  const parts = results.map((block, at) => decodeResult(block as JsonObject, `${path}[${at}]`, reading))
  reading.ids.turn(path)
  const said = content.slice(results.length).map((block, at) => {
    return decodeBlock(block, `${path}[${results.length + at}]`, reading)
  })
  if (parts.length === 0) return [{ role: 'user', content: said, ...kept }]
  const tool: ToolMessage = { role: 'tool', content: parts, ...kept }
  return said.length === 0 ? [tool] : [tool, { role: 'user', content: said }]
}

function decodeResult(block: JsonObject, path: string, reading: ConversationReading): ToolResultPart {
  const callId = reading.ids.answer(textAt(block.tool_use_id, `${path}.tool_use_id`), `${path}.tool_use_id`)
  const isError = optionalBoolean(block.is_error, `${path}.is_error`)
  const { cache, extra = {} } = decodeRest(block, resultFields, path, reading)
  const rest: JsonDraft = { ...extra[dialect] }
  const { content } = block
  if (content === undefined || content === null) rest.content = content
  return {
    type: 'tool-result',
    callId,
    content: content === undefined || content === null ? '' : resultContent(content, `${path}.content`, reading),
    ...(isError !== undefined && { isError }),
    ...(cache && { cache }),
    ...keepExtra(dialect, rest),
  }
}

function resultContent(value: unknown, path: string, reading: RequestReading): ToolResultPart['content'] {
  const content = contentAt(value, path)
  return typeof content === 'string' ? content : decodeBlocks(content, path, reading)
}

function decodeAssistant(
  content: string | readonly unknown[],
  path: string,
  isLast: boolean,
  kept: Kept,
  reading: ConversationReading,
): AssistantMessage {
  if (content.length === 0 && isLast) return { role: 'assistant', content: '', ...kept }
  if (typeof content === 'string') {
    const said = checkedText(content, path)
    if (isLast) checkPrefill(said, path)
    return { role: 'assistant', content: said, ...kept }
  }
  notEmpty(content, path)
  const parts: AssistantPart[] = content.map((block, at) => decodeAssistantBlock(block, `${path}[${at}]`, reading))
  const last = parts.at(-1)
  if (isLast && last?.type === 'text') checkPrefill(last.text, `${path}[${parts.length - 1}].text`)
  return { role: 'assistant', content: parts, ...kept }
}

function checkPrefill(text: string, path: string): void {
  if (text !== text.trimEnd()) throw fault(path, 'ends with white space; the last words of the assistant may not.')
}
