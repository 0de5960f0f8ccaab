import type { JsonObject, StartChunk } from '@switchyard/core/contract'
import { type AnswerContext, targetName } from '../answer-context.ts'
import { keepExtra } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { dialect } from './names.ts'

const known = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'obfuscation', 'simulated'])

/** What an answer, or the first event of one, says of the answer as a whole. */
export function decodeAnswerStart(wire: JsonObject, context: AnswerContext, object: string): Omit<StartChunk, 'type'> {
  const extra: JsonDraft = answerExtra(wire)
  if (typeof wire.object === 'string' && wire.object !== object && wire.object !== '') extra.object = wire.object
  if (typeof wire.model === 'string' && wire.model !== context.model) extra.model = wire.model
  return {
    ...(typeof wire.id === 'string' && wire.id !== '' && { id: wire.id }),
    model: targetName(context),
    ...(typeof wire.created === 'number' && { created: wire.created }),
    ...((context.simulated || wire.simulated === true) && { simulated: true as const }),
    ...keepExtra(dialect, extra),
  }
}

/** The fields of the top level that are not told elsewhere. */
export function answerExtra(wire: JsonObject): JsonDraft {
  const extra: JsonDraft = {}
  for (const key in wire) if (!known.has(key)) extra[key] = wire[key]
  return extra
}

/** Seeds the ids of calls that came without one: the answer's own id, or the request's. */
export function answerSeed(wire: JsonObject, context: AnswerContext): string {
  if (typeof wire.id === 'string' && wire.id !== '') return wire.id
  return context.requestId ?? String(wire.created ?? '')
}
