import {
  abortedError,
  type DisposeOptions,
  type ErrorDetails,
  SwitchyardError,
  type TransportTimeouts,
} from '@switchyard/core/contract'
import type { Dispatcher } from 'undici'
import { type BodyReader, type HeaderReader, readText } from './body-reader.ts'
import { type ConnectionOptions, Connections } from './connections.ts'
import { decodedBody } from './content-encoding.ts'
import { Exchange, type ExchangeOwner, headerReader } from './exchange.ts'
import { createFetch, type TransportFetch } from './fetch.ts'
import { parseUrl, placeOf, type WireRequest, type WireResponse } from './wire-request.ts'

export interface TransportOptions extends ConnectionOptions {
  /** Limits for calls that state none. Default: 10 s to connect, none for the headers. */
  readonly timeouts?: TransportTimeouts
}

export interface TransportRequest {
  readonly url: string | URL
  /** Default `GET`. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Closes the socket at any moment until the body has been read. */
  readonly signal?: AbortSignal | undefined
  readonly timeouts?: TransportTimeouts | undefined
  /** Put on the errors of this call, as it is when one happens. */
  readonly about?: ErrorDetails
}

export interface TransportResponse {
  readonly status: number
  readonly headers: HeaderReader
  readonly body: ResponseBody
}

export interface ResponseBody extends BodyReader {
  /** All of it as text, or its first `limit` bytes, after which its socket is closed. */
  text(limit?: number): Promise<string>
}

/** HTTP with limits for each phase and aborts that close the socket. */
export interface Transport {
  /** The platform's `fetch`, for SDKs; failures are `SwitchyardError`s, aborts the signal's reason. */
  readonly fetch: TransportFetch
  /**
   * The short road: no redirects, no web streams.
   * @throws {SwitchyardError} `timeout` with its phase, `network` with its code, `aborted`, `invalid-request`,
   * `unavailable` when disposed.
   */
  request(request: TransportRequest): Promise<TransportResponse>
  /** The same sockets for a user of their own: `inFlight` and `dispose` of a scope concern only its own calls. */
  scope(): Transport
  /** Calls whose answer has not fully arrived, and is waited for. */
  readonly inFlight: number
  /** Aborts what is in flight, or lets it finish, and closes every socket. Idempotent. */
  dispose(options?: DisposeOptions): Promise<void>
}

/** Makes a transport with sockets of its own. */
export function createTransport(options: TransportOptions = {}): Transport {
  const connections = new Connections(options)
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  return new UndiciTransport(connections, timeouts, () => connections.destroy())
}

const defaultTimeouts: TransportTimeouts = { connectMs: 10_000 }

class UndiciTransport implements Transport, ExchangeOwner {
  readonly fetch: TransportFetch
  readonly #connections: Connections
  readonly #timeouts: TransportTimeouts
  readonly #close: () => Promise<void>
  readonly #exchanges = new Set<Exchange>()
  readonly #released = new Set<Exchange>()
  readonly #scopes = new Set<Transport>()
  #disposed = false
  #closed: Promise<void> | undefined
  #onIdle: (() => void) | undefined

  constructor(connections: Connections, timeouts: TransportTimeouts, close: () => Promise<void>) {
    this.#connections = connections
    this.#timeouts = timeouts
    this.#close = close
    this.fetch = createFetch(request => this.#send(request))
  }

  get inFlight(): number {
    return this.#exchanges.size
  }

  scope(): Transport {
    if (this.#disposed) throw disposedError()
    const scope = new UndiciTransport(this.#connections, this.#timeouts, async () => void this.#scopes.delete(scope))
    this.#scopes.add(scope)
    return scope
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    const response = await this.#send({
      ...request,
      url: parseUrl(request.url),
      method: request.method ?? 'GET',
      headers: { ...request.headers },
    })
    const body = response.body as ResponseBody
    body.text = limit => readText(body, limit)
    return { status: response.status, headers: headerReader(response.rawHeaders), body }
  }

  async dispose({ drain = false }: DisposeOptions = {}): Promise<void> {
    this.#disposed = true
    await Promise.all([...this.#scopes].map(scope => scope.dispose({ drain })))
    if (drain && this.#closed === undefined && this.#exchanges.size > 0) {
      await new Promise<void>(resolve => {
        const others = this.#onIdle
        this.#onIdle = () => {
          others?.()
          resolve()
        }
      })
    }
    for (const exchange of [...this.#exchanges, ...this.#released]) {
      exchange.abort(new SwitchyardError('aborted', 'The call was aborted because its transport is disposed.'))
    }
    this.#closed ??= this.#close()
    await this.#closed
  }

  async #send(request: WireRequest): Promise<WireResponse> {
    const { url, method, headers, body, signal } = request
    if (this.#disposed) throw disposedError()
    if (signal?.aborted) throw abortedError(signal.reason)
    // compression saves little here and delays the small pieces of a stream
    headers['accept-encoding'] ??= 'identity'
    const timeouts = request.timeouts === undefined ? this.#timeouts : { ...this.#timeouts, ...request.timeouts }
    const exchange = new Exchange(placeOf(url), request, timeouts, this)
    this.#exchanges.add(exchange)
    const options = { origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null }
    this.#connections.dispatch(options as Dispatcher.DispatchOptions, exchange)
    const { status, statusText, headers: rawHeaders } = await exchange.head
    const encoding = rawHeaders['content-encoding']
    return {
      status,
      statusText,
      rawHeaders,
      body:
        encoding === undefined || encoding === 'identity'
          ? exchange
          : decodedBody(exchange, String(encoding), request.about),
    }
  }

  released(exchange: Exchange): void {
    this.#released.add(exchange)
    this.#left(exchange)
  }

  ended(exchange: Exchange): void {
    this.#released.delete(exchange)
    this.#left(exchange)
  }

  #left(exchange: Exchange): void {
    this.#exchanges.delete(exchange)
    if (this.#exchanges.size > 0) return
    this.#onIdle?.()
    this.#onIdle = undefined
  }
}

function disposedError(): SwitchyardError {
  return new SwitchyardError('unavailable', 'This transport is disposed: it takes no more calls.', {
    unsent: true,
  })
}
