import type {
  ChoiceFinish,
  DialectExtra,
  JsonObject,
  JsonValue,
  MessageChunk,
  SwitchyardError,
} from '@switchyard/core/contract'
import type { AnswerContext } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { EventStreamDecoder } from '../event-stream-decoder.ts'
import { keepExtra } from '../extra.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import type { StreamDecoder } from '../stream-decoder.ts'
import { TextEventTemplate } from '../text-event-template.ts'
import {
  answerExtra,
  answerFault,
  answerSeed,
  blockedPrompt,
  candidateRest,
  decodeAnswerStart,
  isToldElsewhere,
  malformedAnswer,
} from './answer-start.ts'
import { type AnswerBlocks, CandidateBlocks } from './candidate-blocks.ts'
import { decodeErrorEvent } from './decode-error.ts'
import { partsOf } from './decode-response.ts'
import { isMalformed } from './finish-reason.ts'
import { dialect } from './names.ts'
import { decodeUsage } from './usage.ts'

/** Reads the events of one streamed answer. */
export function streamDecoder(context: AnswerContext): StreamDecoder {
  return new GeminiStreamDecoder(context)
}

const none: readonly JsonValue[] = []
// a stream whose events differ in more than their text teaches nothing
const enoughLessons = 4

/** An event that said nothing but a piece of text, and what its like say too. */
interface Lesson {
  readonly template: TextEventTemplate
  readonly blocks: CandidateBlocks
  /** Of the block that its text belongs to. */
  readonly id: number
  readonly usage: JsonValue | undefined
}

class GeminiStreamDecoder extends EventStreamDecoder {
  readonly #context: AnswerContext
  readonly #candidates: CandidateBlocks[] = []
  #answer: AnswerBlocks | undefined
  #startExtra: JsonObject = {}
  #late: JsonDraft = {}
  // a running total: the last one counts
  #usage: JsonValue | undefined
  #lesson: Lesson | undefined
  #lessons = 0

  constructor(context: AnswerContext) {
    super()
    this.#context = context
  }

  protected override hasBegun(): boolean {
    return this.#answer !== undefined
  }

  protected override ended(out: MessageChunk[]): void {
    if (!this.#isComplete()) {
      throw answerFault('truncated', 'the stream ended before the answer was finished', this.#context)
    }
    this.#finish(out)
  }

  protected override event(_: string, data: string, out: MessageChunk[]): void {
    if (this.#lesson !== undefined && this.#repeats(this.#lesson, data, out)) return
    const from = out.length
    const wire = this.#parse(data)
    const { candidates = none, usageMetadata } = wire
    if (!Array.isArray(candidates)) throw this.#protocol(`an event has no list of candidates: ${data}`)
    if (candidates.length === 0) this.#checkBare(wire, data)
    if (this.#answer === undefined) this.#start(wire, out)
    else this.#lateFields(wire)
    if (isObject(usageMetadata)) this.#usage = usageMetadata
    for (let at = 0; at < candidates.length; at++) this.#candidate(candidates[at], at, out)
    if (this.#usage !== undefined && this.#isComplete()) this.#finish(out)
    else if (candidates.length === 1) this.#learn(data, usageMetadata, out, from)
  }

  /** Reads an event that differs from an earlier one in its text alone. */
  #repeats({ template, blocks, id, usage }: Lesson, data: string, out: MessageChunk[]): boolean {
    const text = blocks.speaks(id) ? template.textOf(data) : undefined
    if (text === undefined) return false
    blocks.goOn(text, out)
    if (usage !== undefined) this.#usage = usage
    return true
  }

  #learn(data: string, usage: JsonValue | undefined, out: MessageChunk[], from: number): void {
    const chunk = out[from]
    if (out.length !== from + 1 || this.#lessons === enoughLessons) return
    if ((chunk?.type !== 'text-delta' && chunk?.type !== 'reasoning-delta') || chunk.extra !== undefined) return
    const blocks = this.#candidates.find(each => each.speaks(chunk.id))
    const template = TextEventTemplate.of(data, chunk.text, 'text')
    this.#lessons++
    this.#lesson = template && blocks && { template, blocks, id: chunk.id, usage }
  }

  #parse(data: string): JsonObject {
    let wire: unknown
    try {
      wire = JSON.parse(data)
    } catch {
      throw this.#protocol(`an event is not JSON: ${data}`)
    }
    if (Array.isArray(wire) && isObject(wire[0]) && wire[0].error !== undefined)
      throw decodeErrorEvent(wire, this.#context)
    if (!isObject(wire)) throw this.#protocol(`an event is not a JSON object: ${data}`)
    if (wire.error !== undefined) throw decodeErrorEvent(wire, this.#context)
    return wire
  }

  /** An event without candidates tells of the prompt, or counts tokens. */
  #checkBare(wire: JsonObject, data: string): void {
    const blocked = blockedPrompt(wire, this.#context)
    if (blocked !== undefined) throw blocked
    if (wire.usageMetadata === undefined && wire.responseId === undefined && wire.promptFeedback === undefined)
      throw this.#protocol(`an event has no candidates: ${data}`)
  }

  #start(wire: JsonObject, out: MessageChunk[]): void {
    this.#answer = { nextBlock: 0, ids: new AnswerCallIds(answerSeed(wire, this.#context)) }
    this.#startExtra = answerExtra(wire)
    out.push({ type: 'start', ...decodeAnswerStart(wire, this.#context) })
  }

  #lateFields(wire: JsonObject): void {
    for (const key in wire)
      if (!isToldElsewhere(key) && !sameJson(wire[key], this.#startExtra[key])) this.#late[key] = wire[key]
  }

  #candidate(value: unknown, at: number, out: MessageChunk[]): void {
    if (!isObject(value)) throw this.#protocol(`candidates[${at}] is not an object`)
    const blocks = this.#blocks(typeof value.index === 'number' ? value.index : at)
    for (const part of partsOf(value, `candidates[${at}]`, this.#context)) blocks.part(part, out)
    const rest = candidateRest(value)
    if (rest !== undefined) blocks.rest = { ...blocks.rest, ...rest }
    const word = value.finishReason
    if (typeof word !== 'string' || word === '') return
    if (blocks.isEmpty && isMalformed(word)) throw malformedAnswer(word, value, this.#context)
    blocks.word = word
  }

  #blocks(choice: number): CandidateBlocks {
    for (const blocks of this.#candidates) if (blocks.choice === choice) return blocks
    const blocks = new CandidateBlocks(choice, this.#answer as AnswerBlocks)
    this.#candidates.push(blocks)
    return blocks
  }

  #isComplete(): boolean {
    return this.#candidates.length > 0 && this.#candidates.every(({ word }) => word !== undefined)
  }

  #finish(out: MessageChunk[]): void {
    this.state = 'finished'
    const ends = this.#candidates.sort((first, second) => first.choice - second.choice).map(each => endOf(each, out))
    const [{ choice: _, extra: own, ...first }, ...otherChoices] = ends as [ChoiceFinish, ...ChoiceFinish[]]
    const usage = decodeUsage(this.#usage)
    out.push({
      type: 'finish',
      ...first,
      ...(usage && { usage }),
      ...(otherChoices.length > 0 && { otherChoices }),
      ...keepExtra(dialect, { ...this.#late, ...own?.[dialect] }),
    })
  }

  #protocol(what: string): SwitchyardError {
    return answerFault('protocol', what, this.#context)
  }
}

function endOf(blocks: CandidateBlocks, out: MessageChunk[]): ChoiceFinish {
  blocks.close(out)
  const { choice, word, rest } = blocks
  const extra: { readonly extra?: DialectExtra } = rest ? { extra: { [dialect]: { candidate: rest } } } : {}
  return { choice, reason: blocks.reason(), ...(word !== undefined && { rawReason: word }), ...extra }
}
