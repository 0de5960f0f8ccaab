import type {
  AssistantMessage,
  AssistantPart,
  JsonObject,
  Message,
  SystemMessage,
  ToolMessage,
  UserMessage,
} from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, kindOf, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import type { JsonDraft } from '../json.ts'
import { CallAnswers } from './call-answers.ts'
import { decodeImageData } from './image-data.ts'
import { dialect } from './names.ts'
import { decodeToolCall } from './tool-calls.ts'

/** What one decoding of a request gathers. */
export interface RequestReading {
  readonly maximumMediaBytes: number
  /** Fields that only this dialect can say and that must not be lost. */
  readonly bound: string[]
}

const plainFields = new Set(['role', 'content'])
const userFields = new Set(['role', 'content', 'images'])
const assistantFields = new Set(['role', 'content', 'thinking', 'tool_calls'])
const toolFields = new Set(['role', 'content', 'images', 'tool_name', 'tool_call_id'])
// what clients give back of an answer, or say for other servers
const harmless: ReadonlySet<string> = new Set([...assistantFields, ...toolFields, 'name'])

/** @throws {SwitchyardError} `invalid-request`, naming the message and the field. */
export function decodeMessages(wire: readonly unknown[], reading: RequestReading): Message[] {
  const calls = new CallAnswers()
  return wire.map((entry, at) => decodeMessage(entry, `messages[${at}]`, calls, reading))
}

function decodeMessage(value: unknown, path: string, calls: CallAnswers, reading: RequestReading): Message {
  const message = objectAt(value, path)
  const said = textAt(message.role, `${path}.role`)
  const role = said.toLowerCase()
  const kept = (known: ReadonlySet<string>): JsonDraft => {
    const rest: JsonDraft = unknownFields(message, known)
    for (const [field, held] of Object.entries(rest)) {
      const lost = field === 'images' ? Array.isArray(held) && held.length > 0 : !harmless.has(field) && held !== null
      if (lost) reading.bound.push(`${path}.${field}`)
    }
    if (said !== role) rest.role = said
    if (typeof message.content !== 'string') rest.content = message.content
    return rest
  }
  switch (role) {
    case 'system':
      return withRest({ role, content: contentOf(message, path) }, kept(plainFields))
    case 'user':
      return withRest({ role, content: decodeUserContent(message, path, reading) }, kept(userFields))
    case 'assistant':
      return withRest(decodeAssistant(message, path, calls), kept(assistantFields))
    case 'tool':
      return decodeResult(message, path, calls, kept(toolFields), reading)
    default:
      throw fault(`${path}.role`, `is "${said}"; it must be system, user, assistant or tool.`)
  }
}

function withRest<Each extends SystemMessage | UserMessage | AssistantMessage>(message: Each, rest: JsonDraft): Each {
  return { ...message, ...keepExtra(dialect, rest) }
}

function contentOf(message: JsonObject, path: string): string {
  const { content } = message
  if (Array.isArray(content))
    throw fault(`${path}.content`, 'must be a string, and is a list; join its texts, and put images in `images`.')
  return optionalText(content, `${path}.content`) ?? ''
}

function imagesOf(message: JsonObject, path: string, reading: RequestReading) {
  if (message.images === undefined || message.images === null) return []
  return listAt(message.images, `${path}.images`).map((entry, at) => ({
    type: 'image' as const,
    source: decodeImageData(entry, `${path}.images[${at}]`, reading.maximumMediaBytes),
  }))
}

function decodeUserContent(message: JsonObject, path: string, reading: RequestReading) {
  const text = contentOf(message, path)
  const images = imagesOf(message, path, reading)
  if (images.length === 0) return text
  return text === '' ? images : [{ type: 'text' as const, text }, ...images]
}

function decodeAssistant(message: JsonObject, path: string, answers: CallAnswers): AssistantMessage {
  const text = contentOf(message, path)
  const thinking = optionalText(message.thinking, `${path}.thinking`)
  const calls = message.tool_calls == null ? [] : listAt(message.tool_calls, `${path}.tool_calls`)
  if (thinking === undefined && calls.length === 0) return { role: 'assistant', content: text }
  const content: AssistantPart[] = []
  if (calls.length > 0) answers.turn()
  if (thinking !== undefined) content.push({ type: 'reasoning', text: thinking, origin: dialect })
  if (text !== '') content.push({ type: 'text', text })
  calls.forEach((entry, at) => {
    const place = `${path}.tool_calls[${at}]`
    const call = objectAt(entry, place)
    const called = objectAt(call.function, `${place}.function`)
    const name = textAt(called.name, `${place}.function.name`)
    const { arguments: given } = called
    if (given !== undefined && given !== null && (typeof given !== 'object' || Array.isArray(given)))
      throw fault(`${place}.function.arguments`, `must be an object, and is ${kindOf(given)}; send it parsed.`)
    const id = answers.call(optionalText(call.id, `${place}.id`), name, place)
    content.push(decodeToolCall(call, id, at))
  })
  return { role: 'assistant', content }
}

function decodeResult(
  message: JsonObject,
  path: string,
  calls: CallAnswers,
  rest: JsonDraft,
  reading: RequestReading,
): ToolMessage {
  const name = optionalText(message.tool_name, `${path}.tool_name`)
  const wireId = optionalText(message.tool_call_id, `${path}.tool_call_id`)
  const callId = calls.answer(wireId, name, path)
  if (wireId !== callId) rest.tool_call_id = message.tool_call_id
  if (name === undefined) rest.tool_name = message.tool_name
  const content = decodeUserContent(message, path, reading)
  return {
    role: 'tool',
    content: [{ type: 'tool-result', callId, ...(name !== undefined && { name }), content }],
    ...keepExtra(dialect, rest),
  }
}
