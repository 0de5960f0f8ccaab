import type { DialectExtra, JsonObject, JsonValue, MessageChunk } from '@switchyard/core/contract'
import type { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { keepExtra } from '../extra.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { parseCutToolArguments, parseToolArguments } from '../tool-arguments.ts'
import { callExtra } from './function-calls.ts'
import { dropEmpty, messageExtra, spokenExtra } from './message-items.ts'
import { dialect } from './names.ts'
import { partSeparator, reasoningExtra, signatureOf } from './reasoning-items.ts'

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

/** An event that an encoder can put in its place again. */
export function withoutPlace(type: string, wire: JsonObject): JsonObject {
  const { sequence_number: _, output_index: __, item_id: ___, ...rest } = wire
  return { ...rest, type }
}

/** The fields that were not told before. */
function lateFields(fields: JsonObject, told: JsonObject): JsonDraft | undefined {
  let late: JsonDraft | undefined
  for (const key in fields) {
    if (sameJson(fields[key], told[key])) continue
    late ??= {}
    late[key] = fields[key]
  }
  return late
}

function own(fields: JsonObject): DialectExtra {
  return { [dialect]: fields }
}
