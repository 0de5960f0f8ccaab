import type { JsonObject, MessageChunk } from '@switchyard/core/contract'
import { sameJson } from '../json.ts'
import { dialect } from './names.ts'
import { type AnswerItems, type StreamItem, withoutPlace } from './stream-item.ts'

/** An item that has no word here: its events are told as they came. */
export class OpaqueStreamItem implements StreamItem {
  readonly #id: number
  readonly #item: JsonObject

  constructor(item: JsonObject, answer: AnswerItems, out: MessageChunk[]) {
    this.#id = answer.nextBlock++
    this.#item = item
    out.push({ type: 'opaque-start', id: this.#id, origin: dialect, value: item })
  }

  event(type: string, wire: JsonObject, out: MessageChunk[]): void {
    out.push({ type: 'opaque-delta', id: this.#id, value: withoutPlace(type, wire) })
  }

  end(item: JsonObject, out: MessageChunk[]): void {
    if (!sameJson(item, this.#item)) out.push({ type: 'opaque-delta', id: this.#id, value: item })
    out.push({ type: 'opaque-end', id: this.#id, complete: item.status !== 'incomplete' })
  }
}
