import type { JsonObject, StartChunk } from '@switchyard/core/contract'
import { type AnswerContext, targetName } from '../answer-context.ts'
import { keepExtra } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { dialect } from './names.ts'

const known = new Set([
  'id',
  'object',
  'created_at',
  'model',
  'status',
  'error',
  'incomplete_details',
  'output',
  'usage',
  'simulated',
])

/** What a response says of the answer as a whole. */
export function decodeAnswerStart(response: JsonObject, context: AnswerContext): Omit<StartChunk, 'type'> {
  const extra = answerExtra(response)
  if (typeof response.model === 'string' && response.model !== context.model) extra.model = response.model
  return {
    ...(typeof response.id === 'string' && response.id !== '' && { id: response.id }),
    model: targetName(context),
    ...(typeof response.created_at === 'number' && { created: response.created_at }),
    ...((context.simulated || response.simulated === true) && { simulated: true as const }),
    ...keepExtra(dialect, extra),
  }
}

/** The fields of a response that are not told elsewhere: most repeat the request. */
export function answerExtra(response: JsonObject): JsonDraft {
  const extra: JsonDraft = {}
  for (const key in response) if (!known.has(key)) extra[key] = response[key]
  return extra
}

/** Seeds the ids of calls that came without one: the answer's own id, or the request's. */
export function answerSeed(response: JsonObject, context: AnswerContext): string {
  return typeof response.id === 'string' && response.id !== '' ? response.id : (context.requestId ?? '')
}
