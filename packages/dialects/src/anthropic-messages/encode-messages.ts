import type {
  AssistantMessage,
  JsonObject,
  Message,
  SystemMessage,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
} from '@switchyard/core/contract'
import { repairedConversation } from '../conversation/repaired-conversation.ts'
import { extraOf } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { madeToolCallId } from '../tool-call-id.ts'
import { encodeAssistantParts } from './encode-assistant.ts'
import { type ContentEncoding, cached, encodeContent, encodeSystemParts, isBlank } from './encode-content.ts'
import { finishedConversation } from './last-turn.ts'
import { dialect } from './names.ts'

export interface ConversationEncoding extends ContentEncoding {
  /** The model that the conversation goes to. */
  readonly model: string
  /** Whether the model goes on from the assistant's last words; it is not known where absent. */
  readonly prefill?: boolean
}

/** A message of the wire while it is being built. */
export interface Turn {
  readonly role: string
  content: string | readonly JsonObject[]
  readonly extra: JsonObject
}

/** The conversation's two places on the wire. */
export interface EncodedConversation {
  readonly system?: string | readonly JsonObject[]
  readonly messages: readonly JsonObject[]
}

/** System messages at the beginning go to the top, others stay in their place where the version of the API takes them. */
export function encodeConversation(given: readonly Message[], encoding: ConversationEncoding): EncodedConversation {
  const messages = repairedConversation(given, encoding.dropped)
  const turns = new Turns(encoding)
  const system: SystemSaying[] = []
  const first = messages.findIndex(message => !isLeading(message))
  messages.forEach((message, at) => {
    const path = `messages[${at}]`
    if ('name' in message && message.name !== undefined)
      encoding.dropped.add(`${path}.name`, 'Anthropic has no word for who speaks; say it in the text')
    const leads = first < 0 || at < first
    if (message.role !== 'system') turns.add(message, path)
    else if (!leads && !encoding.old) turns.addSystem(message, path)
    else {
      if (!leads && messages.slice(0, at).some(each => each.role !== 'system'))
        encoding.dropped.add(path, 'this version of the API takes system messages at the top only; it is sent there')
      system.push({ message, path })
    }
  })
  const top = encodeSystem(system, encoding)
  return {
    ...(top !== undefined && { system: top }),
    messages: finishedConversation(turns.turns, encoding).map(({ role, content, extra }) => ({
      ...extra,
      role,
      content,
    })),
  }
}

interface SystemSaying {
  readonly message: SystemMessage
  readonly path: string
}

/** Whether a message belongs to the top; one that came among the others stays there. */
function isLeading(message: Message): boolean {
  return message.role === 'system' && extraOf(message, dialect).role === undefined
}

function encodeSystem(sayings: readonly SystemSaying[], encoding: ContentEncoding): EncodedConversation['system'] {
  const [only] = sayings
  if (sayings.length === 1 && typeof only?.message.content === 'string')
    return isBlank(only.message.content) ? undefined : only.message.content
  const blocks = sayings.flatMap(({ message, path }) => systemBlocks(message, path, encoding))
  return blocks.length === 0 ? undefined : blocks
}

function systemBlocks({ content }: SystemMessage, path: string, encoding: ContentEncoding): JsonObject[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
  return encodeSystemParts(parts, `${path}.content`, encoding)
}

/** The messages of the wire: users and assistants take turns, and none is empty. */
class Turns {
  readonly turns: Turn[] = []
  readonly #encoding: ConversationEncoding
  readonly #usedIds = new Set<string>()
  // of the calls that are answered next
  #wireIds = new Map<string, string>()

  constructor(encoding: ConversationEncoding) {
    this.#encoding = encoding
  }

  add(message: Exclude<Message, SystemMessage>, path: string): void {
    const { apart, ...extra } = extraOf(message, dialect)
    if (message.role === 'tool') this.#say('user', this.#results(message, path), extra, apart)
    else if (message.role === 'user') {
      const { content } = message
      const said = typeof content === 'string' ? content : encodeContent(content, `${path}.content`, this.#encoding)
      this.#say('user', said, extra, apart)
    } else this.#say('assistant', this.#assistantContent(message, path), extra, apart)
  }

  #assistantContent(message: AssistantMessage, path: string): string | readonly JsonObject[] {
    this.#wireIds = new Map()
    if (typeof message.content === 'string') return message.content
    return encodeAssistantParts(message.content, path, { ...this.#encoding, callId: part => this.#callId(part) })
  }

  addSystem(message: SystemMessage, path: string): void {
    const { role: _, ...extra } = extraOf(message, dialect)
    const { content } = message
    const said = typeof content === 'string' ? content : systemBlocks(message, path, this.#encoding)
    this.#say('system', said, extra, true)
  }

  #say(role: string, content: string | readonly JsonObject[], extra: JsonObject, apart: unknown): void {
    if (typeof content === 'string' ? isBlank(content) : content.length === 0) return
    const last = this.turns.at(-1)
    if (last === undefined || last.role !== role || apart) this.turns.push({ role, content, extra })
    else last.content = [...blocksOf(last.content), ...blocksOf(content)]
  }

  #results(message: ToolMessage, path: string): JsonObject[] {
    return message.content.map((result, at) => this.#result(result, `${path}.content[${at}]`))
  }

  #result(result: ToolResultPart, path: string): JsonObject {
    const { content: none, ...extra } = extraOf(result, dialect)
    const { content } = result
    const block: JsonDraft = {
      ...extra,
      type: 'tool_result',
      tool_use_id: this.#wireIds.get(result.callId) ?? result.callId,
    }
    const said = typeof content === 'string' ? content : encodeContent(content, `${path}.content`, this.#encoding)
    const isUnsaid = 'content' in extraOf(result, dialect) && said.length === 0
    block.content = isUnsaid ? none : said
    if (result.isError !== undefined) block.is_error = result.isError
    return cached(result, block, path, this.#encoding.dropped)
  }

  // servers that number their calls anew in each answer give the same id twice
  #callId(part: ToolCallPart): string {
    const said = extraOf(part, dialect).id
    const wanted = typeof said === 'string' ? said : part.id
    let id = wanted
    for (let again = 1; this.#usedIds.has(id); again++) id = madeToolCallId(`${wanted}#${again}`)
    this.#usedIds.add(id)
    this.#wireIds.set(part.id, id)
    return id
  }
}

/** Content as blocks, whichever way it was said. */
export function blocksOf(content: string | readonly JsonObject[]): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}
