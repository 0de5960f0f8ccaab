import type {
  BlockChunk,
  FinishChunk,
  JsonObject,
  JsonValue,
  MessageChunk,
  StartChunk,
  SwitchyardError,
} from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { encodeError } from './encode-error.ts'
import {
  type EncodeResponseOptions,
  encodedCall,
  encodedStart,
  encodedStop,
  encodedText,
  encodedThinking,
  isOwn,
} from './encode-response.ts'
import { dialect } from './names.ts'
import { encodeDeltaUsage, encodeUsage } from './usage.ts'

export type StreamEncoderOptions = EncodeResponseOptions

/** Writes one answer as server-sent events. */
export interface StreamEncoder {
  /** The events of these chunks, as one text to write at once. */
  encode(batch: readonly MessageChunk[]): string
  /** The event that tells why the answer broke; nothing follows it. */
  error(error: SwitchyardError): string
}

export function streamEncoder(options: StreamEncoderOptions = {}): StreamEncoder {
  return new MessageStreamEncoder(options)
}

/** A block that was started and has not ended on the wire. */
interface OpenBlock {
  readonly id: number
  /** What came while an earlier block was being told: the wire tells one block after the other. */
  readonly waiting: BlockChunk[]
}

class MessageStreamEncoder implements StreamEncoder {
  readonly #options: StreamEncoderOptions
  // the first is being told
  readonly #blocks: OpenBlock[] = []
  #index = -1
  // what the plain deltas of the block that is being told begin with
  #prefix = ''
  #startExtra: JsonObject = {}
  // whether the thoughts that are being told are of this dialect
  #signs = false

  constructor(options: StreamEncoderOptions) {
    this.#options = options
  }

  encode(batch: readonly MessageChunk[]): string {
    let text = ''
    for (const chunk of batch) {
      if (chunk.type === 'text-delta' && chunk.extra === undefined && chunk.id === this.#blocks[0]?.id)
        text += `${this.#prefix}"text_delta","text":${JSON.stringify(chunk.text)}}}\n\n`
      else text += this.#chunk(chunk)
    }
    return text
  }

  error(error: SwitchyardError): string {
    return event('error', encodeError(error).body)
  }

  #chunk(chunk: MessageChunk): string {
    switch (chunk.type) {
      case 'start':
        return this.#start(chunk)
      case 'ping':
        return event('ping', { type: 'ping' })
      case 'target':
        return ''
      case 'finish':
        return this.#finish(chunk)
      default:
        return this.#inTurn(chunk)
    }
  }

  #start(start: StartChunk): string {
    const { model: _, usage, stop_reason: __, ...extra } = extraOf(start, dialect)
    // of a whole answer that is told as a stream
    this.#startExtra = extraOf(start, dialect)
    const { stop_details: ___, ...beginning } = extra
    const message = { ...encodedStart(start, beginning, this.#options), usage: usage ?? encodeUsage(undefined) }
    return event('message_start', { type: 'message_start', message })
  }

  /** The events of one block's chunk, or of none while another block is being told. */
  #inTurn(chunk: BlockChunk): string {
    if (chunk.type.endsWith('-start')) {
      if (chunk.type === 'opaque-start' && chunk.origin !== dialect) return ''
      this.#blocks.push({ id: chunk.id, waiting: [chunk] })
    } else this.#blocks.find(({ id }) => id === chunk.id)?.waiting.push(chunk)
    return this.#tellWaiting()
  }

  #tellWaiting(): string {
    let text = ''
    for (let block = this.#blocks[0]; block !== undefined; block = this.#blocks[0]) {
      const ended = block.waiting.at(-1)?.type.endsWith('-end')
      for (const chunk of block.waiting.splice(0)) text += this.#tell(chunk)
      if (!ended) break
      this.#blocks.shift()
    }
    return text
  }

  #tell(chunk: BlockChunk): string {
    switch (chunk.type) {
      case 'text-start': {
        const { citations, ...extra } = extraOf(chunk, dialect)
        const listed = Array.isArray(citations) ? citations : []
        const told = citations == null ? extra : { ...extra, citations: [] }
        return this.#open(encodedText(told)) + this.#cite(listed)
      }
      case 'reasoning-start':
        this.#signs = isOwn(chunk)
        return this.#open(encodedThinking(chunk))
      case 'tool-call-start':
        return this.#open(encodedCall(chunk.callId, chunk.name, extraOf(chunk, dialect)))
      case 'opaque-start': {
        const [block, ...deltas] = Array.isArray(chunk.value) ? (chunk.value as readonly JsonValue[]) : [chunk.value]
        return this.#open(block ?? null) + deltas.map(delta => this.#delta(delta)).join('')
      }
      case 'text-delta': {
        const said = chunk.text === '' ? '' : this.#delta({ type: 'text_delta', text: chunk.text })
        const { citations } = extraOf(chunk, dialect)
        return said + this.#cite(Array.isArray(citations) ? citations : [])
      }
      case 'reasoning-delta':
        return this.#delta({ type: 'thinking_delta', thinking: chunk.text })
      case 'tool-call-delta':
        return this.#delta({ type: 'input_json_delta', partial_json: chunk.text })
      case 'opaque-delta':
        return this.#delta(chunk.value)
      case 'reasoning-end': {
        const { signature } = chunk
        const signed =
          signature === undefined || !this.#signs ? '' : this.#delta({ type: 'signature_delta', signature })
        return signed + this.#close()
      }
      default:
        return this.#close()
    }
  }

  #open(block: JsonValue): string {
    this.#index++
    this.#prefix = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{"type":`
    const started = { type: 'content_block_start', index: this.#index, content_block: block }
    return event('content_block_start', started)
  }

  #cite(citations: readonly JsonValue[]): string {
    return citations.map(citation => this.#delta({ type: 'citations_delta', citation })).join('')
  }

  #delta(delta: JsonValue): string {
    return event('content_block_delta', { type: 'content_block_delta', index: this.#index, delta })
  }

  #close(): string {
    return event('content_block_stop', { type: 'content_block_stop', index: this.#index })
  }

  #finish(finish: FinishChunk): string {
    const extra = { ...this.#startExtra, ...extraOf(finish, dialect) }
    const stop = encodedStop(finish, extra.stop_reason, extra.stop_details)
    const delta = { container: extra.container ?? null, ...stop }
    const end = { type: 'message_delta', delta, usage: encodeDeltaUsage(finish.usage, this.#startExtra.usage) }
    return event('message_delta', end) + event('message_stop', { type: 'message_stop' })
  }
}

function event(name: string, data: JsonObject): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
