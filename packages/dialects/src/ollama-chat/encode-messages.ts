import type { AssistantMessage, JsonObject, JsonValue, Message, ToolResultPart } from '@switchyard/core/contract'
import { errorInWords } from '../conversation/error-in-words.ts'
import { repairedConversation } from '../conversation/repaired-conversation.ts'
import { extraOf } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { type ContentEncoding, type EncodedContent, encodeContent } from './encode-content.ts'
import { dialect } from './names.ts'
import { encodeToolCall } from './tool-calls.ts'

// servers that know no ids take the results in the order of their calls
const repair = { resultsInOrder: true }

/** A call as the wire names it: its result must name it alike. */
interface SentCall {
  readonly id: JsonValue | undefined
  readonly name: string
}

export function encodeMessages(given: readonly Message[], encoding: ContentEncoding): JsonObject[] {
  const wire: JsonObject[] = []
  const calls = new Map<string, SentCall>()
  repairedConversation(given, encoding.dropped, repair).forEach((message, at) => {
    const path = `messages[${at}]`
    const extra = extraOf(message, dialect)
    if (message.role === 'tool') {
      message.content.forEach((result, index) => {
        wire.push(encodeResult(result, `${path}.content[${index}]`, extra, calls, encoding))
      })
      return
    }
    if (message.name !== undefined)
      encoding.dropped.add(`${path}.name`, 'Ollama has no word for who speaks; say it in the text')
    if (message.role === 'assistant') wire.push(encodeAssistant(message, path, extra, calls, encoding))
    else {
      const said = encodeContent(message.content, `${path}.content`, encoding)
      wire.push({ role: message.role, ...told(said, {}, extra) })
    }
  })
  return wire
}

/** The fields of a message, with those that nobody here knows; one that came without content goes without. */
function told({ content, images = [] }: Partial<EncodedContent>, fields: JsonObject, extra: JsonObject): JsonObject {
  const { content: none, ...rest } = extra
  return {
    content: content === '' && 'content' in extra ? none : content,
    ...(images.length > 0 && { images }),
    ...fields,
    ...rest,
  }
}

function encodeResult(
  result: ToolResultPart,
  path: string,
  extra: JsonObject,
  calls: ReadonlyMap<string, SentCall>,
  encoding: ContentEncoding,
): JsonObject {
  const call = calls.get(result.callId)
  const name = result.name ?? call?.name
  const said = encodeContent(result.content, `${path}.content`, encoding)
  if (result.isError)
    encoding.dropped.add(`${path}.isError`, 'Ollama cannot mark a tool result as an error; its text says it instead')
  const content = result.isError ? errorInWords(said.content) : said.content
  const answered = {
    ...(name !== undefined && { tool_name: name }),
    tool_call_id: call === undefined ? result.callId : call.id,
  }
  return { role: 'tool', ...told({ ...said, content }, answered, extra) }
}

function encodeAssistant(
  message: AssistantMessage,
  path: string,
  extra: JsonObject,
  made: Map<string, SentCall>,
  { dropped }: ContentEncoding,
): JsonObject {
  if (typeof message.content === 'string')
    return { role: 'assistant', ...told({ content: message.content }, {}, extra) }
  let content = ''
  let thinking: string | undefined
  const calls: JsonObject[] = []
  message.content.forEach((part, at) => {
    const place = `${path}.content[${at}]`
    if (part.type === 'text') content += part.text
    else if (part.type === 'tool-call') {
      if (part.invalid !== undefined) dropped.add(place, 'its arguments are no JSON object, and are left out')
      const call = encodeToolCall(part, calls.length)
      made.set(part.id, { id: call.id, name: part.name })
      calls.push(call)
    } else if (part.origin !== dialect) {
      const what = part.type === 'reasoning' ? 'reasoning' : 'a part'
      dropped.add(place, `${what} of ${part.origin} goes back there only`)
    } else if (part.type === 'reasoning') thinking = `${thinking ?? ''}${part.text}`
  })
  const fields: JsonDraft = {}
  if (thinking !== undefined) fields.thinking = thinking
  if (calls.length > 0) fields.tool_calls = calls
  return { role: 'assistant', ...told({ content }, fields, extra) }
}
