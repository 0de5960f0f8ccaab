import type { JsonObject, MessageRequest } from '@switchyard/core/contract'
import { anthropicMessages, gemini, ollamaChat, openaiChat, openaiResponses } from '@switchyard/dialects'
import type { LoggedRequest } from '@switchyard/simulator'
import type { ConformanceOptions, FactsByRole } from './conformance.ts'

/** How a dialect is simulated, and how its requests are read. */
export interface KnownDialect {
  readonly api: NonNullable<ConformanceOptions['api']>
  readRequest(request: LoggedRequest): MessageRequest
  /** What is known of the simulated models. */
  readonly facts?: FactsByRole
  /** JSON that parses, and that this dialect has no event for. */
  readonly malformedEvents?: readonly string[]
  /** What asks for two answers, in the dialect's own words; default `{ n: 2 }`. */
  readonly twoChoices?: JsonObject
}

/** The dialects of `@switchyard/dialects`. */
export const knownDialects: Readonly<Record<string, KnownDialect>> = {
  [openaiChat.name]: {
    api: 'openai',
    readRequest: ({ body }) => openaiChat.decodeRequest(body),
    facts: { reasoning: { capabilities: { reasoning: true }, outputCapParameter: 'max_completion_tokens' } },
    malformedEvents: ['{"choices":[{"delta":5}]}'],
  },
  [openaiResponses.name]: {
    api: 'openai',
    readRequest: ({ body }) => openaiResponses.decodeRequest(body),
    facts: { reasoning: { capabilities: { reasoning: true } } },
  },
  [anthropicMessages.name]: {
    api: 'anthropic',
    readRequest: ({ body }) => anthropicMessages.decodeRequest(body),
    facts: {
      usual: {
        capabilities: { temperature: false, topP: false, reasoning: true, maxOutputTokens: 64_000 },
        thinking: 'effort',
      },
      reasoning: {
        capabilities: { temperature: false, topP: false, reasoning: true, maxOutputTokens: 128_000 },
        thinking: 'always',
        forcedToolChoice: false,
      },
      small: { capabilities: { temperature: true, topP: true, maxOutputTokens: 1_024 }, apiVersion: '2023-06-01' },
      prefill: { capabilities: { prefill: true, reasoning: true, maxOutputTokens: 32_000 }, thinking: 'budget' },
    },
  },
  [ollamaChat.name]: {
    api: 'ollama',
    readRequest: ({ body }) => ollamaChat.decodeRequest(body),
  },
  [gemini.name]: {
    api: 'gemini',
    readRequest({ body, path }) {
      // Gemini says in the path what others say in the body
      const [, model = '', method] = /\/models\/([^/:?]+):(\w+)/.exec(path) ?? []
      return gemini.decodeRequest(body, { defaultModel: model, stream: method === 'streamGenerateContent' })
    },
    facts: {
      usual: { thinking: 'effort', capabilities: { reasoning: true } },
      reasoning: { thinking: 'effort', capabilities: { reasoning: true } },
    },
    malformedEvents: ['{}', '{"candidates":5}', '{"candidates":[{"content":{"parts":{}}}]}'],
    twoChoices: { generationConfig: { candidateCount: 2 } },
  },
}
