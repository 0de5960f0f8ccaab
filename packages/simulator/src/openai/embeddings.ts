import { embeddingVector } from '../embedding-vector.ts'
import { isObject, type Json } from '../json-value.ts'
import { jsonReply, type Reply } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { countTokens } from '../token-count.ts'
import type { OpenAIAccount } from './openai-account.ts'
import { InvalidRequest, invalidType, invalidValue, missingParameter, onlyFields } from './refusal.ts'

/** Vectors of length 1, always the same for the same text. */
export function embeddingsEndpoint(account: OpenAIAccount): Endpoint {
  const answer = ({ body }: ReceivedRequest) => {
    if (!isObject(body)) throw new InvalidRequest(400, 'The body of your request must be a JSON object.')
    const reply = embeddingReply(body, account.model(body.model, 'vectors'), account.marked)
    account.take({ inputTokens: reply.billing?.inputTokens ?? 0 }, String(body.model))
    return reply
  }
  return { method: 'POST', path: account.path('embeddings'), answer }
}

function embeddingReply(body: Json, model: SimulatedModel, marked: boolean): Reply {
  onlyFields(body, ['input', 'model', 'dimensions', 'encoding_format', 'user'], '')
  if (model.dimensions === undefined) {
    throw new InvalidRequest(403, `You are not allowed to generate embeddings from this model: ${model.id}`)
  }
  const inputs = inputsOf(body.input)
  const dimensions = dimensionsOf(body.dimensions, model.dimensions)
  const format = body.encoding_format ?? 'float'
  if (format !== 'float' && format !== 'base64') {
    throw invalidValue(
      'encoding_format',
      `Invalid value: '${String(format)}'. Supported values are: 'float' and 'base64'.`,
    )
  }
  const tokens = inputs.reduce((sum, input) => sum + (typeof input === 'string' ? countTokens(input) : input.length), 0)
  const data = inputs.map((input, index) => {
    const vector = embeddingVector(typeof input === 'string' ? input : input.join(' '), dimensions)
    const embedding = format === 'float' ? [...vector] : Buffer.from(vector.buffer).toString('base64')
    return { object: 'embedding', index, embedding }
  })
  const usage = { prompt_tokens: tokens, total_tokens: tokens }
  const answer = { object: 'list', data, model: body.model, usage, ...(marked && { simulated: true }) }
  return jsonReply(answer, { model: String(body.model), inputTokens: tokens })
}

function inputsOf(input: unknown): readonly (string | readonly number[])[] {
  if (input === undefined) throw missingParameter('input')
  const isTokens = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isInteger)
  const list = typeof input === 'string' || (isTokens(input) && input.length > 0) ? [input] : input
  if (!Array.isArray(list)) throw invalidType('input', 'a string or an array', input)
  if (list.length === 0 || list.length > 2_048) {
    throw invalidValue('input', `Invalid 'input': an array of 1 to 2048 items is expected, and ${list.length} came.`)
  }
  for (const each of list) {
    if (each === '') throw invalidValue('input', "Invalid 'input': input cannot be an empty string.")
    if (typeof each !== 'string' && !isTokens(each)) throw invalidType('input', 'strings or arrays of tokens', each)
  }
  return list
}

function dimensionsOf(wanted: unknown, most: number): number {
  if (wanted === undefined || wanted === null) return most
  if (!Number.isInteger(wanted) || (wanted as number) < 1 || (wanted as number) > most) {
    throw invalidValue(
      'dimensions',
      `Invalid 'dimensions': expected an integer from 1 to ${most}, but got ${String(wanted)}.`,
    )
  }
  return wanted as number
}
