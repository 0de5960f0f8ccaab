import type { JsonObject, JsonValue, TextPart } from '@switchyard/core/contract'
import { extraOf, keepExtra } from '../extra.ts'
import { joinFields } from '../join-fields.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { type Chunk, type DeltaChunk, type EncodedBlock, type EndChunk, list, strangeEvents } from './encoded-block.ts'
import { dialect } from './names.ts'
import { encodeAnswerPart, itemId, messageItem } from './output-items.ts'
import type { EventWriter } from './stream-events.ts'

/** A message of the assistant; its parts are blocks. */
export class OpenMessage {
  /** As it is so far. */
  readonly item: JsonDraft
  readonly at: number
  readonly #content: JsonObject[] = []
  readonly #events: EventWriter
  #parts = 0
  #open = 0
  #left = false

  constructor(begun: JsonObject | undefined, at: number, answerId: string, events: EventWriter) {
    this.at = at
    this.#events = events
    this.item = messageItem(begun, this.#content, itemId('msg', answerId, at))
  }

  begin(): string {
    const item = { ...this.item, status: 'in_progress', content: [] }
    return this.#events.write('response.output_item.added', { output_index: this.at, item })
  }

  /** The place of the next part. */
  beginPart(): number {
    this.#open++
    return this.#parts++
  }

  endPart(index: number, part: JsonObject, complete: boolean, late: JsonObject | undefined): string {
    this.#content[index] = part
    joinFields(this.item, late)
    if (!complete) this.item.status = 'incomplete'
    this.#open--
    const event = { item_id: this.item.id, output_index: this.at, content_index: index, part }
    return this.#events.write('response.content_part.done', event) + (this.#left ? this.leave() : '')
  }

  /** No more parts begin. */
  leave(): string {
    this.#left = true
    if (this.#open > 0) return ''
    return this.#events.write('response.output_item.done', { output_index: this.at, item: this.item })
  }
}

/** A text, or a refusal. */
export class TextBlock implements EncodedBlock {
  readonly #message: OpenMessage
  readonly #events: EventWriter
  readonly #index: number
  readonly #refusal: boolean
  readonly #extra: JsonDraft = {}
  readonly #head: string
  readonly #tail: string
  #text = ''
  #annotations = 0

  constructor(start: Chunk<'text-start'>, message: OpenMessage, events: EventWriter) {
    this.#message = message
    this.#events = events
    this.#index = message.beginPart()
    this.#refusal = start.refusal === true
    const { item: _, ...extra } = extraOf(start, dialect)
    joinFields(this.#extra, extra)
    const type = this.#refusal ? 'response.refusal.delta' : 'response.output_text.delta'
    const { type: __, ...place } = { type, ...this.#place() }
    const lists = this.#refusal ? '' : ',"logprobs":[]'
    this.#head = `event: ${type}\ndata: {"type":"${type}","sequence_number":`
    this.#tail = `,${JSON.stringify(place).slice(1, -1)}${lists},"delta":`
  }

  #place(): JsonObject {
    return { item_id: this.#message.item.id, output_index: this.#message.at, content_index: this.#index }
  }

  #part(text: string, extra: JsonObject): JsonObject {
    const part: TextPart = { type: 'text', text, ...(this.#refusal && { refusal: true }), ...keepExtra(dialect, extra) }
    return encodeAnswerPart(part)
  }

  begin(): string {
    return this.#events.write('response.content_part.added', { ...this.#place(), part: this.#part('', {}) })
  }

  /** A piece of text and nothing else. */
  plain(text: string): string {
    if (text === '') return ''
    this.#text += text
    return this.#events.plain(this.#head, text, this.#tail)
  }

  delta(chunk: DeltaChunk): string {
    if (chunk.type !== 'text-delta') return ''
    const { events, annotations, logprobs, ...rest } = extraOf(chunk, dialect)
    joinFields(this.#extra, { ...rest, ...(annotations && { annotations }), ...(logprobs && { logprobs }) })
    let said = ''
    if (logprobs !== undefined) {
      this.#text += chunk.text
      said += this.#events.write('response.output_text.delta', { ...this.#place(), logprobs, delta: chunk.text })
    } else said += this.plain(chunk.text)
    for (const annotation of list(annotations)) {
      const annotation_index = this.#annotations++
      const event = { ...this.#place(), annotation_index, annotation }
      said += this.#events.write('response.output_text.annotation.added', event)
    }
    return said + strangeEvents(events, this.#place(), this.#events)
  }

  end(chunk: EndChunk): string {
    const { item, ...late } = 'extra' in chunk ? extraOf(chunk, dialect) : ({} as JsonObject)
    joinFields(this.#extra, late)
    const part = this.#part(this.#text, this.#extra)
    const done = this.#refusal
      ? this.#events.write('response.refusal.done', { ...this.#place(), refusal: this.#text })
      : this.#events.write('response.output_text.done', { ...this.#place(), logprobs: part.logprobs, text: this.#text })
    return done + this.#message.endPart(this.#index, part, chunk.complete, isObject(item) ? item : undefined)
  }
}

/** A part of a message that has no word here. */
export class MessageBlock implements EncodedBlock {
  readonly #message: OpenMessage
  readonly #events: EventWriter
  readonly #index: number
  readonly #begun: JsonObject
  readonly #late: readonly JsonValue[]
  #part: JsonObject

  constructor([first, ...late]: readonly JsonValue[], message: OpenMessage, events: EventWriter) {
    this.#message = message
    this.#events = events
    this.#index = message.beginPart()
    this.#begun = (first as JsonObject).content_part as JsonObject
    this.#part = this.#begun
    this.#late = late
  }

  begin(): string {
    const event = { ...this.#place(), part: this.#begun }
    return this.#events.write('response.content_part.added', event) + this.#late.map(value => this.#say(value)).join('')
  }

  delta(chunk: DeltaChunk): string {
    return chunk.type === 'opaque-delta' ? this.#say(chunk.value) : ''
  }

  #say(value: JsonValue): string {
    if (!isObject(value)) return ''
    if (!isObject(value.content_part)) return strangeEvents([value], this.#place(), this.#events)
    this.#part = value.content_part
    return ''
  }

  #place(): JsonObject {
    return { item_id: this.#message.item.id, output_index: this.#message.at, content_index: this.#index }
  }

  end(chunk: EndChunk): string {
    return this.#message.endPart(this.#index, this.#part, chunk.complete, undefined)
  }
}
