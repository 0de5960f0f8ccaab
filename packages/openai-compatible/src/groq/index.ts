import { preset } from '../preset.ts'

/**
 * Groq's chat completions. What it answers with 400 is left out with a warning.
 *
 * A request larger than all the tokens of a minute (413) is a `context-length` error: no wait makes it fit, so a chain
 * goes on to its next target without a retry, and Groq stays in use for smaller ones. A minute that is used up is
 * `rate-limit`, and 498 (no capacity in the flex tier) is `overloaded`: both are retried.
 *
 * @throws {SwitchyardError} `authentication` without a key, `invalid-request` for other options that cannot work.
 */
export const groq = preset({
  id: 'groq',
  baseURL: 'https://api.groq.com/openai/v1',
  keyVariable: 'GROQ_API_KEY',
  outputCapParameter: 'max_completion_tokens',
  replayReasoning: false,
  embeddings: false,
  // its requests are counted by the day, its tokens by the minute
  requestLimitMs: 86_400_000,
  refusedFields: ['logit_bias', 'n', 'prompt_cache_key', 'messages[].name'],
  capabilities: { logprobs: false },
})

/** The same by the name that every provider package has, for configurations. */
export const createProvider = groq
