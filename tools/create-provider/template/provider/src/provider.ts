import { type IAIProvider, SwitchyardError } from '@switchyard/core/contract'
import { protocol } from '@switchyard/dialects/openai-chat'
import { createTransport, Endpoint, HttpProvider, type HttpProviderOptions } from '@switchyard/transport'

export interface AcmeCloudOptions extends HttpProviderOptions {
  /** Lower-case name, unique in a registry, without `/`. Default `"acme-cloud"`. */
  readonly id?: string
  readonly apiKey: string
  /** Where the API begins. Default `https://api.acme-cloud.example/v1`. */
  readonly baseURL?: string | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Acme Cloud's models.
 * @throws {SwitchyardError} `authentication` without a key, `invalid-request` for other options that cannot work.
 */
export function createAcmeCloud(options: AcmeCloudOptions): IAIProvider {
  const { id = 'acme-cloud', apiKey, baseURL = 'https://api.acme-cloud.example/v1', headers } = options
  if (typeof apiKey !== 'string' || apiKey.trim() === '') {
    const message = `Provider "${id}" has no API key: pass \`apiKey\`, for example process.env.ACME_CLOUD_API_KEY, and set ACME_CLOUD_API_KEY.`
    throw new SwitchyardError('authentication', message, { provider: id, param: 'apiKey' })
  }
  const endpoint = new Endpoint({ id, baseURL, headers: { authorization: `Bearer ${apiKey}`, ...headers } })
  const transport = options.transport?.scope() ?? createTransport()
  return new HttpProvider({
    ...options,
    id,
    protocol: protocol({ replayReasoning: false, mediaInToolResults: false }),
    transport,
    secrets: endpoint.secrets,
    // what holds for all its models, as far as you know it: { capabilities: { images: false } }
    modelDefaults: {},
    send: call => transport.request(endpoint.request(call)),
  })
}

/** The same by the name that every provider package has, for configurations. */
export const createProvider = createAcmeCloud
