import Anthropic from '@anthropic-ai/sdk'
import { checkedBaseURL, sdkRequest, secretsIn, type TransportRequest, type WireCall } from '@switchyard/transport'

export interface SdkRequestsOptions {
  readonly id: string
  readonly apiKey: string
  readonly baseURL?: string
  readonly version?: string
  readonly betas?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Requests as the official SDK builds them. It sends none: retries, time limits and answers are ours. */
export class SdkRequests {
  /** Values that may appear in no message. */
  readonly secrets: readonly string[]
  readonly #client: Anthropic

  /** @throws {SwitchyardError} `invalid-request` for an address that cannot be used. */
  constructor(options: SdkRequestsOptions) {
    this.#client = createClient(options)
    this.secrets = [options.apiKey, ...secretsIn(options.headers ?? {})]
  }

  request(call: WireCall): Promise<TransportRequest> {
    return sdkRequest('Anthropic', this.#client, call)
  }
}

function createClient({ id, apiKey, baseURL, version, betas = [], headers }: SdkRequestsOptions): Anthropic {
  const url = checkedBaseURL(id, baseURL ?? 'https://api.anthropic.com')
  const defaultHeaders = {
    'X-Stainless-Timeout': null,
    ...(version !== undefined && { 'anthropic-version': version }),
    ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
    ...headers,
  }
  const client = new Anthropic({
    apiKey,
    webhookKey: null,
    // the SDK's own paths begin with it
    baseURL: url.origin + url.pathname.replace(/\/(v1)?$/, ''),
    defaultQuery: Object.fromEntries(url.searchParams),
    openTelemetry: false,
    logLevel: 'off',
  })
  // the constructor has put ANTHROPIC_CUSTOM_HEADERS of the environment there, and has no option against it
  const inner = client as unknown as { readonly _options: { defaultHeaders: typeof defaultHeaders } }
  inner._options.defaultHeaders = defaultHeaders
  return client
}
