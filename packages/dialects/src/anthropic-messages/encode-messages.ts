import type { JsonObject, Message, SystemMessage } from '@switchyard/core/contract'
import { repairedConversation } from '../conversation/repaired-conversation.ts'
import { type ContentEncoding, encodeSystemParts, isBlank } from './encode-content.ts'
import { finishedConversation } from './last-turn.ts'
import { Turns } from './turns.ts'

export interface ConversationEncoding extends ContentEncoding {
  /** The model that the conversation goes to. */
  readonly model: string
  /** Whether system messages may stand among the others. */
  readonly systemInPlace: boolean
  /** Whether the model goes on from the assistant's last words; it is not known where absent. */
  readonly prefill?: boolean
}

/** The conversation's two places on the wire. */
export interface EncodedConversation {
  readonly system?: string | readonly JsonObject[]
  readonly messages: readonly JsonObject[]
}

/** System messages at the beginning go to the top; later ones stay where they are, if they may stand there. */
export function encodeConversation(given: readonly Message[], encoding: ConversationEncoding): EncodedConversation {
  const messages = repairedConversation(given, encoding.dropped)
  const { dropped } = encoding
  const turns = new Turns(encoding)
  const atTop: SystemSaying[] = []
  const first = messages.findIndex(message => message.role !== 'system')
  messages.forEach((message, at) => {
    const path = `messages[${at}]`
    if ('name' in message && message.name !== undefined)
      dropped.add(`${path}.name`, 'Anthropic has no word for who speaks; say it in the text')
    if (message.role !== 'system') turns.add(message, path)
    else if (first < 0 || at < first) atTop.push({ message, path })
    else turns.addSystem({ message, path })
  })
  turns.end()
  for (const saying of turns.unplaced) {
    dropped.add(saying.path, 'system messages have no place there; it is sent with those at the beginning')
    atTop.push(saying)
  }
  const top = encodeSystem(atTop, encoding)
  return {
    ...(top !== undefined && { system: top }),
    messages: finishedConversation(turns.turns, encoding).map(({ role, content, extra }) => ({
      ...extra,
      role,
      content,
    })),
  }
}

/** A system message, and where it stands in the request. */
export interface SystemSaying {
  readonly message: SystemMessage
  readonly path: string
}

/** What the system says as the wire does; `undefined` where it says nothing. */
export function encodeSystem(
  sayings: readonly SystemSaying[],
  encoding: ContentEncoding,
): string | readonly JsonObject[] | undefined {
  const [only] = sayings
  if (sayings.length === 1 && typeof only?.message.content === 'string')
    return isBlank(only.message.content) ? undefined : only.message.content
  const blocks = sayings.flatMap(({ message: { content }, path }) => {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
    return encodeSystemParts(parts, `${path}.content`, encoding)
  })
  return blocks.length === 0 ? undefined : blocks
}
