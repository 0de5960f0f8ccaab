// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references to environment variables

import { z } from 'zod'
import { concurrency } from './concurrency-schema.ts'
import { holder } from './holder-schema.ts'
import { price } from './model-schema.ts'
import { amount, count, credential, durationOrZero, headerFields, section, text, url } from './schema-values.ts'

const everyProvider = {
  model: text.optional().describe('Used where nothing names a model of this provider.'),
  maxTokens: count().optional().describe('The output cap of requests that have none.'),
  temperature: amount(0, 2).optional().describe('The temperature of requests that have none.'),
  price: price
    .optional()
    .describe(
      'USD per million tokens of its models whose price is not known: { input: 0, output: 0 } of your own machine.',
    ),
  concurrency: concurrency.optional(),
  ...holder,
}

const headers = headerFields.optional().describe('Sent with every request.')

const openai = section({
  type: z.literal('openai'),
  apiKey: credential.describe('"${OPENAI_API_KEY}" takes it from the environment.'),
  baseURL: url.optional(),
  organization: text.optional(),
  project: text.optional(),
  api: z
    .enum(['auto', 'chat-completions', 'responses'])
    .optional()
    .describe('Which of its dialects is spoken. Default auto: by what is known of the model, and by the request.'),
  reasoningSummary: z
    .enum(['auto', 'concise', 'detailed'])
    .optional()
    .describe('How much a model tells of its reasoning, in responses. Default: nothing.'),
  headers,
  ...everyProvider,
})

const openaiCompatible = section({
  type: z.literal('openai-compatible'),
  baseURL: url.describe('Up to and including /v1.'),
  apiKey: credential.optional().describe('"none" or nothing for a server that wants no key.'),
  headers,
  ...everyProvider,
})

const anthropic = section({
  type: z.literal('anthropic'),
  apiKey: credential.describe('"${ANTHROPIC_API_KEY}" takes it from the environment.'),
  baseURL: url.optional(),
  version: text.optional().describe("The version of the API for all models. Default: that of each model's generation."),
  betas: z.array(text).optional().describe('Names for the header anthropic-beta.'),
  headers,
  ...everyProvider,
})

const gemini = section({
  type: z.literal('gemini'),
  apiKey: credential.describe('"${GEMINI_API_KEY}" takes it from the environment.'),
  baseURL: url.optional(),
  apiVersion: text.optional().describe('v1beta for what is not in v1 yet. Default: what baseURL ends with, else v1.'),
  headers,
  ...everyProvider,
})

const ollama = section({
  type: z.literal('ollama'),
  baseURL: url.optional().describe('Default http://127.0.0.1:11434.'),
  apiKey: credential.optional().describe('For a server that wants one.'),
  numCtx: count().optional().describe('The most tokens of context that a model is loaded with. Default 32768.'),
  keepAlive: durationOrZero
    .transform(ms => ms / 1_000)
    .optional()
    .describe("How long a model stays loaded after an answer; 0s frees its memory at once. Default: the server's."),
  headers,
  ...everyProvider,
})

const preset = <const Type extends string>(type: Type, variable: string) =>
  section({
    type: z.literal(type),
    apiKey: credential.describe(`"\${${variable}}" takes it from the environment.`),
    baseURL: url.optional(),
    headers,
    ...everyProvider,
  })

/** The provider types that are built in. */
export const builtInTypes = ['openai', 'openai-compatible', 'anthropic', 'gemini', 'ollama', 'xai', 'groq'] as const

const packaged = z.looseObject({
  type: z
    .string()
    // without the abort zod would report this branch alone
    .regex(new RegExp(`^(?!(?:${builtInTypes.join('|')})$)\\S+$`), { abort: true })
    .describe('A package, or a file relative to this one, that exports createProvider.'),
  ...everyProvider,
})

/** One provider of `providers`. */
export const provider = z.union([
  openai,
  openaiCompatible,
  anthropic,
  gemini,
  ollama,
  preset('xai', 'XAI_API_KEY'),
  preset('groq', 'GROQ_API_KEY'),
  packaged,
])
