import type { JsonObject, StartChunk } from '@switchyard/core/contract'
import { type AnswerContext, targetName } from '../answer-context.ts'
import { keepExtra } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { dialect } from './names.ts'

const known = new Set([
  ...['id', 'type', 'role', 'model', 'content', 'usage', 'simulated'],
  ...['stop_reason', 'stop_sequence', 'stop_details', 'container', 'diagnostics'],
])

/** What a message, or the first event of one, says of the answer as a whole. */
export function decodeAnswerStart(message: JsonObject, context: AnswerContext): Omit<StartChunk, 'type'> {
  const extra: JsonDraft = answerExtra(message)
  for (const key in message) if (!known.has(key)) extra[key] = message[key]
  if (typeof message.model === 'string' && message.model !== context.model) extra.model = message.model
  return {
    ...(typeof message.id === 'string' && message.id !== '' && { id: message.id }),
    model: targetName(context),
    ...((context.simulated || message.simulated === true) && { simulated: true as const }),
    ...keepExtra(dialect, extra),
  }
}

/** What an answer says of itself at its end, or at its beginning: only what is no null. */
export function answerExtra({ stop_details, container, diagnostics }: JsonObject): JsonDraft {
  return {
    ...(stop_details != null && { stop_details }),
    ...(container != null && { container }),
    ...(diagnostics != null && { diagnostics }),
  }
}

/** Seeds the ids of calls whose own are no use: the answer's id, or the request's. */
export function answerSeed(message: JsonObject, context: AnswerContext): string {
  if (typeof message.id === 'string' && message.id !== '') return message.id
  return context.requestId ?? ''
}
