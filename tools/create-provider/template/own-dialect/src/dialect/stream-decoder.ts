import { type JsonObject, type MessageChunk, SwitchyardError, type Usage } from '@switchyard/core/contract'
import {
  type AnswerContext,
  callDetails,
  isObject,
  redact,
  ServerSentEventParser,
  type StreamDecoder,
  shorten,
  targetName,
} from '@switchyard/dialects/building-blocks'
import { decodeUsage, finishReason } from './answer-words.ts'
import { decodeErrorValue } from './decode-error.ts'

/** Reads the events of one streamed answer: `start`, any number of `text`, `usage`, `end`; or `error`. */
export function streamDecoder(context: AnswerContext): StreamDecoder {
  return new EventDecoder(context)
}

class EventDecoder implements StreamDecoder {
  state: 'open' | 'finished' | 'failed' = 'open'
  readonly #context: AnswerContext
  readonly #parser = new ServerSentEventParser()
  #started = false
  #speaking = false
  #usage: Usage | undefined
  #error: unknown

  constructor(context: AnswerContext) {
    this.#context = context
  }

  decode(bytes: Uint8Array): readonly MessageChunk[] {
    return this.#collected(out => this.#events(this.#parser.push(bytes), out))
  }

  end(): readonly MessageChunk[] {
    return this.#collected(out => {
      this.#events(this.#parser.end(), out)
      if (this.state === 'open') throw this.#fault('truncated', 'the stream ended before the answer did')
    })
  }

  // what came before a failure in the same read is shown first; the next call throws it
  #collected(read: (out: MessageChunk[]) => void): readonly MessageChunk[] {
    if (this.#error !== undefined) throw this.#error
    const out: MessageChunk[] = []
    try {
      read(out)
    } catch (error) {
      this.#error = error
      this.state = 'failed'
      if (out.length === 0) throw error
    }
    return out
  }

  #events(events: ReturnType<ServerSentEventParser['push']>, out: MessageChunk[]): void {
    for (const event of events) {
      if (this.state !== 'open') return
      if (event.type === 'event') this.#event(this.#parsed(event.data), out)
      else if (this.#started) out.push({ type: 'ping' })
    }
  }

  #parsed(data: string): JsonObject {
    let wire: unknown
    try {
      wire = JSON.parse(data)
    } catch {
      // no JSON is no event either
    }
    if (isObject(wire)) return wire
    throw this.#fault('protocol', `this is no event: ${data}`)
  }

  #event(wire: JsonObject, out: MessageChunk[]): void {
    const { type } = wire
    if (type === 'error') throw decodeErrorValue(wire.error, this.#context)
    if (type === 'start' && !this.#started) this.#start(wire, out)
    else if (!this.#started) throw this.#fault('protocol', `the stream begins with ${JSON.stringify(type)}`)
    else if (type === 'text' && typeof wire.text === 'string') this.#text(wire.text, out)
    else if (type === 'usage') this.#usage = decodeUsage(wire)
    else if (type === 'end' && typeof wire.ended === 'string') this.#end(wire.ended, out)
    else throw this.#fault('protocol', `nobody knows this event: ${JSON.stringify(wire)}`)
  }

  #start(wire: JsonObject, out: MessageChunk[]): void {
    this.#started = true
    out.push({
      type: 'start',
      ...(typeof wire.id === 'string' && { id: wire.id }),
      model: targetName(this.#context),
      ...(wire.simulated === true && { simulated: true }),
    })
  }

  #text(text: string, out: MessageChunk[]): void {
    if (!this.#speaking) out.push({ type: 'text-start', id: 0 })
    this.#speaking = true
    out.push({ type: 'text-delta', id: 0, text })
  }

  #end(word: string, out: MessageChunk[]): void {
    this.state = 'finished'
    const reason = finishReason(word)
    if (this.#speaking) out.push({ type: 'text-end', id: 0, complete: reason !== 'length' })
    out.push({ type: 'finish', reason, rawReason: word, ...(this.#usage && { usage: this.#usage }) })
  }

  #fault(kind: 'protocol' | 'truncated', what: string): SwitchyardError {
    const said = shorten(redact(what, this.#context.secrets), 200)
    return new SwitchyardError(kind, `${targetName(this.#context)}: ${said}.`, callDetails(this.#context))
  }
}
