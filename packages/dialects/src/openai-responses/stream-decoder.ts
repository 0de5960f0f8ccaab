import { type JsonObject, type MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { EventStreamDecoder } from '../event-stream-decoder.ts'
import { keepExtra } from '../extra.ts'
import type { HeaderReader } from '../header-reader.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { decodeErrorEvent } from '../openai/decode-error.ts'
import { redact, shorten } from '../redaction.ts'
import type { StreamDecoder } from '../stream-decoder.ts'
import { TextEventTemplate } from '../text-event-template.ts'
import { answerExtra, answerSeed, decodeAnswerStart } from './answer-start.ts'
import { CallStreamItem } from './call-stream-item.ts'
import { decodeFinish } from './finish-reason.ts'
import { MessageStreamItem } from './message-stream-item.ts'
import { dialect } from './names.ts'
import { wantsClient } from './opaque-items.ts'
import { OpaqueStreamItem } from './opaque-stream-item.ts'
import { ReasoningStreamItem } from './reasoning-stream-item.ts'
import { type AnswerItems, type StreamItem, withoutPlace } from './stream-item.ts'
import { decodeUsage } from './usage.ts'

/** Reads the events of one streamed answer. */
export function streamDecoder(context: AnswerContext): StreamDecoder {
  return new ResponsesStreamDecoder(context)
}

const ping: MessageChunk = { type: 'ping' }
const textDelta = 'response.output_text.delta'
// a stream whose events differ in more than their text teaches nothing
const enoughLessons = 4

class ResponsesStreamDecoder extends EventStreamDecoder {
  readonly #context: AnswerContext
  #answer: AnswerItems | undefined
  #startExtra: JsonObject = {}
  // by output_index; those that ended are gone
  readonly #items = new Map<number, StreamItem>()
  readonly #ended = new Set<number>()
  #after: string | undefined
  // of plain deltas of one block, the last that was learnt
  #template: TextEventTemplate | undefined
  #templateBlock = 0
  #templateItem = 0
  #lessons = 0

  constructor(context: AnswerContext) {
    super()
    this.#context = context
  }

  protected override hasBegun(): boolean {
    return this.#answer !== undefined
  }

  protected override ended(): never {
    throw this.#fault('truncated', 'the stream ended before the answer was finished')
  }

  protected override event(event: string, data: string, out: MessageChunk[]): void {
    if (event === textDelta && this.#template !== undefined) {
      const text = this.#template.textOf(data)
      if (text !== undefined) {
        out.push({ type: 'text-delta', id: this.#templateBlock, text })
        return
      }
    }
    const wire = this.#parse(event, data)
    const type = wire.type ?? event
    if (typeof type !== 'string' || type === '') throw this.#fault('protocol', `an event has no type: ${data}`)
    if (type === 'error' || event === 'error') throw this.#failure(wire)
    const { output_index: at } = wire
    if (this.#answer !== undefined && typeof at === 'number') {
      const item = this.#items.get(at)
      if (type === 'response.output_item.added') this.#begin(at, this.#itemOf(wire, data), out)
      else if (type === 'response.output_item.done') this.#end(at, this.#itemOf(wire, data), out)
      else if (item !== undefined) {
        const from = out.length
        item.event(type, wire, out)
        if (type === textDelta && event === type) this.#learn(data, at, out, from)
      }
      // told late, of what is whole already
      else if (!this.#ended.has(at)) throw this.#fault('protocol', `an event is of an item that never began: ${data}`)
      return
    }
    if (isObject(wire.response)) this.#response(type, wire.response, out)
    else if (this.#answer === undefined) throw this.#fault('protocol', `an answer begins with this event: ${data}`)
    else if (type.startsWith('response.')) this.#standsAlone(type, wire, out)
    else out.push(ping)
  }

  #learn(data: string, at: number, out: readonly MessageChunk[], from: number): void {
    const chunk = out[from]
    if (chunk?.type !== 'text-delta' || chunk.extra !== undefined || this.#lessons >= enoughLessons) return
    this.#lessons++
    this.#templateItem = at
    this.#templateBlock = chunk.id
    this.#template = TextEventTemplate.of(data, chunk.text, 'delta', 'sequence_number')
  }

  #parse(event: string, data: string): JsonObject {
    let wire: unknown
    try {
      wire = JSON.parse(data)
    } catch {
      if (event === 'error') return { error: data }
      throw this.#fault('protocol', `an event is not JSON: ${data}`)
    }
    if (!isObject(wire)) throw this.#fault('protocol', `an event is not a JSON object: ${data}`)
    return wire
  }

  // documented flat, and sent within `error`, with the headers that it would have had
  #failure(wire: JsonObject): SwitchyardError {
    const headers = isObject(wire.error) && isObject(wire.error.headers) ? wire.error.headers : {}
    const reader: HeaderReader = { get: name => (typeof headers[name] === 'string' ? headers[name] : undefined) }
    if (wire.error !== undefined && wire.error !== null)
      return decodeErrorEvent({ error: wire.error }, this.#context, reader)
    const { type, ...flat } = wire
    return decodeErrorEvent(type === 'error' ? flat : wire, this.#context)
  }

  #response(type: string, response: JsonObject, out: MessageChunk[]): void {
    if (type === 'response.failed') throw decodeErrorEvent(response, this.#context)
    const fresh = this.#answer === undefined
    this.#answer ??= this.#start(response, out)
    if (type === 'response.completed' || type === 'response.incomplete') this.#finish(response, this.#answer, out)
    else if (!fresh) out.push(ping)
  }

  #start(response: JsonObject, out: MessageChunk[]): AnswerItems {
    out.push({ type: 'start', ...decodeAnswerStart(response, this.#context) })
    this.#startExtra = { ...answerExtra(response), model: response.model }
    const ids = new AnswerCallIds(answerSeed(response, this.#context))
    return { nextBlock: 0, ids, calls: false, refusal: false }
  }

  #itemOf(wire: JsonObject, data: string): JsonObject {
    if (isObject(wire.item)) return wire.item
    throw this.#fault('protocol', `an event has no item: ${data}`)
  }

  #begin(at: number, item: JsonObject, out: MessageChunk[]): StreamItem {
    const begun = this.#newItem(at, item, this.#answer as AnswerItems, out)
    this.#items.set(at, begun)
    return begun
  }

  #newItem(at: number, item: JsonObject, answer: AnswerItems, out: MessageChunk[]): StreamItem {
    const after = this.#after
    this.#after = undefined
    switch (item.type) {
      case 'message':
        return new MessageStreamItem(item, after, answer)
      case 'function_call':
        return new CallStreamItem(item, after, at, answer, out)
      case 'reasoning':
        if (typeof item.id === 'string') this.#after = item.id
        return new ReasoningStreamItem(item, answer)
      default:
        if (wantsClient(item)) answer.calls = true
        return new OpaqueStreamItem(item, answer, out)
    }
  }

  #end(at: number, item: JsonObject, out: MessageChunk[]): void {
    if (this.#ended.has(at)) return
    const ending = this.#items.get(at) ?? this.#begin(at, item, out)
    this.#items.delete(at)
    this.#ended.add(at)
    if (at === this.#templateItem) this.#template = undefined
    ending.end(item, out)
  }

  // of an answer's event that belongs to no item, nothing may be lost
  #standsAlone(type: string, wire: JsonObject, out: MessageChunk[]): void {
    const id = (this.#answer as AnswerItems).nextBlock++
    out.push({ type: 'opaque-start', id, origin: dialect, value: withoutPlace(type, wire) })
    out.push({ type: 'opaque-end', id, complete: true })
  }

  #finish(response: JsonObject, answer: AnswerItems, out: MessageChunk[]): void {
    const output = Array.isArray(response.output) ? response.output : []
    output.forEach((item, at) => {
      if (isObject(item) && !this.#ended.has(at)) this.#end(at, item, out)
    })
    const status = response.status === 'incomplete' ? 'incomplete' : 'completed'
    for (const item of this.#items.values()) item.end({ status }, out)
    this.state = 'finished'
    const usage = decodeUsage(response.usage, response.tool_usage)
    out.push({
      type: 'finish',
      ...decodeFinish(response, answer),
      ...(usage && { usage }),
      ...keepExtra(dialect, this.#lateExtra(response)),
    })
  }

  #lateExtra(response: JsonObject): JsonDraft {
    const late: JsonDraft = {}
    const extra = answerExtra(response)
    for (const key in extra) if (!sameJson(extra[key], this.#startExtra[key])) late[key] = extra[key]
    return late
  }

  #fault(kind: 'protocol' | 'truncated', what: string): SwitchyardError {
    const said = shorten(redact(what, this.#context.secrets), 200)
    return new SwitchyardError(kind, `${targetName(this.#context)}: ${said}.`, callDetails(this.#context))
  }
}
