import { type GenerateContentConfig, GoogleGenAI } from '@google/genai/web'
import { SwitchyardError } from '@switchyard/core/contract'
import { checkedBaseURL, secretsIn, type TransportRequest, type WireCall } from '@switchyard/transport'

export interface SdkRequestsOptions {
  readonly id: string
  readonly apiKey: string
  readonly baseURL?: string
  readonly apiVersion?: string
  readonly headers?: Readonly<Record<string, string>>
}

type Built = Pick<TransportRequest, 'url' | 'headers'>
type Config = Pick<GenerateContentConfig, 'httpOptions' | 'automaticContinuation'>

/**
 * Requests as the official SDK builds them: address, API version, key, headers. It has no public call that builds one
 * and sends nothing, but each takes a `fetch` of its own: ours keeps what it is given and ends the call. The body is
 * the dialect's alone, which `extraBody` would mix with the SDK's. All in all about 15 µs.
 */
export class SdkRequests {
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #client: GoogleGenAI

  constructor(options: SdkRequestsOptions) {
    this.#client = createClient(options)
    this.secrets = [options.apiKey, ...secretsIn(options.headers ?? {})]
  }

  /** @throws {SwitchyardError} `invalid-request` for what the SDK refuses to send. */
  async request(call: WireCall): Promise<TransportRequest> {
    const { method, path, body, headers, signal, timeouts, traceParent, about } = call
    let built: Built | undefined
    const fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
      built = { url: String(url), headers: plain(init.headers as Headers) }
      throw kept
    }
    const httpOptions = {
      fetch,
      headers: { ...headers, ...(traceParent !== undefined && { traceparent: traceParent }) },
    }
    try {
      await this.#ask(path, { httpOptions, automaticContinuation: false })
    } catch {
      // it is what ended the call, or what the SDK says of a request that it will not make: its words may hold secrets
    }
    if (built === undefined)
      throw new SwitchyardError('invalid-request', 'The @google/genai SDK refused to make the request.', about)
    const request = { ...(built as Built), method, signal, timeouts, about }
    return body === undefined ? request : { ...request, body: JSON.stringify(body) }
  }

  /** Each path that the dialect knows is a call of the SDK, whose own contents nobody sends. */
  #ask(path: string, config: Config): Promise<unknown> {
    const { models } = this.#client
    const [, model = '', method] = /^\/([^:]+):(\w+)/.exec(path) ?? []
    const asked = { model, contents: 'contents' }
    switch (method) {
      case undefined:
        return models.list({ config: { ...config, ...pageOf(path) } })
      case 'countTokens':
        return models.countTokens({ ...asked, config })
      case 'batchEmbedContents':
        return models.embedContent({ ...asked, config })
      case 'streamGenerateContent':
        return models.generateContentStream({ ...asked, config })
      default:
        return models.generateContent({ ...asked, config })
    }
  }
}

// what our fetch ends a call with
const kept = new Error('The request was kept.')

function pageOf(path: string): { readonly pageSize?: number; readonly pageToken?: string } {
  const query = new URLSearchParams(path.split('?')[1])
  const size = query.get('pageSize')
  const token = query.get('pageToken')
  return { ...(size && { pageSize: Number(size) }), ...(token && { pageToken: token }) }
}

function plain(headers: Headers): Record<string, string> {
  const record: Record<string, string> = {}
  for (const [name, value] of headers) record[name] = value
  return record
}

// the SDK's build for Node would read keys, addresses and Vertex AI's switches from the environment, and write to the
// console of keys that it finds there; this one asks for all in its options
function createClient({ id, apiKey, baseURL, apiVersion, headers }: SdkRequestsOptions): GoogleGenAI {
  const address = checkedBaseURL(id, baseURL ?? 'https://generativelanguage.googleapis.com').href.replace(/\/$/, '')
  const [, baseUrl = address, version] = /^(.*)\/(v\d\w*)$/.exec(address) ?? []
  return new GoogleGenAI({
    apiKey,
    vertexai: false,
    httpOptions: { baseUrl, apiVersion: apiVersion ?? version ?? 'v1', headers: { ...headers } },
  })
}
