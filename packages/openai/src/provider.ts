import { type IAIProvider, SwitchyardError } from '@switchyard/core/contract'
import { protocol as chatProtocol } from '@switchyard/dialects/openai-chat'
import { protocol as responsesProtocol } from '@switchyard/dialects/openai-responses'
import { createTransport, HttpProvider, type HttpProviderOptions } from '@switchyard/transport'
import { chosenProtocol, type OpenAIApi } from './choose-protocol.ts'
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
  /**
   * Which API answers messages. `"auto"`, the default: chat completions, and Responses for tools that a model takes
   * only there, by its `facts`, for conversations that began there, and for media that chat has no word for.
   */
  readonly api?: OpenAIApi
  /** How much a model tells of its reasoning, in Responses; nothing by default. OpenAI wants a verified organization. */
  readonly reasoningSummary?: 'auto' | 'concise' | 'detailed'
}

/**
 * OpenAI's chat completions, Responses, embeddings and token counts, over the official SDK.
 * @throws {SwitchyardError} `authentication` without a key, `invalid-request` for other options that cannot work.
 */
export function createOpenAI(options: OpenAIOptions): IAIProvider {
  const { id = 'openai', api = 'auto', reasoningSummary } = options
  if (typeof options.apiKey !== 'string' || options.apiKey.trim() === '') {
    const message = `Provider "${id}" has no API key: pass \`apiKey\`, for example process.env.OPENAI_API_KEY, and set OPENAI_API_KEY.`
    throw new SwitchyardError('authentication', message, { provider: id, param: 'apiKey' })
  }
  if (!apis.has(api)) {
    const message = `\`api\` of provider "${id}" must be ${[...apis].map(name => `"${name}"`).join(', ')}, and is ${JSON.stringify(api)}.`
    throw new SwitchyardError('invalid-request', message, { provider: id, param: 'api' })
  }
  const transport = options.transport?.scope() ?? createTransport()
  const requests = new SdkRequests({ ...options, id })
  const chat = chatProtocol({
    includeObfuscation: false,
    replayReasoning: false,
    mediaInToolResults: false,
    metadataNeedsStore: true,
  })
  const responses = responsesProtocol({ includeObfuscation: false, ...(reasoningSummary && { reasoningSummary }) })
  const fixed = { 'chat-completions': chat, responses }
  return new HttpProvider({
    ...options,
    id,
    // the endpoint that counts is one of Responses
    protocol: api === 'chat-completions' ? chat : { ...chat, tokenCount: responses.tokenCount },
    protocolFor: (model, facts, request) =>
      api === 'auto' ? request && chosenProtocol({ chat, responses }, id, model, facts, request) : fixed[api],
    transport,
    secrets: requests.secrets,
    modelDefaults: { outputCapParameter: 'max_completion_tokens', capabilities: { prefill: false } },
    send: async call => transport.request(await requests.request(call)),
  })
}

const apis: ReadonlySet<OpenAIApi> = new Set(['auto', 'chat-completions', 'responses'])

/** The same by the name that every provider package has, for configurations. */
export const createProvider = createOpenAI
