import type {
  BlockChunk,
  DialectExtra,
  FinishChunk,
  MessageChunk,
  StartChunk,
  SwitchyardError,
} from '@switchyard/core/contract'
import { extraOf, keepExtra } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { toolArgumentsText } from '../tool-arguments.ts'
import { timeText } from './answer-start.ts'
import { encodeError } from './encode-error.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { answerFields, dialect, messageFields } from './names.ts'
import { encodeToolCall } from './tool-calls.ts'
import { encodeUsage } from './usage.ts'

export interface StreamEncoderOptions {
  /** Stands in every line instead of the answer's own `provider/model`. */
  readonly model?: string
  /** Seconds since 1970, where the answer does not say. */
  readonly created?: number
}

/** Writes one answer as lines of JSON. */
export interface StreamEncoder {
  /** The lines of these chunks, as one text to write at once. */
  encode(batch: readonly MessageChunk[]): string
  /** The line that tells why the answer broke; nothing follows it. */
  error(error: SwitchyardError): string
}

export function streamEncoder(options: StreamEncoderOptions = {}): StreamEncoder {
  return new ChatStreamEncoder(options)
}

const tail = '},"done":false}\n'

class ChatStreamEncoder implements StreamEncoder {
  readonly #options: StreamEncoderOptions
  #start: StartChunk | undefined
  // what every line begins with, up to the message's content
  #head = ''
  #top: JsonDraft = {}
  readonly #calls = new Map<number, BlockChunk & { readonly type: 'tool-call-start' }>()
  #called = 0

  constructor(options: StreamEncoderOptions) {
    this.#options = options
  }

  encode(batch: readonly MessageChunk[]): string {
    let text = ''
    for (const chunk of batch) {
      if (chunk.type === 'text-delta' && chunk.extra === undefined) {
        text += `${this.#head}${JSON.stringify(chunk.text)}${tail}`
      } else text += this.#chunk(chunk)
    }
    return text
  }

  error(error: SwitchyardError): string {
    return `${JSON.stringify(encodeError(error).body)}\n`
  }

  #chunk(chunk: MessageChunk): string {
    switch (chunk.type) {
      case 'start':
        this.#begin(chunk)
        return ''
      case 'target':
        if (this.#start !== undefined) this.#begin({ ...this.#start, model: chunk.model })
        return ''
      case 'text-delta':
        return this.#line({ content: chunk.text }, chunk.extra)
      case 'reasoning-delta':
        return this.#line({ content: '', thinking: chunk.text }, chunk.extra)
      case 'tool-call-start':
        this.#calls.set(chunk.id, chunk)
        return ''
      case 'tool-call-end':
        return this.#call(chunk)
      case 'finish':
        return this.#finish(chunk)
      default:
        return ''
    }
  }

  #begin(start: StartChunk): void {
    this.#start = start
    const { model: _, done_reason: __, ...rest } = extraOf(start, dialect)
    const { model, created = 0 } = this.#options
    this.#top = {
      model: model ?? start.model,
      ...rest,
      created_at: timeText(start.created ?? created),
      ...(start.simulated && { simulated: true }),
    }
    this.#head = `${JSON.stringify(this.#top).slice(0, -1)},"message":{"role":"assistant","content":`
  }

  #line(message: JsonDraft, extra: DialectExtra | undefined): string {
    const told = { role: 'assistant', ...message, ...extra?.[messageFields] }
    return `${JSON.stringify({ ...this.#top, message: told, done: false, ...extra?.[answerFields] })}\n`
  }

  #call(chunk: BlockChunk & { readonly type: 'tool-call-end' }): string {
    const start = this.#calls.get(chunk.id)
    if (start === undefined) return ''
    this.#calls.delete(chunk.id)
    // what the model wrote in place of a call is text here too
    if (chunk.invalid !== undefined) return this.#line({ content: toolArgumentsText(chunk) }, undefined)
    const { callId: id, name, extra } = start
    const call = encodeToolCall(
      { type: 'tool-call', id, name, input: chunk.input, ...keepExtra(dialect, extra?.[dialect] ?? {}) },
      this.#called++,
    )
    return this.#line({ content: '', tool_calls: [call] }, undefined)
  }

  #finish({ reason, usage, extra }: FinishChunk): string {
    // a whole answer told as chunks has its fields on its start
    const fields = extra ?? this.#start?.extra
    const word = fields?.[dialect]?.done_reason
    const line = {
      ...this.#top,
      message: { role: 'assistant', content: '', ...fields?.[messageFields] },
      done: true,
      done_reason: reason === 'other' && word !== undefined ? word : encodeFinishReason(reason),
      ...fields?.[answerFields],
      ...(usage && encodeUsage(usage)),
    }
    return `${JSON.stringify(line)}\n`
  }
}
