import type {
  AssistantMessage,
  JsonObject,
  Message,
  OpaquePart,
  ReasoningPart,
  SystemMessage,
  ToolCallPart,
  ToolMessage,
} from '@switchyard/core/contract'
import { absentPart, errorInWords, isErrorInWords } from '../conversation/error-in-words.ts'
import { repairedConversation } from '../conversation/repaired-conversation.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { madeToolCallId } from '../tool-call-id.ts'
import { encodeContent, encodePart } from './encode-content.ts'
import { encodeFunctionCall, wireCallId } from './function-calls.ts'
import { encodeSpoken, isSpoken, messageBegun, type SpokenPart } from './message-items.ts'
import { dialect } from './names.ts'
import { wholeItem } from './opaque-items.ts'
import { encodeReasoning } from './reasoning-items.ts'

export interface InputEncoding {
  /** The server keeps nothing: reasoning goes back sealed, or not at all. */
  readonly stateless: boolean
  readonly dropped: Dropped
}

export interface EncodedInput {
  readonly instructions?: string
  readonly input: readonly JsonObject[]
}

/** The system messages that begin a conversation are its instructions, all others items. */
export function encodeInput(given: readonly Message[], encoding: InputEncoding): EncodedInput {
  const messages = repairedConversation(given, encoding.dropped)
  const leading = messages.findIndex(message => !isInstruction(message))
  const count = leading === -1 ? messages.length : leading
  const encoder = new InputEncoder(encoding)
  messages.forEach((message, at) => {
    if (at >= count) encoder.add(message, `messages[${at}]`)
  })
  return { ...instructions(messages.slice(0, count) as SystemMessage[], encoding), input: encoder.items }
}

/** The instructions of a conversation whose items are known. */
export function instructions(
  messages: readonly Message[],
  encoding: InputEncoding,
): { readonly instructions?: string } | undefined {
  const texts: string[] = []
  for (const [at, message] of messages.entries()) {
    if (!isInstruction(message)) break
    const content = encodeContent(message.content, `messages[${at}].content`, encoding.dropped)
    texts.push(typeof content === 'string' ? content : content.map(part => part.text ?? '').join('\n\n'))
  }
  return texts.length > 0 ? { instructions: texts.join('\n\n') } : undefined
}

// one that came as an item has the role it came with
function isInstruction(message: Message): message is SystemMessage {
  return message.role === 'system' && extraOf(message, dialect).role === undefined
}

class InputEncoder {
  readonly items: JsonObject[] = []
  readonly #encoding: InputEncoding
  // by our ids: the wire's
  readonly #callIds = new Map<string, string>()
  readonly #usedCallIds = new Set<string>()

  constructor(encoding: InputEncoding) {
    this.#encoding = encoding
  }

  add(message: Message, path: string): void {
    const { dropped } = this.#encoding
    if (message.role === 'assistant') this.#turn(message, path)
    else if (message.role === 'tool') this.#results(message, path)
    else {
      const { role, items, ...rest } = extraOf(message, dialect)
      const content = encodeContent(message.content, `${path}.content`, dropped)
      if (items === true && typeof content !== 'string') this.items.push(...content)
      else if (message.role === 'user') this.items.push({ ...rest, role: 'user', content })
      else this.items.push({ ...rest, role: role ?? 'developer', content })
    }
    if (message.role !== 'tool' && message.name !== undefined)
      dropped.add(`${path}.name`, 'this dialect has no names of participants')
  }

  #turn(message: AssistantMessage, path: string): void {
    if (typeof message.content === 'string') {
      if (message.content !== '') this.items.push({ role: 'assistant', content: message.content })
      return
    }
    let open: JsonObject[] | undefined
    message.content.forEach((part, at) => {
      const place = `${path}.content[${at}]`
      if (isSpoken(part)) {
        const begins = open === undefined && messageBegun(part) === undefined
        const empty = begins && part.type === 'text' && part.text === ''
        if (!empty) open = this.#say(part, open)
        return
      }
      open = undefined
      if (part.type === 'tool-call') {
        const callId = this.#callId(part)
        this.items.push({ ...encodeFunctionCall(part, this.#isAfter(extraOf(part, dialect).after)), call_id: callId })
      } else this.#ownItem(part, place)
    })
    this.#endTurn(path)
  }

  // servers that number their calls anew in each answer give the same id twice
  #callId(part: ToolCallPart): string {
    const said = wireCallId(part)
    let callId = said
    for (let again = 1; this.#usedCallIds.has(callId); again++) callId = madeToolCallId(`${said}#${again}`)
    this.#usedCallIds.add(callId)
    this.#callIds.set(part.id, callId)
    return callId
  }

  #ownItem(part: ReasoningPart | OpaquePart, place: string): void {
    const { dropped, stateless } = this.#encoding
    if (part.origin !== dialect) {
      const what = part.type === 'reasoning' ? 'reasoning' : 'a part'
      dropped.add(place, `${what} of ${part.origin} goes back there only`)
    } else if (part.type === 'opaque') {
      const item = wholeItem(part.value)
      if (item !== undefined) this.items.push(item)
    } else if (stateless && part.signature === undefined) {
      dropped.add(place, 'this reasoning came without its sealed content, and cannot go back')
    } else this.items.push(encodeReasoning(part))
  }

  /** Adds to the message that is open, or begins one; gives its content. */
  #say(part: SpokenPart, open: JsonObject[] | undefined): JsonObject[] {
    const begun = messageBegun(part)
    if (open !== undefined && begun === undefined) {
      open.push(encodeSpoken(part))
      return open
    }
    const { id, asText, after, ...rest } = begun ?? {}
    const content = [encodeSpoken(part)]
    const known = id !== undefined && this.#isAfter(after) && { id }
    const told = asText === true && part.type === 'text' ? part.text : content
    this.items.push({ ...rest, ...known, role: 'assistant', content: told })
    return content
  }

  // an item that followed reasoning may be named only after it
  #isAfter(reasoning: unknown): boolean {
    if (reasoning === undefined) return true
    const last = this.items.at(-1)
    return last?.type === 'reasoning' && last.id === reasoning
  }

  // refused by the server: reasoning that led to nothing
  #endTurn(path: string): void {
    while (this.items.at(-1)?.type === 'reasoning') {
      this.items.pop()
      this.#encoding.dropped.add(path, 'reasoning that nothing followed cannot go back')
    }
  }

  #results(message: ToolMessage, path: string): void {
    const { call_id: said, ...rest } = message.content.length === 1 ? extraOf(message, dialect) : {}
    message.content.forEach((result, at) => {
      this.items.push({
        ...rest,
        type: 'function_call_output',
        call_id: this.#callIds.get(result.callId) ?? said ?? result.callId,
        output: this.#output(result, `${path}.content[${at}]`),
      })
    })
  }

  #output({ content, isError }: ToolMessage['content'][number], path: string): string | JsonObject[] {
    const { dropped } = this.#encoding
    if (isError)
      dropped.add(`${path}.isError`, 'this dialect cannot mark a tool result as an error; its text says it instead')
    if (typeof content === 'string') return isError ? errorInWords(content) : content
    const parts = content.map(
      (part, at) =>
        encodePart(part, `${path}.content[${at}]`, dropped) ?? { type: 'input_text', text: absentPart(part.type) },
    )
    const first = parts[0]?.text
    if (!isError || (typeof first === 'string' && isErrorInWords(first))) return parts
    return [{ type: 'input_text', text: errorInWords('') }, ...parts]
  }
}
