import { type IAIProvider, SwitchyardError } from '@switchyard/core/contract'
import { protocol } from '@switchyard/dialects/anthropic-messages'
import { createTransport, HttpProvider, type HttpProviderOptions } from '@switchyard/transport'
import { modelDefaults } from './model-defaults.ts'
import { SdkRequests } from './sdk-requests.ts'

export interface AnthropicOptions extends HttpProviderOptions {
  /** Lower-case name, unique in a registry, without `/`. Default `"anthropic"`. */
  readonly id?: string
  /** `ANTHROPIC_API_KEY` and `ANTHROPIC_AUTH_TOKEN` in the environment and profiles on disk are not read. */
  readonly apiKey: string
  /** Default `https://api.anthropic.com`; `ANTHROPIC_BASE_URL` in the environment is not read. */
  readonly baseURL?: string
  /** The version of the API for all models; default the one of each model's generation. */
  readonly version?: string
  /** Names of betas, for the header `anthropic-beta`; default none. */
  readonly betas?: readonly string[]
  /** Sent with every request; `ANTHROPIC_CUSTOM_HEADERS` in the environment is not read. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Anthropic's messages and token counts, over the official SDK.
 * @throws {SwitchyardError} `authentication` without a key, `invalid-request` for other options that cannot work.
 */
export function createAnthropic(options: AnthropicOptions): IAIProvider {
  const { id = 'anthropic', version } = options
  if (typeof options.apiKey !== 'string' || options.apiKey.trim() === '') {
    const message = `Provider "${id}" has no API key: pass \`apiKey\`, for example process.env.ANTHROPIC_API_KEY, and set ANTHROPIC_API_KEY.`
    throw new SwitchyardError('authentication', message, { provider: id, param: 'apiKey' })
  }
  const requests = new SdkRequests({ ...options, id })
  const transport = options.transport?.scope() ?? createTransport()
  return new HttpProvider({
    ...options,
    id,
    protocol: protocol(version === undefined ? {} : { version }),
    transport,
    secrets: requests.secrets,
    modelDefaults,
    send: async call => transport.request(await requests.request(call)),
  })
}

/** The same by the name that every provider package has, for configurations. */
export const createProvider = createAnthropic
