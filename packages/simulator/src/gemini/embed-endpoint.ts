import { embeddingVector } from '../embedding-vector.ts'
import type { Json } from '../json-value.ts'
import { jsonReply } from '../reply.ts'
import type { Endpoint } from '../simulated-api.ts'
import { countTokens } from '../token-count.ts'
import { bodyOf, type GeminiAccount } from './gemini-account.ts'
import { InvalidArgument, listAt, objectAt, onlyFields, optionalNumber, stringAt } from './refusal.ts'

/** Vectors of length 1, always the same for the same text. */
export function embedEndpoint(account: GeminiAccount): Endpoint {
  return {
    method: 'POST',
    path: /^\/(v1|v1beta)\/models\/([^/:]+):batchEmbedContents$/,
    answer: (received, path) => {
      const { dimensions: most = 0 } = account.model(path, 'batchEmbedContents')
      const body = bodyOf(received)
      onlyFields(body, ['requests'], '')
      const requests = listAt(body.requests, 'requests')
      if (requests.length === 0 || requests.length > 100) {
        const message = `* BatchEmbedContentsRequest.requests: at least one and at most 100 requests can be in one batch`
        throw new InvalidArgument(message, 'requests')
      }
      const asked = requests.map((each, index) => checkedRequest(each, `models/${path[2]}`, most, `requests[${index}]`))
      const inputTokens = asked.reduce((sum, { text }) => sum + countTokens(text), 0)
      account.take({ inputTokens })
      const embeddings = asked.map(({ text, dimensions }) => ({ values: [...embeddingVector(text, dimensions)] }))
      const model = path[2] as string
      return jsonReply({ embeddings, ...(account.marked && { simulated: true }) }, { model, inputTokens })
    },
  }
}

function checkedRequest(value: unknown, resource: string, most: number, path: string) {
  const request = objectAt(value, path)
  onlyFields(request, ['model', 'content', 'taskType', 'title', 'outputDimensionality'], path)
  if (request.model !== resource) {
    const message = `* BatchEmbedContentsRequest.${path}.model: model does not match the one in the batch request.`
    throw new InvalidArgument(message, `${path}.model`)
  }
  optionalNumber(request.outputDimensionality, `${path}.output_dimensionality`, 1, most, true)
  const content = objectAt(request.content, `${path}.content`)
  const parts = listAt(content.parts, `${path}.content.parts`) as readonly Json[]
  const text = parts.map((part, index) => stringAt(part.text, `${path}.content.parts[${index}].text`)).join('')
  return { text, dimensions: (request.outputDimensionality as number | undefined) ?? most }
}
