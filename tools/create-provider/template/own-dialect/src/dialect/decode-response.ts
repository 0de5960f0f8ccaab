import { type MessageResponse, type ResponsePart, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, isObject, targetName } from '@switchyard/dialects/building-blocks'
import { decodeUsage, finishReason } from './answer-words.ts'
import { decodeErrorValue } from './decode-error.ts'

/** A whole answer. @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeResponse(body: unknown, context: AnswerContext): MessageResponse {
  if (isObject(body) && body.error !== undefined) throw decodeErrorValue(body.error, context)
  if (!isObject(body) || typeof body.text !== 'string' || typeof body.ended !== 'string') {
    throw new SwitchyardError('protocol', `${targetName(context)}: the body is no answer.`, callDetails(context))
  }
  const reason = finishReason(body.ended)
  const text: ResponsePart = { type: 'text', text: body.text, ...(reason === 'length' && { complete: false }) }
  const usage = decodeUsage(body.usage)
  return {
    ...(typeof body.id === 'string' && { id: body.id }),
    model: targetName(context),
    ...(body.simulated === true && { simulated: true }),
    content: body.text === '' ? [] : [text],
    reason,
    rawReason: body.ended,
    ...(usage && { usage }),
  }
}
