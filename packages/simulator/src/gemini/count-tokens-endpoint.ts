import type { Json } from '../json-value.ts'
import { jsonReply } from '../reply.ts'
import type { Endpoint } from '../simulated-api.ts'
import { checkContents } from './content-rules.ts'
import { bodyOf, type GeminiAccount } from './gemini-account.ts'
import { promptTokens } from './prompt-tokens.ts'
import { InvalidArgument, objectAt, onlyFields } from './refusal.ts'
import { checkRequest } from './request-rules.ts'

/** Counts the tokens of a prompt, for nothing. */
export function countTokensEndpoint(account: GeminiAccount): Endpoint {
  return {
    method: 'POST',
    path: /^\/(v1|v1beta)\/models\/([^/:]+):countTokens$/,
    answer: (received, path) => {
      const model = account.model(path, 'countTokens')
      const body = bodyOf(received)
      onlyFields(body, ['contents', 'generateContentRequest'], '')
      const prompt = body.generateContentRequest === undefined ? body : wholeRequest(body, `models/${path[2]}`)
      if (prompt === body) checkContents(body.contents, model)
      else checkRequest(prompt, model)
      const totalTokens = promptTokens(prompt)
      const promptTokensDetails = [{ modality: 'TEXT', tokenCount: totalTokens }]
      return jsonReply({ totalTokens, promptTokensDetails, ...(account.marked && { simulated: true }) })
    },
  }
}

function wholeRequest(body: Json, resource: string): Json {
  if (body.contents !== undefined)
    throw new InvalidArgument('contents and generate_content_request are mutually exclusive.', 'contents')
  const { model, ...request } = objectAt(body.generateContentRequest, 'generate_content_request')
  if (model === resource) return request
  const message = `generate_content_request.model is expected to be ${resource}, and is ${JSON.stringify(model)}.`
  throw new InvalidArgument(message, 'generate_content_request.model')
}
