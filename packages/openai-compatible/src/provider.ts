import type { IAIProvider, ModelCapabilities, ModelFacts } from '@switchyard/core/contract'
import { protocol, rateLimits } from '@switchyard/dialects/openai-chat'
import {
  createTransport,
  Endpoint,
  HttpProvider,
  type HttpProviderOptions,
  mergedFacts,
  type WireCall,
  type WireProtocol,
} from '@switchyard/transport'

export interface OpenAICompatibleOptions extends HttpProviderOptions {
  /** Lower-case name, unique in a registry, without `/`: `"lab"`. */
  readonly id: string
  /** Where the API begins: `"http://127.0.0.1:8000/v1"`. */
  readonly baseURL: string
  /** Sent as `Authorization: Bearer`; absent or `"none"` sends no such header. */
  readonly apiKey?: string
  /** Sent with every request; over our own of the same name. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as `OpenAI-Organization`. */
  readonly organization?: string
  /** Sent as `OpenAI-Project`. */
  readonly project?: string
  /** What every model of this server can do, as far as it is known. */
  readonly capabilities?: Partial<ModelCapabilities>
  /** What is known of single models, by name; over `capabilities`, under what `facts` answers. */
  readonly models?: Readonly<Record<string, ModelFacts>>
  /** The name of the output cap on the wire. Default `max_tokens`, which every such server knows. */
  readonly outputCapParameter?: 'max_tokens' | 'max_completion_tokens'
  /** The server counts reasoning tokens beside the answer's, not among them. */
  readonly reasoningOutside?: boolean
  /** Send a model's earlier reasoning back to it. Default `true`. */
  readonly replayReasoning?: boolean
  /** Put images and other media into tool results; default `false`: they are dropped with a warning. */
  readonly mediaInToolResults?: boolean
  /** What the server's `x-ratelimit-*-requests` headers are counted over, in milliseconds, where that is known. */
  readonly requestLimitMs?: number
  /** Whether it makes vectors; default `true`. */
  readonly embeddings?: boolean
  /** Fields of the request's body that the server refuses, and `messages[].name`: left out with a warning. */
  readonly refusedFields?: readonly string[]
}

/**
 * A provider for any server that speaks OpenAI's chat dialect.
 * @throws {SwitchyardError} `invalid-request` for options that cannot work.
 */
export function createOpenAICompatible(options: OpenAICompatibleOptions): IAIProvider {
  const { models, facts } = options
  const endpoint = new Endpoint({ id: options.id, baseURL: options.baseURL, headers: headersOf(options) })
  const transport = options.transport?.scope() ?? createTransport()
  return new HttpProvider({
    ...options,
    protocol: spoken(options),
    transport,
    secrets: endpoint.secrets,
    modelDefaults: {
      outputCapParameter: options.outputCapParameter ?? 'max_tokens',
      ...(options.capabilities && { capabilities: options.capabilities }),
    },
    facts: models === undefined ? facts : (provider, model) => knownOf(models[model], facts?.(provider, model)),
    ...(options.requestLimitMs !== undefined && { readRateLimits: limitsOver(options.requestLimitMs) }),
    send: (call: WireCall) => transport.request(endpoint.request(call)),
  })
}

/** The same by the name that every provider package has, for configurations. */
export const createProvider = createOpenAICompatible

function headersOf({ apiKey, organization, project, headers }: OpenAICompatibleOptions): Record<string, string> {
  const key = apiKey === undefined || apiKey === '' || apiKey === 'none' ? undefined : apiKey
  return {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(organization && { 'openai-organization': organization }),
    ...(project && { 'openai-project': project }),
    ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
  }
}

function spoken(options: OpenAICompatibleOptions): WireProtocol {
  const { replayReasoning = true, mediaInToolResults = false, refusedFields = [] } = options
  const { embeddings, ...rest } = protocol({ replayReasoning, mediaInToolResults, refusedFields })
  return options.embeddings === false ? rest : { ...rest, embeddings }
}

function limitsOver(windowMs: number): NonNullable<WireProtocol['readRateLimits']> {
  return headers => {
    const { requests, ...others } = rateLimits(headers)
    return requests === undefined ? others : { requests: { ...requests, windowMs }, ...others }
  }
}

function knownOf(listed: ModelFacts | undefined, catalogued: ModelFacts | undefined): ModelFacts | undefined {
  return listed && catalogued ? mergedFacts(listed, catalogued) : (catalogued ?? listed)
}
