import { type IAIProvider, SwitchyardError } from '@switchyard/core/contract'
import { openaiChat } from '@switchyard/dialects'
import { createTransport, HttpProvider, type HttpProviderOptions } from '@switchyard/transport'
import { SdkRequests } from './sdk-requests.ts'

export interface OpenAIOptions extends HttpProviderOptions {
  /** Lower-case name, unique in a registry, without `/`. Default `"openai"`. */
  readonly id?: string
  readonly apiKey: string
  /** Default `https://api.openai.com/v1`; `OPENAI_BASE_URL` in the environment is not read. */
  readonly baseURL?: string
  /** None by default; `OPENAI_ORG_ID` in the environment is not read. */
  readonly organization?: string
  /** None by default; `OPENAI_PROJECT_ID` in the environment is not read. */
  readonly project?: string
  /** Sent with every request; `OPENAI_CUSTOM_HEADERS` in the environment is not read. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * OpenAI's chat completions and embeddings, over the official SDK.
 * @throws {SwitchyardError} `authentication` without a key, `invalid-request` for other options that cannot work.
 */
export function createOpenAI(options: OpenAIOptions): IAIProvider {
  const id = options.id ?? 'openai'
  if (typeof options.apiKey !== 'string' || options.apiKey.trim() === '') {
    const message = `Provider "${id}" has no API key: pass \`apiKey\`, for example process.env.OPENAI_API_KEY, and set OPENAI_API_KEY.`
    throw new SwitchyardError('authentication', message, { provider: id, param: 'apiKey' })
  }
  const transport = options.transport?.scope() ?? createTransport()
  const requests = new SdkRequests({ ...options, id })
  return new HttpProvider({
    ...options,
    id,
    protocol: openaiChat.protocol({ includeObfuscation: false, replayReasoning: false, mediaInToolResults: false }),
    transport,
    secrets: requests.secrets,
    modelDefaults: { outputCapParameter: 'max_completion_tokens', capabilities: { prefill: false } },
    send: async call => transport.request(await requests.request(call)),
  })
}

/** The same by the name that every provider package has, for configurations. */
export const createProvider = createOpenAI
