import type { MessageChunk } from '@switchyard/core/contract'
import { FramedStreamDecoder } from './framed-stream-decoder.ts'
import { type ServerSentComment, type ServerSentEvent, ServerSentEventParser } from './framing/server-sent-events.ts'
import { isJson } from './json.ts'

const ping: MessageChunk = { type: 'ping' }

/** Reads an answer that comes as server-sent events. Signs of life are told once a read, when the answer has begun. */
export abstract class EventStreamDecoder extends FramedStreamDecoder<ServerSentEvent | ServerSentComment> {
  #pinged = false

  constructor() {
    super(new ServerSentEventParser())
  }

  protected abstract event(event: string, data: string, out: MessageChunk[]): void
  /** Whether a ping may be told. */
  protected abstract hasBegun(): boolean
  /** Whether an event says nothing but that its server is alive. */
  protected isSignOfLife(_: ServerSentEvent): boolean {
    return false
  }

  protected override readAll(items: readonly (ServerSentEvent | ServerSentComment)[], out: MessageChunk[]): void {
    this.#pinged = false
    super.readAll(items, out)
  }

  protected override read(item: ServerSentEvent | ServerSentComment, out: MessageChunk[]): void {
    if (item.type === 'event' && !this.isSignOfLife(item)) this.event(item.event, item.data, out)
    else if (!this.#pinged && this.hasBegun()) {
      this.#pinged = true
      out.push(ping)
    }
  }

  protected override isWhole(item: ServerSentEvent | ServerSentComment): boolean {
    return item.type === 'event' && isJson(item.data)
  }
}
