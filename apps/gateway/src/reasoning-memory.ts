import { createHash } from 'node:crypto'
import {
  type AssistantMessage,
  type AssistantPart,
  type DialectExtra,
  type Message,
  type MessageChunk,
  ResponseAccumulator,
  type ResponsePart,
  type TextPart,
  type ToolCallPart,
} from '@switchyard/core'

export interface ReasoningMemoryOptions {
  /** The dialect of the clients, which carry its own fields back themselves. */
  readonly dialect: string
  /** Default 10,000. */
  readonly maxAnswers?: number
  /** Of everything kept, as JSON. Default 64 million. */
  readonly maxCharacters?: number
}

/** Where in an answer something stood, with what the client's dialect cannot carry of it. */
type KeptPart =
  | { readonly type: 'part'; readonly part: AssistantPart }
  /** Text, and whatever else the client carries back. */
  | { readonly type: 'text'; readonly extra?: DialectExtra }
  | { readonly type: 'call'; readonly id: string; readonly extra?: DialectExtra }

interface KeptAnswer {
  readonly parts: readonly KeptPart[]
  /** Of the calls: some servers give the same ids again, to others as well. */
  readonly fingerprint: string
  readonly characters: number
}

/**
 * Keeps what a model thought before it called tools, for clients whose dialect has no place for it: models want their
 * signed reasoning back together with the results. Found again by the calls; the least recently used goes first.
 */
export class ReasoningMemory {
  readonly #dialect: string
  readonly #maxAnswers: number
  readonly #maxCharacters: number
  readonly #answers = new Map<string, KeptAnswer>()
  #characters = 0

  constructor({ dialect, maxAnswers = 10_000, maxCharacters = 64_000_000 }: ReasoningMemoryOptions) {
    this.#dialect = dialect
    this.#maxAnswers = maxAnswers
    this.#maxCharacters = maxCharacters
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#answers.size
  }

  /** Keeps what a client cannot, of an answer that calls tools. */
  keep(content: readonly ResponsePart[]): void {
    const calls = content.filter(part => part.type === 'tool-call')
    const first = calls[0]?.id
    if (first === undefined) return
    const parts = content.map(part => this.#kept(part))
    if (parts.every(part => part.type !== 'part' && part.extra === undefined)) return
    const characters = JSON.stringify(parts).length
    if (characters > this.#maxCharacters) return
    this.#forget(first)
    this.#answers.set(first, { parts, fingerprint: fingerprintOf(calls), characters })
    this.#characters += characters
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= this.#maxAnswers && this.#characters <= this.#maxCharacters) break
      this.#forget(oldest)
    }
  }

  /** Reads an answer as it is streamed past, and keeps it at its end. */
  listener(): (batch: readonly MessageChunk[]) => void {
    const chunks: MessageChunk[] = []
    const texts = new Set<number>()
    return batch => {
      for (const chunk of batch) {
        // the client has the words, and they are many
        if (chunk.type === 'text-delta' && chunk.text !== '') texts.add(chunk.id)
        if (chunk.type !== 'text-delta') chunks.push(chunk)
        else if (chunk.extra !== undefined) chunks.push({ ...chunk, text: '' })
      }
      const last = batch[batch.length - 1]
      if (last?.type !== 'finish' || !chunks.some(chunk => chunk.type === 'tool-call-end')) return
      const accumulator = new ResponseAccumulator()
      for (const chunk of chunks) {
        accumulator.add(chunk)
        if (chunk.type === 'text-start' && texts.has(chunk.id)) {
          accumulator.add({ type: 'text-delta', id: chunk.id, text: someText })
        }
      }
      this.keep(accumulator.response().content)
    }
  }

  /** The messages with what was kept of them put back where it stood. */
  restored(messages: readonly Message[]): readonly Message[] {
    if (this.#answers.size === 0) return messages
    let changed = false
    const restored = messages.map(message => {
      const whole = message.role === 'assistant' ? this.#restored(message) : message
      changed ||= whole !== message
      return whole
    })
    return changed ? restored : messages
  }

  #restored(message: AssistantMessage): AssistantMessage {
    if (typeof message.content === 'string') return message
    const calls = new Map<string, ToolCallPart>()
    for (const part of message.content) if (part.type === 'tool-call') calls.set(part.id, part)
    const [first] = calls.keys()
    const answer = first === undefined ? undefined : this.#answers.get(first)
    // a client that changed the turn has made another of it
    if (first === undefined || answer === undefined || answer.fingerprint !== fingerprintOf(calls.values()))
      return message
    this.#answers.delete(first)
    this.#answers.set(first, answer)
    const others = message.content.filter(part => part.type !== 'tool-call')
    const content: AssistantPart[] = []
    for (const kept of answer.parts) {
      if (kept.type === 'part') content.push(kept.part)
      else if (kept.type === 'call') content.push(withExtra(calls.get(kept.id) as ToolCallPart, kept.extra))
      else content.push(...others.splice(0).map(part => (part.type === 'text' ? withExtra(part, kept.extra) : part)))
    }
    return { ...message, content: [...others, ...content] }
  }

  #kept(part: ResponsePart): KeptPart {
    if (part.type === 'opaque' || part.type === 'reasoning') {
      return part.origin === this.#dialect ? { type: 'text' } : { type: 'part', part: whole(part) }
    }
    if (part.type === 'text' && part.text === '') return { type: 'part', part: whole(part) }
    const extra = this.#foreign(part.extra)
    const place = part.type === 'text' ? ({ type: 'text' } as const) : ({ type: 'call', id: part.id } as const)
    return extra === undefined ? place : { ...place, extra }
  }

  #foreign(extra: DialectExtra | undefined): DialectExtra | undefined {
    const foreign = Object.entries(extra ?? {}).filter(
      ([key]) => key !== this.#dialect && !key.startsWith(`${this.#dialect}/`),
    )
    return foreign.length === 0 ? undefined : Object.fromEntries(foreign)
  }

  #forget(key: string): void {
    const answer = this.#answers.get(key)
    if (answer === undefined) return
    this.#answers.delete(key)
    this.#characters -= answer.characters
  }
}

function whole({ complete: _, ...part }: ResponsePart): AssistantPart {
  return part as AssistantPart
}

// stands for a text that is not empty; the client has the words
const someText = '...'

/** The same for the same calls of the same arguments, in whatever order the arguments say what they say. */
function fingerprintOf(calls: Iterable<Pick<ToolCallPart, 'id' | 'name' | 'input' | 'invalid'>>): string {
  const said = Array.from(calls, ({ id, name, input, invalid }) => [id, name, input ?? invalid?.text])
  return createHash('sha256').update(JSON.stringify(said, inOneOrder)).digest('base64')
}

function inOneOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function withExtra<Part extends TextPart | ToolCallPart>(part: Part, extra: DialectExtra | undefined): Part {
  return extra === undefined ? part : { ...part, extra: { ...part.extra, ...extra } }
}
