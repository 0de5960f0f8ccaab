import { type IAIProvider, type ModelFacts, SwitchyardError } from '@switchyard/core/contract'
import { protocol } from '@switchyard/dialects/gemini'
import { createTransport, HttpProvider, type HttpProviderOptions } from '@switchyard/transport'
import { SdkRequests } from './sdk-requests.ts'

export interface GeminiOptions extends HttpProviderOptions {
  /** Lower-case name, unique in a registry, without `/`. Default `"gemini"`. */
  readonly id?: string
  readonly apiKey: string
  /**
   * Default `https://generativelanguage.googleapis.com`, with or without a version at its end;
   * `GOOGLE_GEMINI_BASE_URL` in the environment is not read.
   */
  readonly baseURL?: string
  /** `"v1beta"` for what is not in `"v1"` yet. Default: the version that `baseURL` ends with, else `"v1"`. */
  readonly apiVersion?: string
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Google's Gemini over the official SDK: answers, embeddings and token counts.
 * @throws {SwitchyardError} `authentication` without a key, `invalid-request` for other options that cannot work.
 */
export function createGemini(options: GeminiOptions): IAIProvider {
  const id = options.id ?? 'gemini'
  if (typeof options.apiKey !== 'string' || options.apiKey.trim() === '') {
    const message = `Provider "${id}" has no API key: pass \`apiKey\`, for example process.env.GEMINI_API_KEY, and set GEMINI_API_KEY.`
    throw new SwitchyardError('authentication', message, { provider: id, param: 'apiKey' })
  }
  const transport = options.transport?.scope() ?? createTransport()
  const requests = new SdkRequests({ ...options, id })
  return new HttpProvider({
    ...options,
    id,
    protocol: protocol(),
    transport,
    secrets: requests.secrets,
    modelDefaults,
    send: async call => transport.request(await requests.request(call)),
  })
}

/** The same by the name that every provider package has, for configurations. */
export const createProvider = createGemini

// up to 2.5 a model thinks by a number of tokens
function modelDefaults(model: string): ModelFacts {
  const thinking = /\bgemini-[12]\./.test(model) ? 'budget' : 'effort'
  return { thinking, capabilities: { prefill: false } }
}
