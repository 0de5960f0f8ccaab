import type { DialectExtra, JsonObject, MessageChunk } from '@switchyard/core/contract'
import type { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { type JsonDraft, sameJson } from '../json.ts'
import { dialect } from './names.ts'

/** What the items of one answer share. */
export interface AnswerItems {
  nextBlock: number
  readonly ids: AnswerCallIds
  calls: boolean
  refusal: boolean
}

/** One item of the output while it is being told. */
export interface StreamItem {
  /** An event that names this item. */
  event(type: string, wire: JsonObject, out: MessageChunk[]): void
  /** The item is whole, as `item` has it. */
  end(item: JsonObject, out: MessageChunk[]): void
}

/** An event that an encoder can put in its place again. */
export function withoutPlace(type: string, wire: JsonObject): JsonObject {
  const { sequence_number: _, output_index: __, item_id: ___, ...rest } = wire
  return { ...rest, type }
}

/** The fields that were not told before. */
export function lateFields(fields: JsonObject, told: JsonObject): JsonDraft | undefined {
  let late: JsonDraft | undefined
  for (const key in fields) {
    if (sameJson(fields[key], told[key])) continue
    late ??= {}
    late[key] = fields[key]
  }
  return late
}

/** Fields that this dialect alone knows. */
export function own(fields: JsonObject): DialectExtra {
  return { [dialect]: fields }
}
