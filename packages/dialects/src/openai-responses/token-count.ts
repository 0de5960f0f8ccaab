import { type JsonObject, type MessageRequest, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { type EncodeRequestOptions, encodeRequest } from './encode-request.ts'

// what the count depends on; the endpoint refuses everything else
const countedFields = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'previous_response_id',
  'conversation',
  'truncation',
]

/** Asks how many tokens the request's input has. */
export function encodeTokenCountRequest(request: MessageRequest, options: EncodeRequestOptions): JsonObject {
  const { body } = encodeRequest(request, { ...options, stream: false })
  const counted: JsonDraft = {}
  for (const field of countedFields) if (body[field] !== undefined) counted[field] = body[field]
  return counted
}

/** @throws {SwitchyardError} `protocol` where the body holds no count. */
export function decodeTokenCount(body: unknown, context: AnswerContext): number {
  if (isObject(body) && typeof body.input_tokens === 'number') return body.input_tokens
  const message = `${targetName(context)}: the answer has no input_tokens.`
  throw new SwitchyardError('protocol', message, callDetails(context))
}

/** The body that says a count. */
export function encodeTokenCount(tokens: number): JsonObject {
  return { object: 'response.input_tokens', input_tokens: tokens }
}
