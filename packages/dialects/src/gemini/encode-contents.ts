import type {
  AssistantMessage,
  AssistantPart,
  Capability,
  JsonObject,
  Message,
  OpaquePart,
  ReasoningPart,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
} from '@switchyard/core/contract'
import { absentPart } from '../conversation/error-in-words.ts'
import { repairedConversation } from '../conversation/repaired-conversation.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf } from '../extra.ts'
import { fault } from '../field-checks.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { encodeFunctionCall, wireCallId } from './function-calls.ts'
import { type AnsweredCall, encodeFunctionResponse } from './function-responses.ts'
import { encodeMedia } from './media.ts'
import { dialect } from './names.ts'
import { signedTextParts, signForeignCalls } from './thought-signatures.ts'

export interface ContentEncoding {
  /** Whether the server wants the calls of the current turn signed. */
  readonly signsCalls: boolean
  /** Whether the model goes on from its own last words; left to the server where it is not known. */
  readonly prefill: Capability | undefined
  readonly dropped: Dropped
}

export interface EncodedContents {
  readonly contents: readonly JsonObject[]
  readonly systemInstruction?: JsonObject
}

type Content = JsonDraft & { readonly role: 'user' | 'model'; readonly parts: JsonObject[] }

/** The conversation in turns that alternate, and what the system says apart from it. */
export function encodeContents(given: readonly Message[], encoding: ContentEncoding): EncodedContents {
  const writer = new ContentWriter(encoding)
  const messages = repairedConversation(given, encoding.dropped, { resultsInOrder: true })
  messages.forEach((message, at) => {
    writer.add(message, `messages[${at}]`)
  })
  return writer.written()
}

class ContentWriter {
  readonly #encoding: ContentEncoding
  readonly #dropped: Dropped
  readonly #contents: Content[] = []
  readonly #calls = new Map<string, AnsweredCall>()
  #system: { readonly parts: JsonObject[]; readonly extra: JsonObject } | undefined

  constructor(encoding: ContentEncoding) {
    this.#encoding = encoding
    this.#dropped = encoding.dropped
  }

  add(message: Message, path: string): void {
    if ('name' in message && message.name !== undefined)
      this.#dropped.add(`${path}.name`, 'this dialect has no names for participants')
    if (message.role === 'system') this.#addSystem(message, path)
    else if (message.role === 'assistant') this.#turn('model', this.#modelParts(message, path), message)
    else if (message.role === 'tool') this.#turn('user', this.#responses(message, path), message)
    else this.#turn('user', this.#userParts(message, path), message)
  }

  written(): EncodedContents {
    const contents = this.#contents
    const system = this.#system
    if (contents.length === 0) {
      if (system === undefined) throw fault('messages', 'holds nothing that this dialect can say; send a text.')
      this.#dropped.add('messages', 'the system is all that speaks here; what it says is sent as a text of the user')
      return { contents: [{ role: 'user', parts: system.parts }] }
    }
    if (contents[0]?.role === 'model') {
      this.#dropped.add('messages', 'a conversation begins with a message of the user; one is added')
      contents.unshift({ role: 'user', parts: [{ text: 'Begin.' }] })
    }
    if (this.#encoding.prefill === false && contents.at(-1)?.role === 'model') {
      const why = 'the model does not go on from the last words of the assistant; a message of the user asks it to'
      this.#dropped.add('messages', why)
      contents.push({ role: 'user', parts: [{ text: 'Continue.' }] })
    }
    if (this.#encoding.signsCalls) signForeignCalls(contents)
    return { contents, ...(system && { systemInstruction: { ...system.extra, parts: system.parts } }) }
  }

  #addSystem(message: SystemMessage, path: string): void {
    const parts = this.#userParts(message, path)
    if (parts.length === 0) return
    if (this.#contents.length > 0)
      this.#dropped.add(path, 'the system speaks at the beginning only here; it is moved there')
    this.#system ??= { parts: [], extra: extraOf(message, dialect) }
    this.#system.parts.push(...parts)
  }

  #turn(role: Content['role'], parts: JsonObject[], message: Message): void {
    const last = this.#contents.at(-1)
    if (parts.length === 0) return
    if (last?.role === role) last.parts.push(...parts)
    else this.#contents.push({ ...extraOf(message, dialect), role, parts })
  }

  #userParts({ content }: UserMessage | SystemMessage, path: string): JsonObject[] {
    if (typeof content === 'string') return signedTextParts({ text: content, ...unsigned }, {})
    return content.flatMap((part, at): JsonObject[] => {
      const place = `${path}.content[${at}]`
      if (part.type === 'opaque') return this.#opaque(part, place)
      if (part.type === 'text') return signedTextParts({ text: part.text, ...unsigned }, extraOf(part, dialect))
      return [encodeMedia(part, place, this.#dropped) ?? { text: absentPart(part.type) }]
    })
  }

  #modelParts({ content }: AssistantMessage, path: string): JsonObject[] {
    if (typeof content === 'string') return signedTextParts({ text: content, ...unsigned }, {})
    return content.flatMap((part, at) => this.#modelPart(part, `${path}.content[${at}]`))
  }

  #modelPart(part: AssistantPart, place: string): JsonObject[] {
    if (part.type === 'opaque') return this.#opaque(part, place)
    if (part.type === 'text') return encodeText(part)
    if (part.type === 'tool-call') {
      this.#calls.set(part.id, { name: part.name, id: wireCallId(part) })
      return [encodeFunctionCall(part, place, this.#dropped)]
    }
    if (part.origin === dialect) return encodeThought(part)
    this.#dropped.add(place, `reasoning of ${part.origin} goes back there only`)
    return []
  }

  #responses({ content }: ToolMessage, path: string): JsonObject[] {
    return content.map((result, at) => {
      const call = this.#calls.get(result.callId) as AnsweredCall
      return encodeFunctionResponse(result, call, `${path}.content[${at}]`, this.#dropped)
    })
  }

  #opaque(part: OpaquePart, place: string): JsonObject[] {
    if (part.origin === dialect && isObject(part.value)) return [part.value]
    this.#dropped.add(place, `only ${part.origin} knows this part`)
    return []
  }
}

const unsigned = { signature: undefined, signedFrom: undefined }

/** The parts of a text; what signed it is among its fields. */
export function encodeText(part: Pick<TextPart, 'text' | 'extra'>): JsonObject[] {
  const { thoughtSignature, signedFrom, ...fields } = extraOf(part, dialect)
  const signature = typeof thoughtSignature === 'string' ? thoughtSignature : undefined
  return signedTextParts({ text: part.text, signature, signedFrom }, fields)
}

/** The parts of what the model thought. */
export function encodeThought(part: Pick<ReasoningPart, 'text' | 'signature' | 'extra'>): JsonObject[] {
  const { signedFrom, ...fields } = extraOf(part, dialect)
  return signedTextParts({ text: part.text, signature: part.signature, signedFrom, thought: true }, fields)
}
