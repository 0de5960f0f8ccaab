import { checkedBaseURL, secretsIn } from './base-url.ts'
import type { TransportRequest } from './transport.ts'
import type { WireCall } from './wire-protocol.ts'

export interface EndpointOptions {
  /** The provider's, for errors. */
  readonly id: string
  readonly baseURL: string
  /** Sent with every request, the key among them. */
  readonly headers: Readonly<Record<string, string>>
}

/** A server's address with the headers that every request to it carries, for providers without an SDK. */
export class Endpoint {
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #prefix: string
  readonly #query: string
  readonly #headers: Readonly<Record<string, string>>

  /** @throws {SwitchyardError} `invalid-request` for an address that cannot be used. */
  constructor({ id, baseURL, headers }: EndpointOptions) {
    const url = checkedBaseURL(id, baseURL)
    this.#prefix = url.origin + (url.pathname === '/' ? '' : url.pathname)
    this.#query = url.search
    const own: Record<string, string> = { 'user-agent': 'switchyard' }
    for (const [name, value] of Object.entries(headers)) own[name.toLowerCase()] = value
    this.#headers = own
    this.secrets = secretsIn(own)
  }

  /** A call as it is sent: its path behind the base URL's, its body as JSON. */
  request({ method, path, body, headers: given, signal, timeouts, traceParent, about }: WireCall): TransportRequest {
    const headers: Record<string, string> = {
      accept: 'application/json, text/event-stream',
      ...this.#headers,
      ...given,
    }
    if (traceParent !== undefined) headers.traceparent = traceParent
    const query = path.includes('?') ? this.#query.replace('?', '&') : this.#query
    const request = { url: this.#prefix + path + query, method, headers, signal, timeouts, about }
    if (body === undefined) return request
    headers['content-type'] = 'application/json'
    return { ...request, body: JSON.stringify(body) }
  }
}
