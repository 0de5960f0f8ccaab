import {
  type EmbeddingRequest,
  type EmbeddingResponse,
  inputTokens,
  type JsonObject,
  SwitchyardError,
} from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalNumber, textAt } from '../field-checks.ts'
import { isObject } from '../json.ts'
import { decodeErrorLine } from './decode-error.ts'
import { dialect } from './names.ts'
import { decodeUsage } from './usage.ts'

const requestFields = new Set(['model', 'input', 'dimensions'])

export interface EncodeEmbeddingOptions {
  readonly model: string
  readonly keepAlive?: string | number
  /** What the server does with a text beyond the context: `true` cuts it, `false` refuses it. */
  readonly truncate?: boolean
}

export function encodeEmbeddingRequest(
  request: EmbeddingRequest,
  { model, keepAlive, truncate }: EncodeEmbeddingOptions,
): JsonObject {
  return {
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    ...(truncate !== undefined && { truncate }),
    ...extraOf(request, dialect),
    model,
    input: request.input,
    ...(request.dimensions !== undefined && { dimensions: request.dimensions }),
  }
}

/** @throws {SwitchyardError} `invalid-request`, naming the field. */
export function decodeEmbeddingRequest(value: unknown): EmbeddingRequest {
  const body = objectAt(value, 'body')
  const model = textAt(body.model, 'model')
  if (model === '') throw fault('model', 'is missing; name the model that shall answer.')
  const dimensions = optionalNumber(body.dimensions, 'dimensions', { from: 0, whole: true })
  return {
    model,
    input: decodeInput(body.input),
    // 0 is the model's own length
    ...(dimensions && { dimensions }),
    ...keepExtra(dialect, unknownFields(body, requestFields)),
  }
}

function decodeInput(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return []
  if (typeof value === 'string') return [value]
  return listAt(value, 'input').map((entry, at) => textAt(entry, `input[${at}]`))
}

/** @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeEmbeddingResponse(value: unknown, context: AnswerContext): EmbeddingResponse {
  if (isObject(value) && value.error !== undefined) throw decodeErrorLine(value.error, context)
  const vectors = isObject(value) ? value.embeddings : undefined
  if (!isObject(value) || !Array.isArray(vectors) || !vectors.every(isVector)) {
    const message = `${targetName(context)}: the answer has no list of embeddings.`
    throw new SwitchyardError('protocol', message, callDetails(context))
  }
  const usage = decodeUsage(value)
  return { model: targetName(context), embeddings: vectors, ...(usage && { usage }) }
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(number => typeof number === 'number')
}

export function encodeEmbeddingResponse(
  response: EmbeddingResponse,
  options: { readonly model?: string } = {},
): JsonObject {
  return {
    model: options.model ?? response.model,
    embeddings: response.embeddings,
    ...(response.usage && { prompt_eval_count: inputTokens(response.usage) }),
  }
}
