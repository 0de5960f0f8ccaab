import type { JsonObject, StartChunk } from '@switchyard/core/contract'
import { type AnswerContext, targetName } from '../answer-context.ts'
import { keepExtra } from '../extra.ts'
import type { JsonDraft } from '../json.ts'
import { dialect } from './names.ts'
import { metricFields } from './usage.ts'

const told = new Set(['model', 'created_at', 'message', 'done', 'done_reason', 'simulated'])

/** What an answer, or the first line of one, says of the answer as a whole. */
export function decodeAnswerStart(
  wire: JsonObject,
  context: AnswerContext,
  rest: JsonObject,
): Omit<StartChunk, 'type'> {
  const extra: JsonDraft = { ...rest }
  const at = typeof wire.created_at === 'string' ? Date.parse(wire.created_at) : Number.NaN
  const created = Number.isNaN(at) ? undefined : Math.floor(at / 1000)
  if (typeof wire.model === 'string' && wire.model !== context.model) extra.model = wire.model
  return {
    model: targetName(context),
    ...(created !== undefined && { created }),
    ...((context.simulated || wire.simulated === true) && { simulated: true as const }),
    ...keepExtra(dialect, extra),
  }
}

/** The fields of a line's top level that have no word of ours. */
export function otherFields(wire: JsonObject): JsonDraft | undefined {
  let rest: JsonDraft | undefined
  for (const field in wire) {
    if (told.has(field) || metricFields.has(field)) continue
    rest ??= {}
    rest[field] = wire[field]
  }
  return rest
}

/** Seconds since 1970 as the wire tells a time. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
