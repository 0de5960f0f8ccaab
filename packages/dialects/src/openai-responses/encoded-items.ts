import type { JsonObject, JsonValue, ReasoningPart, ToolCallPart } from '@switchyard/core/contract'
import { extraOf, keepExtra } from '../extra.ts'
import { joinFields } from '../join-fields.ts'
import type { JsonDraft } from '../json.ts'
import { type Chunk, type DeltaChunk, type EncodedBlock, type EndChunk, strangeEvents } from './encoded-block.ts'
import { dialect } from './names.ts'
import { wholeItem } from './opaque-items.ts'
import { functionCallItem, itemId, reasoningItem } from './output-items.ts'
import type { EventWriter } from './stream-events.ts'

/** A function call. */
export class CallBlock implements EncodedBlock {
  readonly item: JsonDraft
  readonly #start: Chunk<'tool-call-start'>
  readonly #at: number
  readonly #events: EventWriter
  readonly #extra: JsonDraft = {}
  #text = ''

  constructor(start: Chunk<'tool-call-start'>, at: number, answerId: string, events: EventWriter) {
    this.#start = start
    this.#at = at
    this.#events = events
    joinFields(this.#extra, extraOf(start, dialect))
    this.item = { ...functionCallItem(this.#part({ invalid: { text: '', reason: '' } }), itemId('fc', answerId, at)) }
  }

  #part(input: Pick<ToolCallPart, 'input' | 'invalid'>): ToolCallPart {
    const { callId, name } = this.#start
    return { type: 'tool-call', id: callId, name, ...input, ...keepExtra(dialect, this.#extra) } as ToolCallPart
  }

  begin(): string {
    const item = { ...this.item, status: 'in_progress', arguments: '' }
    return this.#events.write('response.output_item.added', { output_index: this.#at, item })
  }

  delta(chunk: DeltaChunk): string {
    if (chunk.type !== 'tool-call-delta') return ''
    const { events } = extraOf(chunk, dialect)
    return this.#say(chunk.text) + strangeEvents(events, this.#place(), this.#events)
  }

  #say(text: string): string {
    if (text === '') return ''
    this.#text += text
    return this.#events.write('response.function_call_arguments.delta', { ...this.#place(), delta: text })
  }

  #place(): JsonObject {
    return { item_id: this.item.id, output_index: this.#at }
  }

  end(chunk: EndChunk): string {
    if (chunk.type !== 'tool-call-end') return ''
    const { input, invalid } = chunk
    joinFields(this.#extra, extraOf(chunk, dialect))
    const part = this.#part(invalid === undefined ? { input } : { invalid })
    const whole = functionCallItem(part, String(this.item.id))
    // whoever calls a function reads JSON, even where no piece of it was told
    const said = this.#text === '' ? this.#say(String(whole.arguments)) : ''
    Object.assign(this.item, whole, { arguments: this.#text }, !chunk.complete && { status: 'incomplete' })
    const { name } = this.item
    return (
      said +
      this.#events.write('response.function_call_arguments.done', { ...this.#place(), name, arguments: this.#text }) +
      this.#events.write('response.output_item.done', { output_index: this.#at, item: this.item })
    )
  }
}

/** Reasoning, told as the one part of a summary. */
export class ReasoningBlock implements EncodedBlock {
  readonly item: JsonDraft
  readonly #start: Chunk<'reasoning-start'>
  readonly #at: number
  readonly #events: EventWriter
  readonly #extra: JsonDraft = {}
  #text = ''

  constructor(start: Chunk<'reasoning-start'>, at: number, answerId: string, events: EventWriter) {
    this.#start = start
    this.#at = at
    this.#events = events
    joinFields(this.#extra, extraOf(start, dialect))
    this.item = { ...reasoningItem(this.#part(''), itemId('rs', answerId, at)) }
  }

  #part(text: string, signature?: string): ReasoningPart {
    const signed = signature !== undefined && { signature }
    const { origin } = this.#start
    return { type: 'reasoning', text, origin, ...signed, ...keepExtra(dialect, this.#extra) }
  }

  begin(): string {
    return this.#events.write('response.output_item.added', { output_index: this.#at, item: this.item })
  }

  delta(chunk: DeltaChunk): string {
    if (chunk.type !== 'reasoning-delta') return ''
    const { events } = extraOf(chunk, dialect)
    let said = ''
    if (chunk.text !== '') {
      if (this.#text === '') said += this.#summary('response.reasoning_summary_part.added', { part: summaryPart('') })
      this.#text += chunk.text
      said += this.#summary('response.reasoning_summary_text.delta', { delta: chunk.text })
    }
    return said + strangeEvents(events, this.#place(), this.#events)
  }

  #summary(type: string, fields: JsonObject): string {
    return this.#events.write(type, { ...this.#place(), summary_index: 0, ...fields })
  }

  #place(): JsonObject {
    return { item_id: this.item.id, output_index: this.#at }
  }

  end(chunk: EndChunk): string {
    if (chunk.type !== 'reasoning-end') return ''
    joinFields(this.#extra, extraOf(chunk, dialect))
    const whole = reasoningItem(this.#part(this.#text, chunk.signature), String(this.item.id))
    Object.assign(this.item, whole, !chunk.complete && { status: 'incomplete' })
    const told =
      this.#text === ''
        ? ''
        : this.#summary('response.reasoning_summary_text.done', { text: this.#text }) +
          this.#summary('response.reasoning_summary_part.done', { part: summaryPart(this.#text) })
    return told + this.#events.write('response.output_item.done', { output_index: this.#at, item: this.item })
  }
}

/** An item that has no word here. */
export class OpaqueBlock implements EncodedBlock {
  readonly item: JsonDraft
  readonly #at: number
  readonly #events: EventWriter
  readonly #begun: JsonObject
  readonly #late: readonly JsonValue[]

  constructor(pieces: readonly JsonValue[], at: number, events: EventWriter) {
    this.#at = at
    this.#events = events
    this.#begun = pieces[0] as JsonObject
    this.#late = pieces.slice(1)
    this.item = { ...this.#begun }
  }

  begin(): string {
    const added = this.#events.write('response.output_item.added', { output_index: this.#at, item: this.#begun })
    return added + this.#late.map(value => this.#say(value)).join('')
  }

  delta(chunk: DeltaChunk): string {
    return chunk.type === 'opaque-delta' ? this.#say(chunk.value) : ''
  }

  #say(value: JsonValue): string {
    const item = wholeItem(value)
    if (item === undefined)
      return strangeEvents([value], { item_id: this.item.id, output_index: this.#at }, this.#events)
    for (const key in this.item) delete this.item[key]
    Object.assign(this.item, item)
    return ''
  }

  end(_chunk: EndChunk): string {
    return this.#events.write('response.output_item.done', { output_index: this.#at, item: this.item })
  }
}

function summaryPart(text: string): JsonObject {
  return { type: 'summary_text', text }
}
