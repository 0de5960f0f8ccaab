import type { IAIProvider } from '@switchyard/core/contract'
import { defaultContextWindow, protocol } from '@switchyard/dialects/ollama-chat'
import { createTransport, HttpProvider, type HttpProviderOptions } from '@switchyard/transport'
import { ClientRequests } from './client-requests.ts'
import { boundedFacts, mostContext } from './context-window.ts'
import { explained } from './cures.ts'

export interface OllamaOptions extends HttpProviderOptions {
  /** Lower-case name, unique in a registry, without `/`. Default `"ollama"`. */
  readonly id?: string
  /** Default `http://127.0.0.1:11434`; `OLLAMA_HOST` in the environment is not read. */
  readonly baseURL?: string
  /** Sent as `Authorization: Bearer`; absent sends no such header. `OLLAMA_API_KEY` in the environment is not read. */
  readonly apiKey?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * The most tokens of context that a model is loaded with. Default 32,768, or 8192 for a model of which `facts` knows
   * no window. A request may ask for another number in `extra['ollama-chat'].options.num_ctx`.
   */
  readonly numCtx?: number
  /** How long a model stays loaded after an answer: `"10m"`, seconds, 0 for not at all, -1 for ever. */
  readonly keepAlive?: string | number
}

/**
 * Models that run on an Ollama server, over the official client.
 * @throws {SwitchyardError} `invalid-request` for options that cannot work.
 */
export function createOllama(options: OllamaOptions = {}): IAIProvider {
  const { id = 'ollama', baseURL = 'http://127.0.0.1:11434', numCtx, keepAlive } = options
  const requests = new ClientRequests({ ...options, id, baseURL })
  const transport = options.transport?.scope() ?? createTransport()
  const capabilities = { toolChoice: false, audio: false, documents: false } as const
  return new HttpProvider({
    ...options,
    id,
    protocol: protocol(keepAlive === undefined ? {} : { keepAlive }),
    transport,
    secrets: requests.secrets,
    modelDefaults: { capabilities: { ...capabilities, contextWindow: numCtx ?? defaultContextWindow } },
    facts: boundedFacts(options.facts, numCtx ?? mostContext),
    explain: error => explained(error, requests.host),
    send: async call => transport.request(await requests.request(call)),
  })
}

/** The same by the name that every provider package has, for configurations. */
export const createProvider = createOllama
