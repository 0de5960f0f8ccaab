import {
  type EmbeddingRequest,
  type EmbeddingResponse,
  type JsonObject,
  SwitchyardError,
} from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, kindOf, objectAt, optionalNumber, textAt } from '../field-checks.ts'
import { decodeFloats, encodeFloats } from '../float-vectors.ts'
import { isObject } from '../json.ts'
import { decodeErrorEvent } from '../openai/decode-error.ts'
import { errorOf } from './error-in-answer.ts'
import { dialect } from './names.ts'
import { decodeUsage } from './usage.ts'

const requestFields = new Set(['model', 'input', 'dimensions', 'encoding_format'])

export type EmbeddingEncoding = 'float' | 'base64'

export function encodeEmbeddingRequest(
  request: EmbeddingRequest,
  options: { readonly model: string; readonly encodingFormat?: EmbeddingEncoding },
): JsonObject {
  const { encoding_format: asked, ...extra } = extraOf(request, dialect)
  const encoding = options.encodingFormat ?? asked
  return {
    ...extra,
    model: options.model,
    input: request.input,
    ...(request.dimensions !== undefined && { dimensions: request.dimensions }),
    ...(encoding !== undefined && { encoding_format: encoding }),
  }
}

/** @throws {SwitchyardError} `invalid-request`, naming the field. */
export function decodeEmbeddingRequest(value: unknown): EmbeddingRequest {
  const body = objectAt(value, 'body')
  const model = textAt(body.model, 'model')
  const dimensions = optionalNumber(body.dimensions, 'dimensions', { from: 1, whole: true })
  const encoding = body.encoding_format ?? undefined
  if (encoding !== undefined && encoding !== 'float' && encoding !== 'base64')
    throw fault('encoding_format', 'must be "float" or "base64".')
  const rest = unknownFields(body, requestFields)
  if (encoding !== undefined) rest.encoding_format = encoding
  return {
    model,
    input: decodeInput(body.input),
    ...(dimensions !== undefined && { dimensions }),
    ...keepExtra(dialect, rest),
  }
}

function decodeInput(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) throw fault('input', `must be a string or a list of strings, and is ${kindOf(value)}.`)
  if (value.length === 0) throw fault('input', 'is empty; send at least one string.')
  return value.map((entry, at) => {
    if (typeof entry === 'number' || Array.isArray(entry))
      throw fault(`input[${at}]`, "is made of tokens, which are one model's own; send the text itself.")
    return textAt(entry, `input[${at}]`)
  })
}

/** How a client wants its vectors. */
export function embeddingEncoding(request: EmbeddingRequest): EmbeddingEncoding {
  return extraOf(request, dialect).encoding_format === 'base64' ? 'base64' : 'float'
}

/** @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeEmbeddingResponse(value: unknown, context: AnswerContext): EmbeddingResponse {
  const failure = isObject(value) ? errorOf(value) : undefined
  if (failure !== undefined) throw decodeErrorEvent(failure, context)
  if (!isObject(value) || !Array.isArray(value.data)) throw malformed('the answer has no list of embeddings', context)
  const embeddings: (readonly number[])[] = []
  value.data.forEach((entry, at) => {
    const vector = isObject(entry) ? decodeVector(entry.embedding) : undefined
    if (vector === undefined) throw malformed(`data[${at}] holds no vector`, context)
    embeddings[isObject(entry) && typeof entry.index === 'number' ? entry.index : at] = vector
  })
  if (embeddings.length !== value.data.length || embeddings.includes(undefined as never))
    throw malformed('the embeddings are not numbered from 0 upwards', context)
  const usage = decodeUsage(value.usage)
  return { model: targetName(context), embeddings, ...(usage && { usage }) }
}

function decodeVector(value: unknown): readonly number[] | undefined {
  if (typeof value === 'string') return decodeFloats(value)
  return Array.isArray(value) && value.every(number => typeof number === 'number') ? value : undefined
}

export function encodeEmbeddingResponse(
  response: EmbeddingResponse,
  options: { readonly encodingFormat?: EmbeddingEncoding; readonly model?: string } = {},
): JsonObject {
  const usage = response.usage
  const prompt = usage === undefined ? 0 : usage.input.uncached + usage.input.cacheRead
  return {
    object: 'list',
    data: response.embeddings.map((embedding, index) => ({
      object: 'embedding',
      index,
      embedding: options.encodingFormat === 'base64' ? encodeFloats(embedding) : embedding,
    })),
    model: options.model ?? response.model,
    usage: { prompt_tokens: prompt, total_tokens: prompt },
  }
}

function malformed(what: string, context: AnswerContext): SwitchyardError {
  return new SwitchyardError('protocol', `${targetName(context)}: ${what}.`, callDetails(context))
}
