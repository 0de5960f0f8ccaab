import { z } from 'zod'
import { concurrency } from './concurrency-schema.ts'
import { holder } from './holder-schema.ts'
import { count, duration, named, pricePerMillion, section, text } from './schema-values.ts'

const capability = z.union([z.boolean(), z.literal('unknown')], { error: 'expected true, false or "unknown"' })

const capabilities = section({
  streaming: capability.optional(),
  tools: capability.optional(),
  parallelToolCalls: capability.optional(),
  toolChoice: capability.optional(),
  json: capability.optional(),
  jsonSchema: capability.optional(),
  images: capability.optional(),
  audio: capability.optional(),
  documents: capability.optional(),
  reasoning: capability.optional(),
  temperature: capability.optional(),
  topP: capability.optional(),
  penalties: capability.optional(),
  stop: capability.optional(),
  seed: capability.optional(),
  logprobs: capability.optional(),
  prefill: capability.optional(),
})

const tokenPrices = {
  input: pricePerMillion,
  output: pricePerMillion.describe('Reasoning too, where it has no price of its own.'),
  cachedInput: pricePerMillion.optional(),
  cacheWrite: z
    .union([pricePerMillion, named(pricePerMillion)])
    .optional()
    .describe('One for every lifetime, or by lifetime: { 5m: 1.25, 1h: 2 }.'),
  reasoning: pricePerMillion.optional(),
}

/** What tokens cost. */
export const price = section({
  ...tokenPrices,
  longContext: z
    .array(section({ above: count().describe('Tokens of the whole prompt.'), ...tokenPrices }))
    .optional()
    .describe('What the whole request costs once its prompt is longer than this; ascending.'),
})

/** One model of `models`. */
export const model = section({
  contextWindow: count().optional(),
  maxOutputTokens: count().optional(),
  capabilities: capabilities.optional(),
  outputCapParameter: z
    .enum(['max_tokens', 'max_completion_tokens'])
    .optional()
    .describe('How this model spells its output cap.'),
  reasoningEfforts: z.array(text).optional().describe('The reasoning efforts it takes.'),
  thinking: z
    .enum(['effort', 'budget', 'always'])
    .optional()
    .describe('How its thinking is asked for: by a word, by a number of tokens, or by a word and never turned off.'),
  forcedToolChoice: z.boolean().optional().describe('false: it may be asked to call a tool, never be made to.'),
  toolsInChatCompletions: z
    .enum(['without-reasoning', 'never'])
    .optional()
    .describe("When OpenAI's chat completions take function tools for it. Default: always."),
  apiVersion: text.optional().describe("The version of its provider's API that it is spoken to in."),
  silentReasoning: duration.optional().describe('How long it may think before its first token.'),
  price: price
    .optional()
    .describe('USD per million tokens, in place of every price that is known. What is left out is unknown, not zero.'),
  concurrency: concurrency.optional(),
  ...holder,
})
