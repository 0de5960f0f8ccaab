import type { JsonObject, ToolMessage, ToolResultPart } from '@switchyard/core/contract'
import { absentPart, errorInWords, isErrorInWords } from '../conversation/error-in-words.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import type { ContentPart } from './decode-content.ts'
import { encodePart } from './encode-content.ts'
import { dialect } from './names.ts'

export interface ToolResultEncoding {
  /** Whether a result may hold more than text. */
  readonly mediaInToolResults: boolean
  readonly dropped: Dropped
}

/** One message for each result; `wireIds` are what the wire calls the calls, by our ids. */
export function encodeToolResults(
  message: ToolMessage,
  path: string,
  encoding: ToolResultEncoding,
  wireIds: ReadonlyMap<string, string>,
): JsonObject[] {
  const extra = extraOf(message, dialect)
  return message.content.map((result, at) => {
    const place = `${path}.content[${at}]`
    if (extra.role === 'function') {
      const none = extra.content === null && result.content === ''
      return {
        ...extra,
        name: result.name,
        content: none ? null : joinedText(encodeResult(result, place, { ...encoding, mediaInToolResults: false })),
      }
    }
    return {
      ...extra,
      role: 'tool',
      tool_call_id: wireIds.get(result.callId) ?? extra.tool_call_id ?? result.callId,
      content: encodeResult(result, place, encoding),
    }
  })
}

function encodeResult(result: ToolResultPart, place: string, encoding: ToolResultEncoding): string | JsonObject[] {
  const { content, isError } = result
  // the server refuses an empty list, and takes an empty text
  const plain = content.length === 0 ? '' : content
  const said = typeof plain === 'string' ? plain : encodeParts(plain, `${place}.content`, encoding)
  if (!isError) return said
  encoding.dropped.add(
    `${place}.isError`,
    'this dialect cannot mark a tool result as an error; its text says it instead',
  )
  return inWords(said)
}

function encodeParts(parts: readonly ContentPart[], path: string, encoding: ToolResultEncoding): JsonObject[] {
  return parts.map((part, at) => {
    const place = `${path}[${at}]`
    if (part.type === 'opaque' || part.type === 'text' || encoding.mediaInToolResults)
      return encodePart(part, place, encoding.dropped) ?? absent(part)
    const message = `a tool result is text alone here; send the ${part.type} in a message of the user after it`
    encoding.dropped.add(place, message)
    return absent(part)
  })
}

function absent(part: ContentPart): JsonObject {
  return { type: 'text', text: absentPart(part.type) }
}

function inWords(said: string | JsonObject[]): string | JsonObject[] {
  if (typeof said === 'string') return errorInWords(said)
  const first = said[0]?.text
  return typeof first === 'string' && isErrorInWords(first) ? said : [{ type: 'text', text: 'Error:' }, ...said]
}

function joinedText(said: string | JsonObject[]): string {
  return typeof said === 'string' ? said : said.map(part => part.text ?? '').join('\n')
}
