import type { JsonObject, JsonValue, MessageChunk } from '@switchyard/core/contract'
import { keepExtra } from '../extra.ts'
import { parseCutToolArguments, parseToolArguments } from '../tool-arguments.ts'
import { callExtra } from './function-calls.ts'
import { dialect } from './names.ts'
import { type AnswerItems, lateFields, own, type StreamItem, withoutPlace } from './stream-item.ts'

/** A function call. */
export class CallStreamItem implements StreamItem {
  readonly #id: number
  readonly #callId: string
  readonly #started: JsonObject
  #text: string

  constructor(item: JsonObject, after: string | undefined, at: number, answer: AnswerItems, out: MessageChunk[]) {
    answer.calls = true
    this.#id = answer.nextBlock++
    this.#callId = answer.ids.take(item.call_id, 0, at)
    const { status: _, arguments: __, ...begun } = callExtra(item, this.#callId, after)
    this.#started = begun
    this.#text = ''
    out.push({
      type: 'tool-call-start',
      id: this.#id,
      callId: this.#callId,
      name: String(item.name ?? ''),
      ...keepExtra(dialect, begun),
    })
    this.#say(item.arguments, out)
  }

  event(type: string, wire: JsonObject, out: MessageChunk[]): void {
    if (type === 'response.function_call_arguments.delta') this.#say(wire.delta, out)
    else if (type !== 'response.function_call_arguments.done') {
      const extra = own({ events: [withoutPlace(type, wire)] })
      out.push({ type: 'tool-call-delta', id: this.#id, text: '', extra })
    }
  }

  #say(text: JsonValue | undefined, out: MessageChunk[]): void {
    if (typeof text !== 'string' || text === '') return
    this.#text += text
    out.push({ type: 'tool-call-delta', id: this.#id, text })
  }

  end(item: JsonObject, out: MessageChunk[]): void {
    if (this.#text === '') this.#say(item.arguments, out)
    const cut = item.status === 'incomplete'
    const { invalid, input } = cut ? parseCutToolArguments(this.#text) : parseToolArguments(this.#text)
    const told = { ...item, arguments: this.#text, call_id: item.call_id ?? this.#started.call_id ?? this.#callId }
    const late = lateFields(callExtra(told, this.#callId, undefined), this.#started)
    const extra = keepExtra(dialect, late ?? {})
    if (invalid !== undefined) out.push({ type: 'tool-call-end', id: this.#id, complete: !cut, invalid, ...extra })
    else out.push({ type: 'tool-call-end', id: this.#id, complete: true, input, ...extra })
  }
}
