import type {
  BlockChunk,
  FinishChunk,
  JsonObject,
  MessageChunk,
  StartChunk,
  SwitchyardError,
  ToolCallPart,
} from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { isObject } from '../json.ts'
import { encodeError } from './encode-error.ts'
import { candidateFields, type EncodeResponseOptions, encodeAnswerHead } from './encode-response.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { encodeAnswerCall } from './function-calls.ts'
import { dialect } from './names.ts'
import { encodeUsage } from './usage.ts'

/** Writes one answer as server-sent events. */
export interface StreamEncoder {
  /** The events of these chunks, as one text to write at once. */
  encode(batch: readonly MessageChunk[]): string
  /** The event that tells why the answer broke; nothing follows it. */
  error(error: SwitchyardError): string
}

export function streamEncoder(options: EncodeResponseOptions = {}): StreamEncoder {
  return new GeminiStreamEncoder(options)
}

interface OpenBlock {
  readonly choice: number
  readonly thought: boolean
  /** What a whole answer told as chunks says of a text before it, and a stream after it. */
  readonly fields: JsonObject
  /** Of a tool call, until its end tells the arguments. */
  readonly call?: BlockChunk & { readonly type: 'tool-call-start' }
}

class GeminiStreamEncoder implements StreamEncoder {
  readonly #options: EncodeResponseOptions
  readonly #blocks = new Map<number, OpenBlock>()
  #start: StartChunk | undefined
  // what every event ends with, after its candidates
  #tail = '}\r\n\r\n'

  constructor(options: EncodeResponseOptions) {
    this.#options = options
  }

  encode(batch: readonly MessageChunk[]): string {
    let text = ''
    for (const chunk of batch) text += this.#chunk(chunk)
    return text
  }

  error(error: SwitchyardError): string {
    return `data: ${JSON.stringify(encodeError(error).body)}\r\n\r\n`
  }

  #chunk(chunk: MessageChunk): string {
    switch (chunk.type) {
      case 'start':
        this.#begin(chunk)
        return ''
      case 'ping':
        return ': ping\r\n\r\n'
      case 'target':
        if (this.#start !== undefined) this.#begin({ ...this.#start, model: chunk.model })
        return ''
      case 'finish':
        return this.#finish(chunk)
      default:
        return this.#block(chunk)
    }
  }

  #begin(start: StartChunk): void {
    this.#start = start
    this.#tail = `,${JSON.stringify(encodeAnswerHead(start, this.#options)).slice(1)}\r\n\r\n`
  }

  #block(chunk: BlockChunk): string {
    switch (chunk.type) {
      case 'text-start':
      case 'reasoning-start':
      case 'tool-call-start':
        this.#blocks.set(chunk.id, {
          choice: chunk.choice ?? 0,
          thought: chunk.type === 'reasoning-start',
          fields: extraOf(chunk, dialect),
          ...(chunk.type === 'tool-call-start' && { call: chunk }),
        })
        return ''
      case 'text-delta':
      case 'reasoning-delta':
        return this.#text(chunk.id, chunk.text, extraOf(chunk, dialect))
      case 'text-end':
        return this.#endText(chunk.id, extraOf(chunk, dialect))
      case 'reasoning-end': {
        const signed = chunk.signature === undefined ? {} : { thoughtSignature: chunk.signature }
        return this.#endText(chunk.id, { ...extraOf(chunk, dialect), ...signed })
      }
      case 'tool-call-end':
        return this.#endCall(chunk)
      case 'opaque-start':
        if (chunk.origin !== dialect || !isObject(chunk.value)) return ''
        return this.#event(chunk.choice ?? 0, chunk.value)
      default:
        return ''
    }
  }

  #text(id: number, text: string, fields: JsonObject): string {
    const block = this.#blocks.get(id)
    if (block === undefined) return ''
    return this.#event(block.choice, { ...fields, text, ...(block.thought && { thought: true }) })
  }

  // the text went out before its signature was known, which follows on a part of its own
  #endText(id: number, fields: JsonObject): string {
    const { signedFrom: _, ...all } = { ...this.#blocks.get(id)?.fields, ...fields }
    const told = Object.keys(all).length === 0 ? '' : this.#text(id, '', all)
    this.#blocks.delete(id)
    return told
  }

  #endCall(chunk: BlockChunk & { readonly type: 'tool-call-end' }): string {
    const block = this.#blocks.get(chunk.id)
    this.#blocks.delete(chunk.id)
    if (block?.call === undefined) return ''
    const { callId, name, extra } = block.call
    const part: ToolCallPart = {
      type: 'tool-call',
      id: callId,
      name,
      input: chunk.input ?? {},
      ...(extra && { extra }),
    }
    return this.#event(block.choice, encodeAnswerCall(part))
  }

  #event(index: number, part: JsonObject): string {
    const candidate = { content: { parts: [part], role: 'model' }, index }
    return `data: {"candidates":[${JSON.stringify(candidate)}]${this.#tail}`
  }

  #finish(chunk: FinishChunk): string {
    const candidates = [{ ...chunk, choice: 0 }, ...(chunk.otherChoices ?? [])].map(end => ({
      ...candidateFields(end),
      finishReason: encodeFinishReason(end.reason, end.rawReason),
      index: end.choice,
    }))
    const usage = chunk.usage === undefined ? '' : `,"usageMetadata":${JSON.stringify(encodeUsage(chunk.usage))}`
    return `data: {"candidates":${JSON.stringify(candidates)}${usage}${this.#tail}`
  }
}
