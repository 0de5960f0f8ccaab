import { checkedBaseURL, secretsIn, type TransportRequest, type WireCall } from '@switchyard/transport'

export interface EndpointOptions {
  readonly id: string
  readonly baseURL: string
  readonly apiKey?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly organization?: string
  readonly project?: string
}

/** A server's address with the headers that every request to it carries. */
export class Endpoint {
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #prefix: string
  readonly #query: string
  readonly #headers: Readonly<Record<string, string>>

  /** @throws {SwitchyardError} `invalid-request` for an address that cannot be used. */
  constructor({ id, baseURL, apiKey, headers = {}, organization, project }: EndpointOptions) {
    const url = checkedBaseURL(id, baseURL)
    this.#prefix = url.origin + (url.pathname === '/' ? '' : url.pathname)
    this.#query = url.search
    const key = apiKey === undefined || apiKey === '' || apiKey === 'none' ? undefined : apiKey
    const own: Record<string, string> = { 'user-agent': 'switchyard' }
    if (key !== undefined) own.authorization = `Bearer ${key}`
    if (organization) own['openai-organization'] = organization
    if (project) own['openai-project'] = project
    for (const [name, value] of Object.entries(headers)) own[name.toLowerCase()] = value
    this.#headers = own
    this.secrets = secretsIn(own)
  }

  request({ method, path, body, headers: given, signal, timeouts, traceParent, about }: WireCall): TransportRequest {
    const headers: Record<string, string> = {
      accept: 'application/json, text/event-stream',
      ...this.#headers,
      ...given,
    }
    if (traceParent !== undefined) headers.traceparent = traceParent
    const request = { url: this.#prefix + path + this.#query, method, headers, signal, timeouts, about }
    if (body === undefined) return request
    headers['content-type'] = 'application/json'
    return { ...request, body: JSON.stringify(body) }
  }
}
