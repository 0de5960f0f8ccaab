import { checkedBaseURL, sdkRequest, secretsIn, type TransportRequest, type WireCall } from '@switchyard/transport'
import OpenAI from 'openai'

export interface SdkRequestsOptions {
  readonly id: string
  readonly apiKey: string
  readonly baseURL?: string
  readonly organization?: string
  readonly project?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Requests as the official SDK builds them. It sends none: retries, time limits and answers are ours. */
export class SdkRequests {
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #client: OpenAI

  constructor(options: SdkRequestsOptions) {
    this.#client = createClient(options)
    this.secrets = [options.apiKey, ...secretsIn(options.headers ?? {})]
  }

  request(call: WireCall): Promise<TransportRequest> {
    return sdkRequest('openai', this.#client, call)
  }
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
