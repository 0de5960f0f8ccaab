import type {
  BlockChunk,
  DialectExtra,
  FinishChunk,
  JsonObject,
  MessageChunk,
  StartChunk,
  SwitchyardError,
} from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { encodeError } from '../openai/encode-error.ts'
import { encodeBilled } from './encode-billed.ts'
import { reasoningField } from './encode-message.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { answerFields, choiceFields, dialect, messageFields } from './names.ts'
import { StreamEvents } from './stream-events.ts'
import { legacyType } from './tool-calls.ts'

export interface StreamEncoderOptions {
  /** Tell usage in an event of its own at the end; what `stream_options.include_usage` asks for. */
  readonly includeUsage: boolean
  /** Stands in every event instead of the answer's own `provider/model`. */
  readonly model?: string
  /** The answer's id where it has none. */
  readonly id?: string
  /** Seconds since 1970, where the answer does not say. */
  readonly created?: number
  /** Tell tool calls as the legacy `function_call`. */
  readonly functionCall?: boolean
  /** More for the event that tells usage, and for an error; asked for then. */
  readonly usageFields?: () => JsonObject
}

/** Writes one answer as server-sent events. */
export interface StreamEncoder {
  /** The events of these chunks, as one text to write at once. */
  encode(batch: readonly MessageChunk[]): string
  /** The event that tells why the answer broke, and what its attempts used and cost; nothing follows it. */
  error(error: SwitchyardError): string
  /** The `provider/model` that answers by now; it may change where another goes on. */
  readonly model: string | undefined
}

export function streamEncoder(options: StreamEncoderOptions): StreamEncoder {
  return new ChatStreamEncoder(options)
}

interface OpenBlock {
  readonly choice: number
  /** The wire's field: `content`, `refusal`, `reasoning`, `reasoning_content`, `tool_calls`, `function_call`. */
  readonly field: string
  readonly call: number
  /** The events of its plain deltas begin so. */
  prefix: string
  said: boolean
}

class ChatStreamEncoder implements StreamEncoder {
  readonly #options: StreamEncoderOptions
  readonly #events: StreamEvents
  readonly #blocks = new Map<number, OpenBlock>()
  // by choice: its calls so far, whether it refused
  readonly #calls = new Map<number, number>()
  readonly #refused = new Set<number>()
  #functionCalled = false
  // the block of the last delta, and its id
  #current: OpenBlock | undefined
  #currentId = -1

  constructor(options: StreamEncoderOptions) {
    this.#options = options
    this.#events = new StreamEvents(options, () => {
      for (const block of this.#blocks.values()) block.prefix = this.#prefix(block)
    })
  }

  encode(batch: readonly MessageChunk[]): string {
    let text = ''
    for (const chunk of batch) {
      if (chunk.type === 'text-delta' && chunk.extra === undefined) {
        const block = chunk.id === this.#currentId ? this.#current : this.#blocks.get(chunk.id)
        if (block?.said) {
          this.#current = block
          this.#currentId = chunk.id
          text += block.prefix + JSON.stringify(chunk.text) + this.#events.tail
          continue
        }
      }
      text += this.#chunk(chunk)
    }
    return text
  }

  get model(): string | undefined {
    return this.#events.start?.model
  }

  error(failed: SwitchyardError): string {
    const { error } = encodeError(failed).body
    const { billed = [] } = failed
    const used = billed.length > 0 && { billed: billed.map(encodeBilled) }
    const told = { ...(error as JsonObject), ...this.#options.usageFields?.(), ...used }
    return `data: ${JSON.stringify({ error: told })}\n\n`
  }

  #chunk(chunk: MessageChunk): string {
    switch (chunk.type) {
      case 'start':
        this.#events.begin(chunk)
        return this.#startExtras(chunk)
      case 'ping':
        return ': ping\n\n'
      case 'target':
        if (this.#events.start !== undefined) this.#events.goOn({ ...this.#events.start, model: chunk.model })
        return ''
      case 'finish':
        return this.#finish(chunk)
      default:
        return this.#block(chunk)
    }
  }

  // a whole answer told as chunks has the fields of its choice and message on its start
  #startExtras(start: StartChunk): string {
    const fields = start.extra
    const told = fields?.[choiceFields] ?? fields?.[messageFields] ?? fields?.[answerFields]
    return told === undefined ? '' : this.#events.event(0, {}, fields)
  }

  #prefix(block: OpenBlock): string {
    return this.#events.prefix(block.choice, block.field)
  }

  #block(chunk: BlockChunk): string {
    switch (chunk.type) {
      case 'text-start':
        if (chunk.refusal) this.#refused.add(chunk.choice ?? 0)
        return this.#open(chunk.id, chunk.choice, chunk.refusal ? 'refusal' : 'content')
      case 'reasoning-start':
        return this.#open(chunk.id, chunk.choice, reasoningField(chunk))
      case 'tool-call-start':
        return this.#openCall(chunk)
      case 'opaque-start':
        return this.#openOpaque(chunk)
      case 'opaque-delta':
        return this.#opaque(chunk.id, chunk.value)
      case 'text-delta':
      case 'reasoning-delta':
        return this.#say(chunk.id, chunk.text, chunk.extra)
      case 'tool-call-delta':
        return this.#arguments(chunk.id, chunk.text, chunk.extra)
      case 'tool-call-end': {
        const block = this.#blocks.get(chunk.id)
        this.#close(chunk.id)
        // whoever calls a function reads JSON, even where no piece of it was told
        return block === undefined || block.said || chunk.input === undefined
          ? ''
          : this.#argumentsEvent(block, JSON.stringify(chunk.input), undefined)
      }
      default:
        this.#close(chunk.id)
        return ''
    }
  }

  #open(id: number, choice = 0, field: string, call = 0): '' {
    const block: OpenBlock = { choice, field, call, prefix: '', said: false }
    block.prefix = this.#prefix(block)
    this.#blocks.set(id, block)
    return ''
  }

  #close(id: number): void {
    this.#blocks.delete(id)
    if (id === this.#currentId) this.#currentId = -1
  }

  #say(id: number, text: string, extra: DialectExtra | undefined): string {
    const block = this.#blocks.get(id)
    if (block === undefined) return ''
    block.said = this.#events.hasBegun(block.choice) || block.said
    const event = this.#events.event(block.choice, { [block.field]: text }, extra)
    block.said = true
    return event
  }

  #openCall(chunk: BlockChunk & { readonly type: 'tool-call-start' }): string {
    const choice = chunk.choice ?? 0
    const { type, function: inner, ...extra } = extraOf(chunk, dialect)
    const { arguments: _, ...kept } = isObject(inner) ? inner : ({} as JsonObject)
    const called = { ...kept, name: chunk.name, arguments: '' }
    if (this.#options.functionCall || type === legacyType) {
      this.#functionCalled = true
      this.#open(chunk.id, choice, 'function_call')
      return this.#events.event(choice, { function_call: called }, undefined)
    }
    const call = this.#nextCall(choice)
    this.#open(chunk.id, choice, 'tool_calls', call)
    return this.#events.event(
      choice,
      {
        tool_calls: [
          {
            ...extra,
            index: call,
            id: extra.id ?? chunk.callId,
            type: 'function',
            function: called,
          },
        ],
      },
      undefined,
    )
  }

  #arguments(id: number, text: string, extra: DialectExtra | undefined): string {
    const block = this.#blocks.get(id)
    if (block === undefined || (text === '' && extra === undefined)) return ''
    block.said = true
    return this.#argumentsEvent(block, text, extra)
  }

  #argumentsEvent(block: OpenBlock, text: string, extra: DialectExtra | undefined): string {
    if (block.field === 'tool_calls' && extra === undefined) return this.#plainArguments(block, text)
    const { function: inner, ...rest } = extra?.[dialect] ?? {}
    const called = { ...(isObject(inner) && inner), arguments: text }
    if (block.field === 'function_call') return this.#events.event(block.choice, { function_call: called }, extra)
    return this.#events.event(block.choice, { tool_calls: [{ ...rest, index: block.call, function: called }] }, extra)
  }

  #plainArguments(block: OpenBlock, text: string): string {
    return `${block.prefix}[{"index":${block.call},"function":{"arguments":${JSON.stringify(text)}}}]${this.#events.tail}`
  }

  #openOpaque(chunk: BlockChunk & { readonly type: 'opaque-start' }): string {
    if (chunk.origin !== dialect) return ''
    const calls = [chunk.value].flat().some(piece => isObject(piece) && Array.isArray(piece.tool_calls))
    this.#open(chunk.id, chunk.choice, 'opaque', calls ? this.#nextCall(chunk.choice ?? 0) : 0)
    return this.#opaque(chunk.id, chunk.value)
  }

  #nextCall(choice: number): number {
    const call = this.#calls.get(choice) ?? 0
    this.#calls.set(choice, call + 1)
    return call
  }

  #opaque(id: number, value: unknown): string {
    const block = this.#blocks.get(id)
    if (block === undefined) return ''
    let text = ''
    for (const piece of Array.isArray(value) ? value : [value]) {
      if (!isObject(piece)) continue
      const delta: JsonDraft = typeof piece.type === 'string' ? { content: [piece] } : { ...piece }
      if (Array.isArray(delta.tool_calls))
        delta.tool_calls = delta.tool_calls.filter(isObject).map(call => ({ ...call, index: block.call }))
      text += this.#events.event(block.choice, delta, undefined)
    }
    return text
  }

  #finish(chunk: FinishChunk): string {
    let text = this.#end(0, chunk.reason, chunk.extra)
    for (const other of chunk.otherChoices ?? []) text += this.#end(other.choice, other.reason, other.extra)
    if (this.#options.includeUsage && chunk.usage !== undefined) text += this.#events.usage(chunk.usage, chunk)
    return `${text}data: [DONE]\n\n`
  }

  #end(choice: number, reason: FinishChunk['reason'], extra: DialectExtra | undefined): string {
    // a whole answer told as chunks has its first choice's fields on its start
    const word = (extra ?? (choice === 0 ? this.#events.start?.extra : undefined))?.[choiceFields]?.finish_reason
    const told = { refusal: this.#refused.has(choice), functionCall: this.#functionCalled }
    const finish = reason === 'other' && typeof word === 'string' ? word : encodeFinishReason(reason, told)
    const begun = this.#events.hasBegun(choice)
    return this.#events.event(choice, begun ? {} : { content: '' }, extra, finish)
  }
}
