import { type FinishChunk, type JsonObject, type MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { EventStreamDecoder } from '../event-stream-decoder.ts'
import { keepExtra } from '../extra.ts'
import type { ServerSentEvent } from '../framing/server-sent-events.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { redact, shorten } from '../redaction.ts'
import type { StreamDecoder } from '../stream-decoder.ts'
import { TextEventTemplate } from '../text-event-template.ts'
import { answerExtra, answerSeed, decodeAnswerStart } from './answer-start.ts'
import { decodeErrorEvent } from './decode-error.ts'
import { dialect } from './names.ts'
import { decodeStopReason, isCut } from './stop-reason.ts'
import { continueBlock, endBlock, type StreamBlock, startBlock, textDelta } from './stream-blocks.ts'
import { decodeUsage, laterUsage } from './usage.ts'

/** Reads the events of one streamed answer. */
export function streamDecoder(context: AnswerContext): StreamDecoder {
  return new MessageStreamDecoder(context)
}

class MessageStreamDecoder extends EventStreamDecoder {
  readonly #context: AnswerContext
  // by the wire's index
  readonly #open = new Map<number, StreamBlock>()
  // whether a limit cut the last block is told after its end
  #ended: StreamBlock | undefined
  #nextBlock = 0
  #ids: AnswerCallIds | undefined
  #called = false
  #usage: JsonObject | undefined
  #word: string | undefined
  #stopSequence: string | undefined
  #startExtra: JsonObject = {}
  readonly #extra: JsonDraft = {}
  #template: TextEventTemplate | undefined
  #templateBlock: StreamBlock | undefined

  constructor(context: AnswerContext) {
    super()
    this.#context = context
  }

  protected override hasBegun(): boolean {
    return this.#ids !== undefined
  }

  protected override isSignOfLife({ event }: ServerSentEvent): boolean {
    return event === 'ping'
  }

  protected override ended(): never {
    throw this.#fault('truncated', 'the stream ended before the answer was finished')
  }

  protected override event(event: string, data: string, out: MessageChunk[]): void {
    const block = this.#templateBlock
    if (block !== undefined) {
      const text = this.#template?.textOf(data)
      if (text !== undefined) {
        out.push({ type: 'text-delta', id: block.id, text })
        return
      }
    }
    const wire = this.#parse(event, data)
    const { type } = wire
    if (event === 'error' || type === 'error') throw decodeErrorEvent(wire, this.#context)
    if (typeof type !== 'string') throw this.#fault('protocol', `an event has no type: ${data}`)
    if (type === 'message_start') this.#start(wire, data, out)
    else if (handled.has(type)) this.#continue(type, wire, data, out)
  }

  #continue(type: string, wire: JsonObject, data: string, out: MessageChunk[]): void {
    if (this.#ids === undefined) throw this.#fault('protocol', `${type} came before message_start`)
    if (type === 'content_block_delta') this.#delta(wire, data, out)
    else if (type === 'content_block_start') this.#startBlock(wire, this.#ids, data, out)
    else if (type === 'content_block_stop') this.#stopBlock(wire, data, out)
    else if (type === 'message_delta') this.#messageDelta(wire, data, out)
    else this.#finish(out)
  }

  #parse(event: string, data: string): JsonObject {
    let wire: unknown
    try {
      wire = JSON.parse(data)
    } catch {
      if (event === 'error') return { error: data }
      throw this.#fault('protocol', `an event is not JSON: ${data}`)
    }
    if (isObject(wire)) return wire
    throw this.#fault('protocol', `an event is not a JSON object: ${data}`)
  }

  #start({ message }: JsonObject, data: string, out: MessageChunk[]): void {
    if (!isObject(message) || this.#ids !== undefined) throw this.#misplaced(data)
    this.#ids = new AnswerCallIds(answerSeed(message, this.#context))
    this.#usage = laterUsage(undefined, message.usage)
    const { extra, ...start } = decodeAnswerStart(message, this.#context)
    // clients of this dialect look for the size of the prompt here
    this.#startExtra = extra?.[dialect] ?? {}
    const told = { ...this.#startExtra, ...(this.#usage && { usage: this.#usage }) }
    out.push({ type: 'start', ...start, ...keepExtra(dialect, told) })
  }

  #startBlock(
    { index, content_block: block }: JsonObject,
    ids: AnswerCallIds,
    data: string,
    out: MessageChunk[],
  ): void {
    if (typeof index !== 'number' || this.#open.has(index) || !isObject(block) || typeof block.type !== 'string')
      throw this.#misplaced(data)
    this.#endLast(false, out)
    if (block.type === 'tool_use') this.#called = true
    this.#open.set(index, startBlock(block, this.#nextBlock++, ids, this.#context, out))
  }

  #delta({ index, delta }: JsonObject, data: string, out: MessageChunk[]): void {
    const block = this.#open.get(index as number)
    if (block === undefined || !isObject(delta) || !continueBlock(block, delta, out)) throw this.#misplaced(data)
    if (block.kind !== 'text' || this.#templateBlock === block || delta.type !== textDelta) return
    this.#template = TextEventTemplate.of(data, String(delta.text), 'text')
    if (this.#template !== undefined) this.#templateBlock = block
  }

  #stopBlock({ index }: JsonObject, data: string, out: MessageChunk[]): void {
    const block = this.#open.get(index as number)
    if (block === undefined) throw this.#misplaced(data)
    this.#open.delete(index as number)
    if (this.#templateBlock === block) this.#templateBlock = undefined
    this.#endLast(false, out)
    this.#ended = block
  }

  #messageDelta({ delta, usage }: JsonObject, data: string, out: MessageChunk[]): void {
    if (!isObject(delta)) throw this.#misplaced(data)
    this.#usage = laterUsage(this.#usage, usage)
    const late = answerExtra(delta)
    for (const key in late) if (!sameJson(late[key], this.#startExtra[key])) this.#extra[key] = late[key]
    if (typeof delta.stop_sequence === 'string') this.#stopSequence = delta.stop_sequence
    if (typeof delta.stop_reason !== 'string') return
    this.#word = delta.stop_reason
    this.#endLast(isCut(decodeStopReason(this.#word)), out)
  }

  #finish(out: MessageChunk[]): void {
    if (this.#word === undefined) throw this.#fault('truncated', 'the stream ended without a stop reason')
    const reason = decodeStopReason(this.#word)
    for (const block of this.#open.values()) endBlock(block, true, out)
    this.state = 'finished'
    out.push(this.#end(reason, this.#word))
  }

  #end(reason: FinishChunk['reason'], word: string): FinishChunk {
    const usage = decodeUsage(this.#usage)
    const kept = { ...this.#extra, ...(reason === 'other' && { stop_reason: word }) }
    return {
      type: 'finish',
      // servers that imitate this one forget it
      reason: reason === 'stop' && this.#called ? 'tool-calls' : reason,
      rawReason: word,
      ...(this.#stopSequence !== undefined && { stopSequence: this.#stopSequence }),
      ...(usage && { usage }),
      ...keepExtra(dialect, kept),
    }
  }

  #endLast(cut: boolean, out: MessageChunk[]): void {
    if (this.#ended === undefined) return
    endBlock(this.#ended, cut, out)
    this.#ended = undefined
  }

  #misplaced(data: string): SwitchyardError {
    return this.#fault('protocol', `an event is malformed or out of place: ${data}`)
  }

  #fault(kind: 'protocol' | 'truncated', what: string): SwitchyardError {
    const said = shorten(redact(what, this.#context.secrets), 200)
    return new SwitchyardError(kind, `${targetName(this.#context)}: ${said}.`, callDetails(this.#context))
  }
}

// others may come to be, and say nothing that we must know
const handled = new Set([
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
])
