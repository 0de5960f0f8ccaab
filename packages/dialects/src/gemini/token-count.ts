import type { JsonObject, MessageRequest } from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import { fault, objectAt } from '../field-checks.ts'
import { isObject } from '../json.ts'
import { answerFault } from './answer-start.ts'
import { decodeErrorEvent } from './decode-error.ts'
import { type DecodeRequestOptions, decodeRequest } from './decode-request.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'
import { modelResource } from './model-resource.ts'

const alsoCounted = ['systemInstruction', 'tools', 'cachedContent']

/** The body of `countTokens`: the whole request where more than its contents counts. */
export function encodeTokenCountRequest(request: MessageRequest, options: EncodeRequestOptions): JsonObject {
  const { body } = encodeRequest(request, options)
  if (!alsoCounted.some(field => field in body)) return { contents: body.contents }
  return { generateContentRequest: { model: modelResource(options.model), ...body } }
}

/** What shall be counted. @throws {SwitchyardError} `invalid-request`, naming the field. */
export function decodeTokenCountRequest(value: unknown, options: DecodeRequestOptions = {}): MessageRequest {
  const body = objectAt(value, 'body')
  const { generateContentRequest: request, contents } = body
  if (request === undefined) return decodeRequest({ contents }, options)
  if (contents !== undefined)
    throw fault('contents', 'may not be sent beside generateContentRequest; send one of them.')
  return decodeRequest(request, options)
}

/** @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeTokenCount(value: unknown, context: AnswerContext): number {
  if (isObject(value) && value.error !== undefined) throw decodeErrorEvent(value, context)
  const total = isObject(value) ? value.totalTokens : undefined
  if (typeof total !== 'number') throw answerFault('protocol', 'the answer counts no tokens', context)
  return total
}

export function encodeTokenCount(totalTokens: number): JsonObject {
  return { totalTokens }
}
