import type { JsonObject } from '@switchyard/core/contract'

/** Writes numbered events. */
export class EventWriter {
  #next = 0

  write(type: string, fields: JsonObject): string {
    const { type: _, ...rest } = fields
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#next++, ...rest })}\n\n`
  }

  /** An event whose text stands between what its kind begins and ends with. */
  plain(head: string, text: string, tail: string): string {
    return `${head}${this.#next++}${tail}${JSON.stringify(text)}}\n\n`
  }
}
