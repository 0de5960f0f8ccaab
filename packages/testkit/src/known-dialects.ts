import type { MessageRequest } from '@switchyard/core/contract'
import { anthropicMessages, gemini, ollamaChat, openaiChat, openaiResponses } from '@switchyard/dialects'
import type { LoggedRequest, SimulatedApiName } from '@switchyard/simulator'
import type { ConformanceOptions, FactsByRole } from './conformance.ts'

/** How a dialect is simulated, and how its requests are read. */
export interface KnownDialect {
  readonly api: NonNullable<ConformanceOptions['api']>
  readRequest(request: LoggedRequest): MessageRequest
  /** What is known of the simulated models. */
  readonly facts?: FactsByRole
  /** JSON that parses, and that this dialect has no event for. */
  readonly malformedEvents?: readonly string[]
}

interface Decoder {
  decodeRequest?(body: unknown, options: { readonly defaultModel?: string }): MessageRequest
}

/** The dialects of `@switchyard/dialects`. */
export const knownDialects: Readonly<Record<string, KnownDialect>> = {
  [openaiChat.name]: {
    api: 'openai',
    readRequest: by(openaiChat),
    facts: { reasoning: { capabilities: { reasoning: true }, outputCapParameter: 'max_completion_tokens' } },
    malformedEvents: ['{"choices":[{"delta":5}]}'],
  },
  [openaiResponses.name]: {
    api: 'openai',
    readRequest: by(openaiResponses),
    facts: { reasoning: { capabilities: { reasoning: true } } },
  },
  [anthropicMessages.name]: {
    api: 'anthropic',
    readRequest: by(anthropicMessages),
    facts: {
      usual: { capabilities: { temperature: false, topP: false, reasoning: true }, thinking: 'effort' },
      reasoning: {
        capabilities: { temperature: false, topP: false, reasoning: true },
        thinking: 'always',
        forcedToolChoice: false,
      },
      prefill: { capabilities: { prefill: true, reasoning: true }, thinking: 'budget' },
    },
  },
  [ollamaChat.name]: {
    api: 'ollama' as SimulatedApiName,
    readRequest: by(ollamaChat),
  },
  [gemini.name]: {
    api: 'gemini' as SimulatedApiName,
    readRequest: by(gemini),
  },
}

function by(dialect: object): KnownDialect['readRequest'] {
  return ({ body, path }) => {
    const { decodeRequest } = dialect as Decoder
    if (decodeRequest === undefined) throw new TypeError('This dialect cannot read requests yet.')
    // Gemini's requests name their model in the path
    const model = /\/models\/([^/:?]+):/.exec(path)?.[1]
    return decodeRequest(body, model === undefined ? {} : { defaultModel: model })
  }
}
