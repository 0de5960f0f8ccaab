import { jsonReply } from '../reply.ts'
import type { Endpoint } from '../simulated-api.ts'
import { type AnthropicAccount, bodyOf, versionOf } from './anthropic-account.ts'
import { promptTokens } from './prompt-tokens.ts'
import { checkPrompt } from './request-rules.ts'

/** Counts the tokens of a prompt, for nothing. */
export function countTokensEndpoint(account: AnthropicAccount): Endpoint {
  return {
    method: 'POST',
    path: /^\/v1\/messages\/count_tokens$/,
    answer: request => {
      const version = versionOf(request)
      const body = bodyOf(request)
      checkPrompt(body, account.model(body.model), version)
      return jsonReply({ input_tokens: promptTokens(body), ...(account.marked && { simulated: true }) })
    },
  }
}
