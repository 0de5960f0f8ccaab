import { type DialectExtra, type JsonObject, type MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { FramedStreamDecoder } from '../framed-stream-decoder.ts'
import { JsonLineParser } from '../framing/json-lines.ts'
import { joinFields } from '../join-fields.ts'
import { isJson, isObject, type JsonDraft, sameJson } from '../json.ts'
import { redact, shorten } from '../redaction.ts'
import type { StreamDecoder } from '../stream-decoder.ts'
import { decodeAnswerStart, otherFields } from './answer-start.ts'
import { decodeErrorLine } from './decode-error.ts'
import { answerSeed } from './decode-response.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { answerFields, dialect, messageFields } from './names.ts'
import { RepeatedLine } from './repeated-line.ts'
import { StreamBlocks } from './stream-blocks.ts'
import { decodeUsage } from './usage.ts'

/** Reads the lines of one streamed answer. */
export function streamDecoder(context: AnswerContext): StreamDecoder {
  return new ChatStreamDecoder(context)
}

// a stream whose lines differ in more than their text teaches nothing
const enoughLessons = 4

class ChatStreamDecoder extends FramedStreamDecoder<string> {
  readonly #context: AnswerContext
  #blocks: StreamBlocks | undefined
  // what each line repeats of the first
  #repeated: JsonObject = {}
  #extra: Record<string, JsonDraft> = {}
  #lesson: RepeatedLine | undefined
  #lessons = 0

  constructor(context: AnswerContext) {
    super(new JsonLineParser())
    this.#context = context
  }

  protected override isWhole(line: string): boolean {
    return isJson(line)
  }

  protected override ended(): never {
    throw this.#fault('truncated', 'the stream ended before the answer was done')
  }

  protected override read(line: string, out: MessageChunk[]): void {
    if (this.#lesson !== undefined && this.#repeats(this.#lesson, line, out)) return
    const wire = this.#parse(line)
    if (wire.error !== undefined) throw decodeErrorLine(wire.error, this.#context)
    const { message, done } = wire
    if (!isObject(message) && done !== true) throw this.#fault('protocol', `a line has no message: ${line}`)
    const blocks = this.#blocks ?? this.#start(wire, out)
    const from = out.length
    if (isObject(message)) this.#message(message, blocks, out)
    const late = this.#late(wire)
    if (late !== undefined) this.#keep(answerFields, late, blocks, from, out)
    if (done === true) this.#finish(wire, blocks, out)
    else this.#learn(line, out, from)
  }

  #repeats(lesson: RepeatedLine, line: string, out: MessageChunk[]): boolean {
    const text = lesson.textOf(line)
    if (text === undefined) return false
    const blocks = this.#blocks as StreamBlocks
    blocks.speak(lesson.kind, text, out)
    return true
  }

  #learn(line: string, out: MessageChunk[], from: number): void {
    const chunk = out[from]
    if (out.length !== from + 1 || this.#lessons === enoughLessons) return
    if ((chunk?.type !== 'text-delta' && chunk?.type !== 'reasoning-delta') || chunk.extra !== undefined) return
    const kind = chunk.type === 'text-delta' ? 'text' : 'reasoning'
    if (this.#lesson?.kind === kind) return
    this.#lessons++
    this.#lesson = RepeatedLine.of(line, kind, chunk.text)
  }

  #parse(line: string): JsonObject {
    let wire: unknown
    try {
      wire = JSON.parse(line)
    } catch {
      throw this.#fault('protocol', `a line is not JSON: ${line}`)
    }
    if (!isObject(wire)) throw this.#fault('protocol', `a line is not a JSON object: ${line}`)
    return wire
  }

  #start(wire: JsonObject, out: MessageChunk[]): StreamBlocks {
    const { logprobs: _, ...repeated } = otherFields(wire) ?? ({} as JsonObject)
    this.#repeated = repeated
    out.push({ type: 'start', ...decodeAnswerStart(wire, this.#context, repeated) })
    this.#blocks = new StreamBlocks(new AnswerCallIds(answerSeed(wire, this.#context)))
    return this.#blocks
  }

  #message(message: JsonObject, blocks: StreamBlocks, out: MessageChunk[]): void {
    const { thinking, content, tool_calls: calls } = message
    const from = out.length
    if (typeof thinking === 'string' && thinking !== '') blocks.speak('reasoning', thinking, out)
    if (typeof content === 'string' && content !== '') blocks.speak('text', content, out)
    let rest: JsonDraft | undefined
    for (const field in message) {
      if (field === 'role' || field === 'content' || field === 'thinking' || field === 'tool_calls') continue
      rest ??= {}
      rest[field] = message[field]
    }
    if (rest !== undefined) this.#keep(messageFields, rest, blocks, from, out)
    if (Array.isArray(calls)) for (const call of calls) if (isObject(call)) blocks.call(call, out)
  }

  #late(wire: JsonObject): JsonDraft | undefined {
    const rest = otherFields(wire)
    if (rest === undefined) return undefined
    let late: JsonDraft | undefined
    for (const field in rest) {
      if (sameJson(rest[field], this.#repeated[field])) continue
      late ??= {}
      late[field] = rest[field]
    }
    return late
  }

  // what comes while nothing is said waits for what is said next, or for the end
  #keep(name: string, fields: JsonDraft, blocks: StreamBlocks, from: number, out: MessageChunk[]): void {
    const all = this.#extra[name] ?? {}
    joinFields(all, fields)
    if (blocks.attach({ [name]: all }, from, out)) delete this.#extra[name]
    else this.#extra[name] = all
  }

  #finish(wire: JsonObject, blocks: StreamBlocks, out: MessageChunk[]): void {
    this.state = 'finished'
    const word = typeof wire.done_reason === 'string' ? wire.done_reason : 'stop'
    const reason = decodeFinishReason(word, blocks.called)
    blocks.end(reason !== 'length', out)
    const usage = decodeUsage(wire)
    if (reason === 'other') this.#extra[dialect] = { done_reason: word }
    const extra: DialectExtra = this.#extra
    out.push({
      type: 'finish',
      reason,
      rawReason: word,
      ...(usage && { usage }),
      ...(Object.keys(extra).length > 0 && { extra }),
    })
  }

  #fault(kind: 'protocol' | 'truncated', what: string): SwitchyardError {
    const said = shorten(redact(what, this.#context.secrets), 200)
    return new SwitchyardError(kind, `${targetName(this.#context)}: ${said}.`, callDetails(this.#context))
  }
}
