import {
  type ChoiceFinish,
  type DialectExtra,
  type JsonObject,
  type MessageChunk,
  SwitchyardError,
  type Usage,
} from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { EventStreamDecoder } from '../event-stream-decoder.ts'
import type { ServerSentComment, ServerSentEvent } from '../framing/server-sent-events.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { decodeErrorEvent } from '../openai/decode-error.ts'
import { redact, shorten } from '../redaction.ts'
import type { StreamDecoder } from '../stream-decoder.ts'
import { TextEventTemplate } from '../text-event-template.ts'
import { answerExtra, answerSeed, decodeAnswerStart } from './answer-start.ts'
import { BareAnswer, isBareAnswer } from './bare-answer.ts'
import { decodeDelta } from './decode-delta.ts'
import { groqUsage } from './decode-response.ts'
import { errorOf } from './error-in-answer.ts'
import { answerFields, choiceFields, dialect, messageFields } from './names.ts'
import { type AnswerBlocks, ChoiceBlocks } from './stream-blocks.ts'
import { attach, choiceRest, isToldElsewhere, merged } from './stream-extras.ts'
import { decodeUsage } from './usage.ts'

/** Reads the events of one streamed answer. */
export function streamDecoder(context: AnswerContext): StreamDecoder {
  return new ChatStreamDecoder(context)
}

const terminator = '[DONE]'
// a stream whose events differ in more than their text teaches nothing
const enoughLessons = 4

class ChatStreamDecoder extends EventStreamDecoder {
  readonly #context: AnswerContext
  readonly #choices: ChoiceBlocks[] = []
  #answer: AnswerBlocks | undefined
  #startExtra: JsonObject = {}
  #usage: Usage | undefined
  #extra: DialectExtra | undefined
  #template: TextEventTemplate | undefined
  #templateBlocks: ChoiceBlocks | undefined
  #lessons = 0
  /** `undefined` until the first byte tells. */
  #bare: BareAnswer | false | undefined

  constructor(context: AnswerContext) {
    super()
    this.#context = context
  }

  override decode(bytes: Uint8Array): readonly MessageChunk[] {
    if (this.#bare === undefined) {
      const bare = isBareAnswer(bytes)
      this.#bare = bare ? new BareAnswer(this.#context) : bare
    }
    const bare = this.#bare
    return bare ? this.collect(() => bare.push(bytes)) : super.decode(bytes)
  }

  override end(): readonly MessageChunk[] {
    const bare = this.#bare
    if (!bare) return super.end()
    return this.collect(out => {
      out.push(...bare.chunks())
      this.state = 'finished'
    })
  }

  protected override hasBegun(): boolean {
    return this.#answer !== undefined
  }

  protected override isWhole(item: ServerSentEvent | ServerSentComment): boolean {
    return (item.type === 'event' && item.data.startsWith(terminator)) || super.isWhole(item)
  }

  protected override ended(out: MessageChunk[]): void {
    if (!this.#isComplete()) throw this.#fault('truncated', 'the stream ended before the answer was finished')
    this.#finish(out)
  }

  protected override event(event: string, data: string, out: MessageChunk[]): void {
    if (data.startsWith(terminator)) {
      if (this.#isComplete() || this.#choices.some(choice => !choice.isEmpty)) this.#finish(out)
      else throw this.#fault('truncated', 'the stream ended before the answer began')
      return
    }
    if (this.#template !== undefined && this.#repeats(event, data, out)) return
    const from = out.length
    const wire = this.#parse(event, data)
    const failure = event === 'error' ? wire : errorOf(wire)
    if (failure !== undefined) throw decodeErrorEvent(failure, this.#context)
    const { choices } = wire
    if (!Array.isArray(choices)) throw this.#fault('protocol', `an event has no choices: ${data}`)
    const late = this.#answer === undefined ? this.#start(wire, out) : this.#late(wire)
    const usage = wire.usage ?? groqUsage(wire)
    if (usage !== undefined && usage !== null) this.#usage = decodeUsage(usage, this.#context.reasoningOutside)
    for (let at = 0; at < choices.length; at++)
      this.#choice(choices[at] as unknown, at, at === 0 ? late : undefined, out)
    if (choices.length > 0) {
      if (choices.length === 1 && late === undefined && usage == null) this.#learn(event, data, out, from)
      return
    }
    if (late !== undefined) this.#extra = merged(this.#extra, { [dialect]: late })
    if (this.#usage !== undefined && this.#isComplete()) this.#finish(out)
  }

  /** Reads an event that differs from an earlier one in its text alone. */
  #repeats(event: string, data: string, out: MessageChunk[]): boolean {
    const text = event === '' ? this.#template?.textOf(data) : undefined
    const blocks = this.#templateBlocks
    if (text === undefined || blocks === undefined || blocks.word !== undefined) return false
    blocks.speak('text', text, out)
    return true
  }

  #learn(event: string, data: string, out: MessageChunk[], from: number): void {
    const chunk = out[from]
    const plain = chunk?.type === 'text-delta' && chunk.extra === undefined && out.length === from + 1
    if (!plain || event !== '' || this.#lessons >= enoughLessons) return
    this.#lessons++
    this.#templateBlocks = this.#choices.find(({ spoken }) => spoken?.kind === 'text' && spoken.id === chunk.id)
    this.#template = TextEventTemplate.of(data, chunk.text, 'content')
  }

  #parse(event: string, data: string): JsonObject {
    let wire: unknown
    try {
      wire = JSON.parse(data)
    } catch {
      if (event === 'error') return { error: data }
      throw this.#fault('protocol', `an event is not JSON: ${data}`)
    }
    if (!isObject(wire)) {
      if (event === 'error') return { error: wire as string }
      throw this.#fault('protocol', `an event is not a JSON object: ${data}`)
    }
    return wire
  }

  #start(wire: JsonObject, out: MessageChunk[]): undefined {
    const start = decodeAnswerStart(wire, this.#context, 'chat.completion.chunk')
    this.#answer = { nextBlock: 0, ids: new AnswerCallIds(answerSeed(wire, this.#context)) }
    this.#startExtra = answerExtra(wire)
    out.push({ type: 'start', ...start })
  }

  #late(wire: JsonObject): JsonDraft | undefined {
    let late: JsonDraft | undefined
    for (const key in wire) {
      if (isToldElsewhere(key) || sameJson(wire[key], this.#startExtra[key])) continue
      late ??= {}
      late[key] = wire[key]
    }
    return late
  }

  #choice(value: unknown, at: number, late: JsonDraft | undefined, out: MessageChunk[]): void {
    if (!isObject(value)) throw this.#fault('protocol', `choices[${at}] is not an object`)
    const blocks = this.#blocks(typeof value.index === 'number' ? value.index : at)
    const from = out.length
    let rest: DialectExtra | undefined = late && { [answerFields]: late }
    if (isObject(value.delta)) {
      const unknown = decodeDelta(value.delta, blocks, out)
      if (unknown !== undefined) rest = { ...rest, [messageFields]: unknown }
    } else if (value.delta !== undefined && value.delta !== null) {
      throw this.#fault('protocol', `choices[${at}].delta is not an object`)
    }
    const unknown = choiceRest(value)
    if (unknown !== undefined) rest = { ...rest, [choiceFields]: unknown }
    const word = value.finish_reason
    const ends = typeof word === 'string' && word !== ''
    if (ends) {
      blocks.word = word
      if (typeof value.stop_reason === 'string') blocks.stopSequence = value.stop_reason
    }
    if (rest !== undefined) attach(rest, blocks, from, ends, out)
    if (ends) blocks.close(out)
  }

  #blocks(choice: number): ChoiceBlocks {
    for (const blocks of this.#choices) if (blocks.choice === choice) return blocks
    const blocks = new ChoiceBlocks(choice, this.#answer as AnswerBlocks)
    this.#choices.push(blocks)
    return blocks
  }

  #isComplete(): boolean {
    return this.#choices.length > 0 && this.#choices.every(choice => choice.word !== undefined)
  }

  #finish(out: MessageChunk[]): void {
    this.state = 'finished'
    const ends = this.#choices.sort((first, second) => first.choice - second.choice).map(blocks => endOf(blocks, out))
    const [{ choice: _, extra: own, ...first }, ...otherChoices] = ends as [ReturnType<typeof endOf>, ...ChoiceFinish[]]
    const extra = own === undefined ? this.#extra : merged(this.#extra, own)
    out.push({
      type: 'finish',
      ...first,
      ...(this.#usage && { usage: this.#usage }),
      ...(otherChoices.length > 0 && { otherChoices: otherChoices.map(withoutStopSequence) }),
      ...(extra && { extra }),
    })
  }

  #fault(kind: 'protocol' | 'truncated', what: string): SwitchyardError {
    const said = shorten(redact(what, this.#context.secrets), 200)
    return new SwitchyardError(kind, `${targetName(this.#context)}: ${said}.`, callDetails(this.#context))
  }
}

function endOf(blocks: ChoiceBlocks, out: MessageChunk[]): ChoiceFinish & { readonly stopSequence?: string } {
  blocks.close(out)
  const reason = blocks.reason()
  const word = blocks.word
  const extra =
    reason === 'other' && word !== undefined
      ? merged(blocks.extra, { [choiceFields]: { finish_reason: word } })
      : blocks.extra
  return {
    choice: blocks.choice,
    reason,
    ...(word !== undefined && { rawReason: word }),
    ...(reason === 'stop-sequence' && blocks.stopSequence !== undefined && { stopSequence: blocks.stopSequence }),
    ...(extra && { extra }),
  }
}

function withoutStopSequence({
  stopSequence: _,
  ...end
}: ChoiceFinish & { readonly stopSequence?: string }): ChoiceFinish {
  return end
}
