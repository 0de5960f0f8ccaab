import type {
  AssistantMessage,
  JsonObject,
  Message,
  SystemMessage,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
} from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { madeToolCallId } from '../tool-call-id.ts'
import { encodeAssistantParts } from './encode-assistant.ts'
import { cached, encodeContent, isBlank } from './encode-content.ts'
import { type ConversationEncoding, encodeSystem, type SystemSaying } from './encode-messages.ts'
import { dialect } from './names.ts'

/** A message of the wire while it is being built. */
export interface Turn {
  readonly role: 'user' | 'assistant' | 'system'
  content: string | readonly JsonObject[]
  readonly extra: JsonObject
}

/** The messages of the wire: users and assistants take turns, and none is empty. */
export class Turns {
  readonly turns: Turn[] = []
  /** System messages that have no place among the turns. */
  readonly unplaced: SystemSaying[] = []
  readonly #waiting: SystemSaying[] = []
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

  /** It waits for its place: behind a message of the user, and before the next of the assistant. */
  addSystem(saying: SystemSaying): void {
    if (this.#encoding.systemInPlace) this.#waiting.push(saying)
    else this.unplaced.push(saying)
  }

  /** Nothing more comes. */
  end(): void {
    this.#placeSystem()
  }

  #say(role: 'user' | 'assistant', content: Turn['content'], extra: JsonObject, apart: unknown): void {
    if (typeof content === 'string' ? isBlank(content) : content.length === 0) return
    if (role === 'assistant') this.#placeSystem()
    const last = this.turns.at(-1)
    if (last === undefined || last.role !== role || apart) this.turns.push({ role, content, extra })
    else last.content = [...blocksOf(last.content), ...blocksOf(content)]
  }

  #placeSystem(): void {
    const waiting = this.#waiting.splice(0)
    const follows = this.turns.at(-1)?.role === 'user'
    if (!follows) this.unplaced.push(...waiting)
    const content = follows ? encodeSystem(waiting, this.#encoding) : undefined
    const extra = Object.assign({}, ...waiting.map(({ message }) => extraOf(message, dialect)))
    if (content !== undefined) this.turns.push({ role: 'system', content, extra })
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
function blocksOf(content: string | readonly JsonObject[]): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}
