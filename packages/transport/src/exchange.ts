import type { Socket } from 'node:net'
import { abortedError, type ErrorDetails, SwitchyardError, type TransportTimeouts } from '@switchyard/core/contract'
import type { Dispatcher } from 'undici'
import type { BodyReader, HeaderReader } from './body-reader.ts'
import type { ConnectionSeeker } from './connections.ts'
import { networkError } from './network-error.ts'
import type { WireRequest } from './wire-request.ts'

// undici stops reading the socket while more than this waits to be read here
const highWaterMark = 64 * 1024
// what may still come of a body that nobody needs any more, for its connection to be kept
const releasedBytes = 64 * 1024
const releasedMs = 1000

export type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The beginning of an answer. */
export interface ResponseHead {
  readonly status: number
  readonly statusText: string
  readonly headers: RawHeaders
}

/** Who keeps account of exchanges. */
export interface ExchangeOwner {
  /** Nobody waits for the rest of its answer. */
  released(exchange: Exchange): void
  /** Its socket is free, or closed. */
  ended(exchange: Exchange): void
}

/** One request and its answer: the phases until the headers, then the body. */
export class Exchange implements Dispatcher.DispatchHandler, ConnectionSeeker, BodyReader {
  readonly head: Promise<ResponseHead>
  readonly #place: string
  readonly #signal: AbortSignal | undefined
  readonly #timeouts: TransportTimeouts
  readonly #about: ErrorDetails | undefined
  readonly #owner: ExchangeOwner
  #resolveHead!: (head: ResponseHead) => void
  #rejectHead!: (error: SwitchyardError) => void
  #controller: Dispatcher.DispatchController | undefined
  #opening: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #queue: Uint8Array[] = []
  #queued = 0
  #wake: (() => void) | undefined
  #state: 'head' | 'body' | 'ended' | 'failed' = 'head'
  #error: SwitchyardError | undefined
  #released = false

  constructor(
    place: string,
    { signal, about }: Pick<WireRequest, 'signal' | 'about'>,
    timeouts: TransportTimeouts,
    owner: ExchangeOwner,
  ) {
    this.#place = place
    this.#signal = signal
    this.#timeouts = timeouts
    this.#about = about
    this.#owner = owner
    this.head = new Promise((resolve, reject) => {
      this.#resolveHead = resolve
      this.#rejectHead = reject
    })
    signal?.addEventListener('abort', this.#onAbort)
  }

  connecting(socket: Socket): void {
    this.#opening = socket
    this.#limit('connect', this.#timeouts.connectMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#opening = undefined
    if (this.#error === undefined) this.#limit('headers', this.#timeouts.headersMs)
    else controller.abort(this.#error)
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: RawHeaders,
    statusText?: string,
  ): void {
    if (status < 200 || this.#state !== 'head') return
    clearTimeout(this.#timer)
    this.#state = 'body'
    this.#resolveHead({ status, headers, statusText: statusText ?? '' })
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Uint8Array): void {
    if (this.#state !== 'body') return
    this.#queued += bytes.length
    if (this.#released) {
      if (this.#queued > releasedBytes) this.cancel()
      return
    }
    this.#queue.push(bytes)
    if (this.#queued > highWaterMark) controller.pause()
    this.#wake?.()
  }

  onResponseEnd(): void {
    if (this.#state === 'body') this.#end('ended')
  }

  onResponseError(_controller: unknown, cause: Error): void {
    this.#fail(networkError(cause, this.#place))
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#released) return undefined
      if (this.#queue.length > 0) {
        // the answer had arrived whole, and its caller no longer wants what is left of it
        if (this.#signal?.aborted) this.abort(abortedError(this.#signal.reason))
        else return this.#take()
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#state === 'ended') return undefined
      // waking comes before all that one socket read held is queued, the next turn of this loop after it
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  cancel(reason?: unknown): void {
    this.abort(abortedError(reason))
  }

  release(): void {
    if (this.#released || this.#state === 'failed') return
    this.#released = true
    this.#queue = []
    this.#queued = 0
    this.#wake?.()
    if (this.#state === 'ended') return
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#timer = setTimeout(() => this.cancel(), releasedMs).unref()
    this.#owner.released(this)
    if (this.#controller?.paused) this.#controller.resume()
  }

  /** Ends the exchange with this error and closes its socket, wherever it has got to. */
  abort(error: SwitchyardError): void {
    this.#queue = []
    this.#queued = 0
    if (this.#state === 'ended') {
      this.#error ??= error
      return
    }
    this.#fail(error)
    if (this.#controller !== undefined) this.#controller.abort(error)
    else this.#opening?.destroy(error)
  }

  #take(): Uint8Array {
    const queue = this.#queue
    const bytes = queue.length === 1 ? (queue[0] as Uint8Array) : Buffer.concat(queue, this.#queued)
    this.#queue = []
    this.#queued = 0
    if (this.#controller?.paused) this.#controller.resume()
    return bytes
  }

  #limit(phase: 'connect' | 'headers', ms: number | undefined): void {
    clearTimeout(this.#timer)
    if (ms === undefined) return
    this.#timer = setTimeout(() => this.abort(timeoutError(phase, ms, this.#place)), Math.min(ms, 2 ** 31 - 1))
  }

  #fail(error: SwitchyardError): void {
    if (this.#state === 'ended' || this.#state === 'failed') return
    // an abort's reason stays the very error that its caller gave
    // until undici has a socket to write the request to, none of it has left
    const unsent = this.#controller === undefined
    const own = (unsent || this.#about !== undefined) && error !== this.#signal?.reason
    this.#error = own ? error.with({ ...this.#about, ...(unsent && { unsent }) }) : error
    if (this.#state === 'head') this.#rejectHead(this.#error)
    this.#end('failed')
  }

  #end(state: 'ended' | 'failed'): void {
    this.#state = state
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#wake?.()
    this.#owner.ended(this)
  }

  readonly #onAbort = (): void => this.abort(abortedError(this.#signal?.reason))
}

/** Headers as undici gives them, by name in any case. */
export function headerReader(headers: RawHeaders): HeaderReader {
  return {
    get(name) {
      const value = headers[name.toLowerCase()]
      if (value === undefined) return null
      return typeof value === 'string' ? value : value.join(', ')
    },
  }
}

function timeoutError(phase: 'connect' | 'headers', ms: number, place: string): SwitchyardError {
  const message =
    phase === 'connect'
      ? `No connection to ${place} within ${ms} ms.`
      : `${place} sent no response headers within ${ms} ms.`
  return new SwitchyardError('timeout', message, { phase })
}
