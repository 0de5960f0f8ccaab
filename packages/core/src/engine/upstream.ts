import type { Clock } from '../clock/clock.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { CallContext, IAIProvider } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { MessageResponse } from '../contract/response.ts'
import type { MessageStream } from '../contract/stream.ts'
import type { AttemptProgress } from './settlement.ts'

type Batch = readonly MessageChunk[]

/** Hears what a provider sends, and nothing once that is over. What it throws is heard as the end. */
export interface UpstreamListener {
  /** A read begins. */
  reading(): void
  received(batch: Batch): void
  answered(response: MessageResponse): void
  broke(error: unknown): void
}

/** The provider's side of one try: the request on its way, and what comes of it, one read at a time. */
export class Upstream {
  readonly #clock: Clock
  readonly #listener: UpstreamListener
  readonly #controller = new AbortController()
  #stream: MessageStream | undefined
  #batches: AsyncIterator<Batch> | undefined
  #progress: AttemptProgress = 'unsent'
  #plain = false
  #reading = false
  #over = false

  constructor(clock: Clock, listener: UpstreamListener) {
    this.#clock = clock
    this.#listener = listener
  }

  get progress(): AttemptProgress {
    return this.#progress
  }

  /** Aborts with it. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** `plain`: the answer comes in one piece. */
  send(provider: IAIProvider, request: MessageRequest, context: CallContext, plain: boolean): void {
    if (this.#over) return
    this.#progress = 'sent'
    this.#plain = plain
    try {
      provider.sendMessage(request, context).then(this.#opened, this.#broken)
    } catch (error) {
      this.#broken(error)
    }
  }

  /** Reads on, where no read is on its way. */
  read(): void {
    if (this.#over || this.#reading) return
    this.#reading = true
    this.#listener.reading()
    this.#next()
  }

  /** The answer is complete. */
  end(): void {
    this.#over = true
  }

  /** Closes everything, at once. */
  abort(reason: SwitchyardError): void {
    this.#over = true
    this.#controller.abort(reason)
    if (this.#stream !== undefined) cancel(this.#stream, reason)
  }

  readonly #opened = (stream: MessageStream): void => {
    if (this.#over) {
      cancel(stream)
      return
    }
    this.#stream = stream
    this.#progress = 'opened'
    try {
      if (this.#plain) {
        stream.response().then(this.#answered, this.#broken)
        return
      }
      this.#batches = stream.batches()
      this.read()
    } catch (error) {
      this.#broken(error)
    }
  }

  readonly #next = (): void => {
    if (this.#over) return
    try {
      ;(this.#batches as AsyncIterator<Batch>).next().then(this.#received, this.#broken)
    } catch (error) {
      this.#broken(error)
    }
  }

  readonly #received = (result: IteratorResult<Batch>): void => {
    if (this.#over) return
    try {
      if (result.done === true)
        throw new SwitchyardError('truncated', 'The stream ended before the answer was finished.')
      if (result.value.length === 0) {
        // is silence; who has nothing at once and forever would let nobody else run
        void this.#clock.turn().then(this.#next)
        return
      }
      this.#reading = false
      this.#listener.received(result.value)
    } catch (error) {
      this.#broken(error)
    }
  }

  readonly #answered = (response: MessageResponse): void => {
    if (this.#over) return
    try {
      this.#listener.answered(response)
    } catch (error) {
      this.#broken(error)
    }
  }

  readonly #broken = (error: unknown): void => {
    if (!this.#over) this.#listener.broke(error)
  }
}

/** Cancels without waiting: how a provider takes it holds nobody up. */
function cancel(stream: MessageStream, reason?: unknown): void {
  try {
    Promise.resolve(stream.cancel(reason)).catch(ignore)
  } catch {
    // it is over for us in any case
  }
}

function ignore(): void {}
