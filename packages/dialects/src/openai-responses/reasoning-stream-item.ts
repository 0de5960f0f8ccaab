import type { JsonObject, JsonValue, MessageChunk } from '@switchyard/core/contract'
import { keepExtra } from '../extra.ts'
import { isObject } from '../json.ts'
import { dialect } from './names.ts'
import { partSeparator, reasoningExtra, signatureOf } from './reasoning-items.ts'
import { type AnswerItems, lateFields, own, type StreamItem, withoutPlace } from './stream-item.ts'

/**
 * Reasoning: one block, whose parts are set apart by an empty line. It begins with its first word: until then the model
 * thinks in silence.
 */
export class ReasoningStreamItem implements StreamItem {
  readonly #answer: AnswerItems
  readonly #started: JsonObject
  #block: number | undefined
  #part = ''
  #said = false

  constructor(item: JsonObject, answer: AnswerItems) {
    this.#answer = answer
    const { status: _, summary: __, content: ___, encrypted_content: ____, ...begun } = reasoningExtra(item)
    this.#started = begun
  }

  #id(out: MessageChunk[]): number {
    if (this.#block !== undefined) return this.#block
    const id = this.#answer.nextBlock++
    this.#block = id
    out.push({ type: 'reasoning-start', id, origin: dialect, ...keepExtra(dialect, this.#started) })
    return id
  }

  event(type: string, wire: JsonObject, out: MessageChunk[]): void {
    switch (type) {
      case 'response.reasoning_summary_text.delta':
        this.#say(`summary ${wire.summary_index}`, wire.delta, out)
        return
      case 'response.reasoning_text.delta':
        this.#say(`content ${wire.content_index}`, wire.delta, out)
        return
      case 'response.reasoning_summary_part.added':
      case 'response.reasoning_summary_part.done':
      case 'response.reasoning_summary_text.done':
      case 'response.reasoning_text.done':
      case 'response.content_part.added':
      case 'response.content_part.done':
        return
      default: {
        const extra = own({ events: [withoutPlace(type, wire)] })
        out.push({ type: 'reasoning-delta', id: this.#id(out), text: '', extra })
      }
    }
  }

  #say(part: string, delta: JsonValue | undefined, out: MessageChunk[]): void {
    if (typeof delta !== 'string' || delta === '') return
    const apart = this.#said && part !== this.#part
    this.#part = part
    this.#said = true
    out.push({ type: 'reasoning-delta', id: this.#id(out), text: apart ? partSeparator + delta : delta })
  }

  end(item: JsonObject, out: MessageChunk[]): void {
    if (!this.#said) {
      for (const [kind, list] of [
        ['content', item.content],
        ['summary', item.summary],
      ] as const) {
        if (Array.isArray(list))
          list.forEach((entry, at) => {
            if (isObject(entry)) this.#say(`${kind} ${at}`, entry.text, out)
          })
      }
    }
    const signature = signatureOf(item)
    const late = lateFields(reasoningExtra(item), this.#started)
    out.push({
      type: 'reasoning-end',
      id: this.#id(out),
      complete: item.status !== 'incomplete',
      ...(signature !== undefined && { signature }),
      ...keepExtra(dialect, late ?? {}),
    })
  }
}
