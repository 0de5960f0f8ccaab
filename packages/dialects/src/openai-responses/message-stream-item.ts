import type { JsonObject, MessageChunk } from '@switchyard/core/contract'
import { keepExtra } from '../extra.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { dropEmpty, messageExtra, spokenExtra } from './message-items.ts'
import { dialect } from './names.ts'
import { type AnswerItems, lateFields, own, type StreamItem, withoutPlace } from './stream-item.ts'

interface Spoken {
  readonly id: number
  readonly part: JsonObject
  readonly known: boolean
  said: boolean
  annotations: number
  logprobs: number
}

/** The assistant's message: its content parts are blocks. */
export class MessageStreamItem implements StreamItem {
  readonly #answer: AnswerItems
  readonly #parts = new Map<number, Spoken>()
  readonly #started: JsonObject
  #begun: JsonObject | undefined

  constructor(item: JsonObject, after: string | undefined, answer: AnswerItems) {
    this.#answer = answer
    // its status is told at its end
    const { status: _, ...begun } = messageExtra(item, after)
    this.#started = begun
    this.#begun = begun
  }

  event(type: string, wire: JsonObject, out: MessageChunk[]): void {
    const at = typeof wire.content_index === 'number' ? wire.content_index : 0
    switch (type) {
      case 'response.output_text.delta':
        this.#say(at, { type: 'output_text' }, wire, out)
        return
      case 'response.refusal.delta':
        this.#say(at, { type: 'refusal' }, wire, out)
        return
      case 'response.content_part.added':
        if (isObject(wire.part) && !this.#parts.has(at)) this.#start(at, wire.part, out)
        return
      case 'response.output_text.done':
      case 'response.refusal.done':
      case 'response.content_part.done':
        return
      case 'response.output_text.annotation.added': {
        const part = this.#parts.get(at)
        if (part === undefined || wire.annotation === undefined) return
        part.annotations++
        out.push({ type: 'text-delta', id: part.id, text: '', extra: own({ annotations: [wire.annotation] }) })
        return
      }
      default:
        this.#unknown(at, type, wire, out)
    }
  }

  #say(at: number, usual: JsonObject, wire: JsonObject, out: MessageChunk[]): void {
    const part = this.#parts.get(at) ?? this.#start(at, usual, out)
    const text = typeof wire.delta === 'string' ? wire.delta : ''
    if (text !== '') part.said = true
    const { logprobs } = wire
    if (Array.isArray(logprobs) && logprobs.length > 0) {
      part.logprobs += logprobs.length
      out.push({ type: 'text-delta', id: part.id, text, extra: own({ logprobs }) })
    } else if (text !== '') out.push({ type: 'text-delta', id: part.id, text })
  }

  #start(at: number, wire: JsonObject, out: MessageChunk[]): Spoken {
    const known = wire.type === 'output_text' || wire.type === 'refusal'
    const part = { id: this.#answer.nextBlock++, part: wire, known, said: false, annotations: 0, logprobs: 0 }
    this.#parts.set(at, part)
    const begun = this.#begun
    this.#begun = undefined
    const extra = keepExtra(dialect, begun === undefined ? {} : { item: begun })
    if (!known) {
      const value = { content_part: wire, ...(begun && { item: begun }) }
      out.push({ type: 'opaque-start', id: part.id, origin: dialect, value })
    } else if (wire.type === 'refusal') {
      this.#answer.refusal = true
      out.push({ type: 'text-start', id: part.id, refusal: true, ...extra })
    } else out.push({ type: 'text-start', id: part.id, ...extra })
    return part
  }

  #unknown(at: number, type: string, wire: JsonObject, out: MessageChunk[]): void {
    const part = this.#parts.get(at)
    if (part === undefined) return
    const event = withoutPlace(type, wire)
    if (part.known) out.push({ type: 'text-delta', id: part.id, text: '', extra: own({ events: [event] }) })
    else out.push({ type: 'opaque-delta', id: part.id, value: event })
  }

  end(item: JsonObject, out: MessageChunk[]): void {
    const content = Array.isArray(item.content) ? item.content : []
    content.forEach((wire, at) => {
      if (isObject(wire) && !this.#parts.has(at)) this.#start(at, wire, out)
    })
    const late = lateFields(messageExtra(item, undefined), this.#started)
    const last = this.#parts.size - 1
    let at = 0
    for (const [index, part] of this.#parts) {
      const wire = content[index]
      const whole = isObject(wire) ? wire : {}
      const extra = { ...this.#tail(part, whole, out), ...(at === 0 && late && { item: late }) }
      const complete = item.status !== 'incomplete' || at < last
      if (part.known) out.push({ type: 'text-end', id: part.id, complete, ...keepExtra(dialect, extra) })
      else out.push({ type: 'opaque-end', id: part.id, complete })
      at++
    }
  }

  // what the whole part says and its events did not
  #tail(part: Spoken, whole: JsonObject, out: MessageChunk[]): JsonDraft {
    if (!part.known) {
      if (whole.type !== undefined && !sameJson(whole, part.part))
        out.push({ type: 'opaque-delta', id: part.id, value: { content_part: whole } })
      return {}
    }
    const text = whole.text ?? whole.refusal
    if (!part.said && typeof text === 'string' && text !== '') out.push({ type: 'text-delta', id: part.id, text })
    const rest = spokenExtra(whole)
    for (const field of ['annotations', 'logprobs'] as const) {
      const list = rest[field]
      if (Array.isArray(list)) rest[field] = list.slice(part[field])
    }
    dropEmpty(rest)
    return rest
  }
}
