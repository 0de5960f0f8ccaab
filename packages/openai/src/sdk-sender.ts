import { abortedError, isSwitchyardError, SwitchyardError } from '@switchyard/core/contract'
import {
  bodyReader,
  checkedBaseURL,
  secretsIn,
  type TransportFetch,
  type WireCall,
  type WireReply,
} from '@switchyard/transport'
import OpenAI from 'openai'

export interface SdkSenderOptions {
  readonly id: string
  readonly apiKey: string
  readonly baseURL?: string
  readonly organization?: string
  readonly project?: string
  readonly headers?: Readonly<Record<string, string>>
}

type SdkRequestOptions = OpenAI.RequestOptions
type SdkFetchOptions = NonNullable<SdkRequestOptions['fetchOptions']>

// the longest that a timer can be set for: time limits are ours to keep
const noTimeout = 2 ** 31 - 1

/** Sends what the official SDK makes of a call; the answer is ours to read. */
export class SdkSender {
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #client: OpenAI

  constructor(options: SdkSenderOptions, fetch: TransportFetch) {
    this.#client = createClient(options, fetch)
    this.secrets = [options.apiKey, ...secretsIn(options.headers ?? {})]
  }

  async send({ method, path, body, signal, timeouts, traceParent, about }: WireCall): Promise<WireReply> {
    // the SDK leaves its listeners on a caller's signal, so it does not get to see it
    const fetchOptions = { switchyard: { ...timeouts, signal, about } } as SdkFetchOptions
    const headers: Record<string, string> = {}
    if (traceParent !== undefined) headers.traceparent = traceParent
    if (body !== undefined) headers['content-type'] = 'application/json'
    const options: SdkRequestOptions = { fetchOptions, headers }
    if (body !== undefined) options.body = JSON.stringify(body)
    try {
      const sent = method === 'GET' ? this.#client.get(path, options) : this.#client.post(path, options)
      return reply(await sent.asResponse())
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined
      if (cause instanceof Refusal) return reply(cause.response)
      if (isSwitchyardError(cause)) throw cause
      if (signal?.aborted) throw abortedError(signal.reason).with(about)
      // the SDK refuses by itself what cannot be sent; its words may hold what it was given
      throw new SwitchyardError('invalid-request', 'The openai SDK refused to send the request.', about)
    }
  }
}

// an answer that is not a success, carried past the SDK, which would read all of it
class Refusal extends Error {
  readonly response: Response

  constructor(response: Response) {
    super('refused')
    this.response = response
  }
}

function reply(response: Response): WireReply {
  return { status: response.status, headers: response.headers, body: bodyReader(response) }
}

function createClient(
  { id, apiKey, baseURL, organization, project, headers }: SdkSenderOptions,
  fetch: TransportFetch,
) {
  const defaultHeaders = { 'X-Stainless-Timeout': null, ...headers }
  const client = new OpenAI({
    apiKey,
    adminAPIKey: null,
    webhookSecret: null,
    baseURL: checkedBaseURL(id, baseURL ?? 'https://api.openai.com/v1').href,
    organization: organization ?? null,
    project: project ?? null,
    maxRetries: 0,
    timeout: noTimeout,
    logLevel: 'off',
    fetch: async (input, init) => {
      const response = await fetch(input, init as RequestInit)
      if (!response.ok) throw new Refusal(response)
      return response
    },
  })
  // the constructor has put OPENAI_CUSTOM_HEADERS of the environment there, and has no option against it
  const inner = client as unknown as { readonly _options: { defaultHeaders: typeof defaultHeaders } }
  inner._options.defaultHeaders = defaultHeaders
  return client
}
