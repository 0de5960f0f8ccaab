import { SwitchyardError } from '@switchyard/core/contract'
import { checkedBaseURL, secretsIn, type TransportRequest, type WireCall } from '@switchyard/transport'
import OpenAI from 'openai'

export interface SdkRequestsOptions {
  readonly id: string
  readonly apiKey: string
  readonly baseURL?: string
  readonly organization?: string
  readonly project?: string
  readonly headers?: Readonly<Record<string, string>>
}

type SdkRequest = Parameters<OpenAI['buildRequest']>[0]

/** Requests as the official SDK builds them. It sends none: retries, time limits and answers are ours. */
export class SdkRequests {
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #client: OpenAI

  constructor(options: SdkRequestsOptions) {
    this.#client = createClient(options)
    this.secrets = [options.apiKey, ...secretsIn(options.headers ?? {})]
  }

  async request({
    method,
    path,
    body,
    headers,
    signal,
    timeouts,
    traceParent,
    about,
  }: WireCall): Promise<TransportRequest> {
    const asked: SdkRequest = { method: method === 'GET' ? 'get' : 'post', path }
    if (headers !== undefined || traceParent !== undefined) {
      asked.headers = { ...headers, ...(traceParent !== undefined && { traceparent: traceParent }) }
    }
    if (body !== undefined) asked.body = body
    try {
      const { req, url } = await this.#client.buildRequest(asked)
      const request = { url, method, headers: plain(req.headers), signal, timeouts, about }
      return typeof req.body === 'string' ? { ...request, body: req.body } : request
    } catch {
      // its words may hold what it was given
      throw new SwitchyardError('invalid-request', 'The openai SDK refused to make the request.', about)
    }
  }
}

function plain(headers: Headers): Record<string, string> {
  const record: Record<string, string> = {}
  for (const [name, value] of headers) record[name] = value
  return record
}

function createClient({ id, apiKey, baseURL, organization, project, headers }: SdkRequestsOptions): OpenAI {
  const defaultHeaders = { 'X-Stainless-Timeout': null, ...headers }
  const client = new OpenAI({
    apiKey,
    adminAPIKey: null,
    webhookSecret: null,
    baseURL: checkedBaseURL(id, baseURL ?? 'https://api.openai.com/v1').href,
    organization: organization ?? null,
    project: project ?? null,
    logLevel: 'off',
  })
  // the constructor has put OPENAI_CUSTOM_HEADERS of the environment there, and has no option against it
  const inner = client as unknown as { readonly _options: { defaultHeaders: typeof defaultHeaders } }
  inner._options.defaultHeaders = defaultHeaders
  return client
}
