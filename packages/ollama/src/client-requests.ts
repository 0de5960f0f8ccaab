import { SwitchyardError } from '@switchyard/core/contract'
import { checkedBaseURL, secretsIn, type TransportRequest, type WireCall } from '@switchyard/transport'
// the other entry of the client reads images from disk where their data looks like a path
import { type ChatRequest, type EmbedRequest, Ollama, type ShowRequest } from 'ollama/browser'

export interface ClientRequestsOptions {
  readonly id: string
  readonly baseURL: string
  readonly apiKey?: string
  readonly headers?: Readonly<Record<string, string>>
}

type Streamed = ChatRequest & { stream: true }
type Question = (client: Ollama, body: unknown) => Promise<unknown>

const questions: Readonly<Record<string, Question>> = {
  '/api/chat': (client, body) => client.chat(copied(body as Streamed)),
  '/api/embed': (client, body) => client.embed(body as EmbedRequest),
  '/api/show': (client, body) => client.show(body as ShowRequest),
  '/api/tags': client => client.list(),
}

/** Requests as the official client builds them. It sends none: answers, aborts and time limits are ours. */
export class ClientRequests {
  /** Where the server is, without a query. */
  readonly host: string
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #query: string
  readonly #headers: Readonly<Record<string, string>>

  /** @throws {SwitchyardError} `invalid-request` for an address that cannot be used. */
  constructor({ id, baseURL, apiKey, headers = {} }: ClientRequestsOptions) {
    const url = checkedBaseURL(id, baseURL)
    this.host = url.origin + (url.pathname === '/' ? '' : url.pathname)
    this.#query = url.search
    this.#headers = {
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    }
    this.secrets = secretsIn(this.#headers)
  }

  async request({ path, body, headers, traceParent, ...call }: WireCall): Promise<TransportRequest> {
    const own: Record<string, string> = { ...this.#headers, ...headers }
    if (traceParent !== undefined) own.traceparent = traceParent
    const { url, init } = await this.#built(path, body, own, call.about)
    const built = init.headers as Record<string, string>
    // the client takes a key from the environment for its maker's own server
    if (own.authorization === undefined) delete built.Authorization
    const request = { ...call, url: url + this.#query, headers: built }
    return typeof init.body === 'string' ? { ...request, body: init.body } : request
  }

  async #built(path: string, body: unknown, headers: Record<string, string>, about: WireCall['about']) {
    let built: { readonly url: string; readonly init: RequestInit } | undefined
    const client = new Ollama({
      host: this.host,
      headers,
      fetch: async (url, init = {}) => {
        built = { url: String(url), init }
        return new Response('{}')
      },
    })
    await questions[path]?.(client, body)
    if (built === undefined) throw new SwitchyardError('invalid-request', `The client has no call for ${path}.`, about)
    return built
  }
}

// the client writes into the messages it is given
function copied(request: Streamed): Streamed {
  const { messages } = request
  return messages === undefined ? request : { ...request, messages: messages.map(message => ({ ...message })) }
}
