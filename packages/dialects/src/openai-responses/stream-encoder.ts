import type {
  BlockChunk,
  FinishChunk,
  JsonObject,
  MessageChunk,
  StartChunk,
  SwitchyardError,
} from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { encodeError } from '../openai/encode-error.ts'
import { usualFields } from './encode-response.ts'
import type { EncodedBlock } from './encoded-block.ts'
import { CallBlock, OpaqueBlock, ReasoningBlock } from './encoded-items.ts'
import { MessageBlock, OpenMessage, TextBlock } from './encoded-message.ts'
import { encodeFinish } from './finish-reason.ts'
import { dialect } from './names.ts'
import { isEvent } from './opaque-items.ts'
import { EventWriter } from './stream-events.ts'
import { encodeUsage } from './usage.ts'

export interface StreamEncoderOptions {
  /** Stands in the answer instead of its own `provider/model`. */
  readonly model?: string
  /** The answer's id where it has none. */
  readonly id?: string
  /** Seconds since 1970, where the answer does not say. */
  readonly created?: number
}

/** Writes one answer as server-sent events. */
export interface StreamEncoder {
  /** The events of these chunks, as one text to write at once. */
  encode(batch: readonly MessageChunk[]): string
  /** The event that tells why the answer broke; nothing follows it. */
  error(error: SwitchyardError): string
}

export function streamEncoder(options: StreamEncoderOptions = {}): StreamEncoder {
  return new ResponsesStreamEncoder(options)
}

class ResponsesStreamEncoder implements StreamEncoder {
  readonly #options: StreamEncoderOptions
  readonly #events = new EventWriter()
  readonly #blocks = new Map<number, EncodedBlock>()
  readonly #output: JsonDraft[] = []
  #message: OpenMessage | undefined
  #response: JsonDraft = {}
  #refusal = false
  // the block of the last plain delta, and its id
  #current: TextBlock | undefined
  #currentId = -1

  constructor(options: StreamEncoderOptions) {
    this.#options = options
  }

  encode(batch: readonly MessageChunk[]): string {
    let text = ''
    for (const chunk of batch) {
      if (chunk.type === 'text-delta' && chunk.extra === undefined) {
        const block = chunk.id === this.#currentId ? this.#current : this.#blocks.get(chunk.id)
        if (block instanceof TextBlock) {
          this.#current = block
          this.#currentId = chunk.id
          text += block.plain(chunk.text)
          continue
        }
      }
      text += this.#chunk(chunk)
    }
    return text
  }

  error(error: SwitchyardError): string {
    return this.#events.write('error', encodeError(error).body)
  }

  #chunk(chunk: MessageChunk): string {
    switch (chunk.type) {
      case 'start':
        return this.#start(chunk)
      case 'ping':
        return ': ping\n\n'
      case 'target':
        if (this.#options.model === undefined) this.#response.model = chunk.model
        return ''
      case 'finish':
        return this.#finish(chunk)
      default:
        return this.#block(chunk)
    }
  }

  #start(start: StartChunk): string {
    const options = this.#options
    const { model: _, ...extra } = extraOf(start, dialect)
    this.#response = {
      ...usualFields,
      ...extra,
      id: start.id ?? options.id ?? 'resp_0',
      object: 'response',
      created_at: start.created ?? options.created ?? 0,
      status: 'in_progress',
      error: null,
      incomplete_details: null,
      model: options.model ?? start.model,
      output: [],
      usage: null,
      ...(start.simulated && { simulated: true }),
    }
    const response = this.#response
    return (
      this.#events.write('response.created', { response }) + this.#events.write('response.in_progress', { response })
    )
  }

  #block(chunk: BlockChunk): string {
    const begun = this.#begin(chunk)
    if (begun !== undefined) return begun
    const block = this.#blocks.get(chunk.id)
    if (block === undefined) return ''
    if (chunk.type === 'text-end' || chunk.type === 'reasoning-end') return this.#end(chunk.id, block.end(chunk))
    if (chunk.type === 'tool-call-end' || chunk.type === 'opaque-end') return this.#end(chunk.id, block.end(chunk))
    return block.delta(chunk)
  }

  /** What a block's start says; `undefined` for what is none. */
  #begin(chunk: BlockChunk): string | undefined {
    switch (chunk.type) {
      case 'text-start': {
        if (chunk.choice) return ''
        if (chunk.refusal) this.#refusal = true
        const { item } = extraOf(chunk, dialect)
        const opened = this.#openMessage(isObject(item) ? item : undefined)
        const block = new TextBlock(chunk, this.#message as OpenMessage, this.#events)
        this.#blocks.set(chunk.id, block)
        return opened + block.begin()
      }
      case 'opaque-start':
        return chunk.choice || chunk.origin !== dialect ? '' : this.#beginOpaque(chunk)
      case 'tool-call-start':
        return chunk.choice ? '' : this.#beginItem(chunk.id, at => new CallBlock(chunk, at, this.#id, this.#events))
      case 'reasoning-start':
        return chunk.choice
          ? ''
          : this.#beginItem(chunk.id, at => new ReasoningBlock(chunk, at, this.#id, this.#events))
      default:
        return undefined
    }
  }

  get #id(): string {
    return String(this.#response.id)
  }

  #beginItem(id: number, make: (at: number) => EncodedBlock & { readonly item: JsonDraft }): string {
    const closed = this.#leaveMessage()
    const block = make(this.#output.length)
    this.#output.push(block.item)
    this.#blocks.set(id, block)
    return closed + block.begin()
  }

  #beginOpaque(chunk: BlockChunk & { readonly type: 'opaque-start' }): string {
    const pieces = Array.isArray(chunk.value) ? chunk.value : [chunk.value]
    const [value] = pieces
    if (!isObject(value)) return ''
    if (isObject(value.content_part)) {
      const opened = this.#openMessage(isObject(value.item) ? value.item : undefined)
      const block = new MessageBlock(pieces, this.#message as OpenMessage, this.#events)
      this.#blocks.set(chunk.id, block)
      return opened + block.begin()
    }
    if (typeof value.type !== 'string') return ''
    // an event of the answer, not of an item
    if (isEvent(value.type)) return this.#events.write(value.type, value)
    return this.#beginItem(chunk.id, at => new OpaqueBlock(pieces, at, this.#events))
  }

  /** A message for the part that begins: the open one, unless the part says that it is the first of another. */
  #openMessage(begun: JsonObject | undefined): string {
    if (this.#message !== undefined && begun === undefined) return ''
    const closed = this.#leaveMessage()
    const message = new OpenMessage(begun, this.#output.length, this.#id, this.#events)
    this.#message = message
    this.#output.push(message.item)
    return closed + message.begin()
  }

  // one whose parts are still being told ends with the last of them
  #leaveMessage(): string {
    const message = this.#message
    this.#message = undefined
    return message?.leave() ?? ''
  }

  #end(id: number, text: string): string {
    this.#blocks.delete(id)
    if (id === this.#currentId) this.#currentId = -1
    return text
  }

  #finish(chunk: FinishChunk): string {
    const text = this.#leaveMessage()
    const end = encodeFinish(chunk.reason, chunk.rawReason, { refusal: this.#refusal })
    const response = {
      ...this.#response,
      ...extraOf(chunk, dialect),
      ...end,
      output: this.#output,
      usage: chunk.usage ? encodeUsage(chunk.usage) : null,
    }
    return text + this.#events.write(`response.${end.status}`, { response })
  }
}
