import { type JsonObject, type MessageRequest, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { type EncodedRequest, type EncodeRequestOptions, encodeRequest } from './encode-request.ts'

// the endpoint refuses everything else
const countedFields = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'cache_control',
  'speed',
  'user_profile_id',
  'workspace_id',
]

/** Asks how many tokens the request's input has. */
export function encodeTokenCountRequest(request: MessageRequest, options: EncodeRequestOptions): EncodedRequest {
  const { body, ...encoded } = encodeRequest(request, { ...options, stream: false })
  const counted: JsonDraft = {}
  for (const field of countedFields) if (body[field] !== undefined) counted[field] = body[field]
  return { ...encoded, body: counted }
}

/** @throws {SwitchyardError} `protocol` where the body holds no count. */
export function decodeTokenCount(body: unknown, context: AnswerContext): number {
  if (isObject(body) && typeof body.input_tokens === 'number') return body.input_tokens
  const message = `${targetName(context)}: the answer has no input_tokens.`
  throw new SwitchyardError('protocol', message, callDetails(context))
}

/** The body that says a count. */
export function encodeTokenCount(tokens: number): JsonObject {
  return { input_tokens: tokens }
}
