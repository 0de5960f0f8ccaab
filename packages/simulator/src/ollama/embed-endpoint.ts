import { embeddingVector } from '../embedding-vector.ts'
import { isSet } from '../json-value.ts'
import { jsonReply } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import { tokensOf } from '../token-count.ts'
import { tooLong } from './error-wording.ts'
import { bodyOf, type OllamaAccount } from './ollama-account.ts'
import { trainedContext } from './ollama-models.ts'
import { optional, Refusal } from './refusal.ts'
import { checkedOptions, checkKeepAlive } from './request-rules.ts'

/** Vectors of length 1, always the same for the same text. */
export function embedEndpoint(account: OllamaAccount): Endpoint {
  const answer = (request: ReceivedRequest) => {
    const body = bodyOf(request, 'EmbedRequest')
    optional(body.truncate, 'boolean', 'EmbedRequest.truncate')
    optional(body.dimensions, 'number', 'EmbedRequest.dimensions', 'int')
    checkKeepAlive(body.keep_alive)
    const model = account.model(body.model, 'vectors')
    const inputs = inputsOf(body.input)
    const { dimensions } = model
    if (dimensions === undefined) throw new Refusal(400, 'this model does not support embeddings')
    const { num_ctx } = checkedOptions(body.options, 'EmbedRequest.options')
    const context = Math.min(typeof num_ctx === 'number' ? num_ctx : Number.POSITIVE_INFINITY, trainedContext(model))
    const read = inputs.map(input => tokensOf(input))
    if (body.truncate === false && read.some(tokens => tokens.length > context)) throw new Refusal(400, tooLong)
    const seen = read.map(tokens => tokens.slice(0, context))
    const inputTokens = seen.reduce((sum, tokens) => sum + tokens.length, 0)
    account.take({ inputTokens })
    const length = Number(body.dimensions) > 0 ? Math.min(Number(body.dimensions), dimensions) : dimensions
    const embeddings = seen.map(tokens => [...embeddingVector(tokens.join(''), length)])
    const told = { total_duration: 1_000_000 + inputTokens, load_duration: 1_000_000, prompt_eval_count: inputTokens }
    const mark = account.marked && { simulated: true }
    return jsonReply({ model: body.model, embeddings, ...told, ...mark }, { model: String(body.model), inputTokens })
  }
  return { method: 'POST', path: /^\/api\/embed$/, answer }
}

function inputsOf(input: unknown): readonly string[] {
  if (!isSet(input) || input === '') return []
  const list = typeof input === 'string' ? [input] : input
  if (!Array.isArray(list) || !list.every(each => typeof each === 'string'))
    throw new Refusal(400, 'invalid input type')
  return list
}
