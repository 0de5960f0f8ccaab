import type { UnderlyingByteSource } from 'node:stream/web'
import { isSwitchyardError, SwitchyardError } from '@switchyard/core/contract'
import type { BodyReader } from './body-reader.ts'
import type { RawHeaders } from './exchange.ts'
import type { WireResponse } from './wire-request.ts'

const bodylessStatuses = new Set([101, 103, 204, 205, 304])

// a web stream is made only for those who ask for one
const unread = new WeakMap<Response, BodyReader>()

/**
 * The body of a response that our `fetch` gave, past its web stream. The response must not be read
 * otherwise, before or after.
 * @throws {TypeError} for other responses, and those already being read.
 */
export function bodyReader(response: Response): BodyReader {
  const reader = unread.get(response)
  if (reader === undefined) throw new TypeError("This response's body is not there to be read.")
  unread.delete(response)
  return reader
}

interface ResponseHead {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
}

// typed without its members, which the compiler would not let a getter override
const PlatformResponse = Response as unknown as new (body: null, head: ResponseHead) => object

/** Makes a platform `Response` whose stream comes to be when somebody looks at it. */
export function transportResponse(response: WireResponse, origin: ResponseOrigin): Response {
  if (response.status > 599) {
    response.body.cancel()
    throw new SwitchyardError('protocol', `The server answered with the status ${response.status}, which HTTP has not.`)
  }
  const made = new TransportResponse(response, origin) as object as Response
  if (!origin.bodyless && !bodylessStatuses.has(response.status)) unread.set(made, response.body)
  return made
}

/** The request that a response answers. */
export interface ResponseOrigin {
  readonly url: string
  readonly redirected: boolean
  /** The method allows no body. */
  readonly bodyless: boolean
  readonly signal: AbortSignal | undefined
}

class TransportResponse extends PlatformResponse {
  readonly #head: ResponseHead
  readonly #origin: ResponseOrigin
  #inner: Response | undefined

  constructor(response: WireResponse, origin: ResponseOrigin) {
    const head = {
      status: response.status,
      statusText: response.statusText,
      headers: platformHeaders(response.rawHeaders),
    }
    super(null, head)
    this.#head = head
    this.#origin = origin
  }

  get url(): string {
    return this.#origin.url
  }

  get redirected(): boolean {
    return this.#origin.redirected
  }

  get body(): Response['body'] {
    return this.#platform().body
  }

  get bodyUsed(): boolean {
    return this.#inner?.bodyUsed ?? false
  }

  text(): Promise<string> {
    return this.#platform().text()
  }

  json(): Promise<unknown> {
    return this.#platform().json()
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#platform().arrayBuffer()
  }

  bytes(): Promise<Uint8Array> {
    return this.#platform().bytes()
  }

  blob(): Promise<Blob> {
    return this.#platform().blob()
  }

  formData(): Promise<FormData> {
    return this.#platform().formData()
  }

  clone(): Response {
    return this.#platform().clone()
  }

  #platform(): Response {
    if (this.#inner === undefined) {
      const response = this as object as Response
      const body = this.#bodyless ? null : webStream(bodyReader(response), this.#origin.signal)
      this.#inner = new Response(body, this.#head)
    }
    return this.#inner
  }

  get #bodyless(): boolean {
    return this.#origin.bodyless || bodylessStatuses.has(this.#head.status)
  }
}

function platformHeaders(raw: RawHeaders): Headers {
  const headers = new Headers()
  for (const name in raw) {
    const value = raw[name]
    if (typeof value === 'string') headers.append(name, value)
    else for (const one of value ?? []) headers.append(name, one)
  }
  return headers
}

function webStream(reader: BodyReader, signal: AbortSignal | undefined): ReadableStream {
  const source: UnderlyingByteSource = {
    type: 'bytes',
    async pull(controller) {
      let bytes: Uint8Array | undefined
      try {
        bytes = await reader.read()
      } catch (error) {
        throw signal?.aborted && isSwitchyardError(error, 'aborted') ? signal.reason : error
      }
      // a byte stream takes the memory over, and this piece shares it with others
      if (bytes !== undefined) return controller.enqueue(new Uint8Array(bytes))
      controller.close()
      controller.byobRequest?.respond(0)
    },
    cancel: reason => reader.cancel(reason),
  }
  return new ReadableStream(source, { highWaterMark: 0 })
}
