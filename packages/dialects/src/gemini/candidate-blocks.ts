import type { FinishReason, JsonObject, MessageChunk } from '@switchyard/core/contract'
import type { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { keepExtra } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeFunctionCall } from './function-calls.ts'
import { isEmptyText } from './model-parts.ts'
import { dialect } from './names.ts'

type SpokenKind = 'text' | 'reasoning'

/** What several candidates of one answer share. */
export interface AnswerBlocks {
  nextBlock: number
  readonly ids: AnswerCallIds
}

/** The blocks of one candidate; of its parts only texts grow, calls and all else come whole. */
export class CandidateBlocks {
  readonly choice: number
  /** The wire's finish reason, once it was said. */
  word: string | undefined
  /** The candidate's other fields, the latest of each. */
  rest: JsonDraft | undefined
  readonly #answer: AnswerBlocks
  #spoken: SpokenKind | undefined
  #spokenId = 0
  #spokenLength = 0
  #parts = 0
  #calls = 0

  constructor(choice: number, answer: AnswerBlocks) {
    this.choice = choice
    this.#answer = answer
  }

  get isEmpty(): boolean {
    return this.#parts === 0
  }

  /** Whether this block is the one that is being spoken, and may go on. */
  speaks(id: number): boolean {
    return this.#spoken !== undefined && this.#spokenId === id
  }

  /** More of what is being spoken, plain. */
  goOn(text: string, out: MessageChunk[]): void {
    out.push({ type: this.#spoken === 'text' ? 'text-delta' : 'reasoning-delta', id: this.#spokenId, text })
    this.#spokenLength += text.length
  }

  part(part: JsonObject, out: MessageChunk[]): void {
    const { text } = part
    if (typeof text === 'string') {
      if (isEmptyText(part)) return
      this.#parts++
      this.#text(part.thought === true ? 'reasoning' : 'text', text, part, out)
    } else {
      this.#endSpeaking(true, out)
      if (isObject(part.functionCall)) this.#call(part, part.functionCall, out)
      else this.#opaque(part, out)
      this.#parts++
    }
  }

  /** To be asked once the wire has said its word. */
  reason(): FinishReason {
    return decodeFinishReason(String(this.word), this.#calls > 0)
  }

  /** Ends whatever is open. */
  close(out: MessageChunk[]): void {
    this.#endSpeaking(this.reason() !== 'length', out)
  }

  #text(kind: SpokenKind, text: string, part: JsonObject, out: MessageChunk[]): void {
    if (this.#spoken !== kind) this.#startSpeaking(kind, out)
    const signedFrom = this.#spokenLength
    const fields = otherFields(part)
    if (fields !== undefined) {
      out.push({ type: `${kind}-delta`, id: this.#spokenId, text, extra: { [dialect]: fields } })
      this.#spokenLength += text.length
    } else if (text !== '') this.goOn(text, out)
    const { thoughtSignature } = part
    // what is signed ends its block: nothing that follows may be joined to it
    if (typeof thoughtSignature === 'string') this.#sign(thoughtSignature, signedFrom, out)
  }

  #startSpeaking(kind: SpokenKind, out: MessageChunk[]): void {
    this.#endSpeaking(true, out)
    this.#spoken = kind
    this.#spokenLength = 0
    this.#spokenId = this.#answer.nextBlock++
    const start = { id: this.#spokenId, ...this.#place() }
    if (kind === 'text') out.push({ type: 'text-start', ...start })
    else out.push({ type: 'reasoning-start', ...start, origin: dialect })
  }

  #sign(signature: string, signedFrom: number, out: MessageChunk[]): void {
    const end = { id: this.#spokenId, complete: true }
    const from = signedFrom > 0 ? { signedFrom } : {}
    if (this.#spoken === 'reasoning')
      out.push({ type: 'reasoning-end', ...end, signature, ...keepExtra(dialect, from) })
    else out.push({ type: 'text-end', ...end, ...keepExtra(dialect, { thoughtSignature: signature, ...from }) })
    this.#spoken = undefined
  }

  #endSpeaking(complete: boolean, out: MessageChunk[]): void {
    if (this.#spoken !== undefined) out.push({ type: `${this.#spoken}-end`, id: this.#spokenId, complete })
    this.#spoken = undefined
  }

  #call(part: JsonObject, called: JsonObject, out: MessageChunk[]): void {
    const id = this.#answer.nextBlock++
    const callId = this.#answer.ids.take(called.id, this.choice, this.#calls++)
    const { name, input, extra } = decodeFunctionCall(part, called, callId)
    out.push({ type: 'tool-call-start', id, ...this.#place(), callId, name, ...(extra && { extra }) })
    out.push({ type: 'tool-call-delta', id, text: JSON.stringify(input) })
    out.push({ type: 'tool-call-end', id, complete: true, input: input as JsonObject })
  }

  #opaque(part: JsonObject, out: MessageChunk[]): void {
    const id = this.#answer.nextBlock++
    out.push({ type: 'opaque-start', id, ...this.#place(), origin: dialect, value: part })
    out.push({ type: 'opaque-end', id, complete: true })
  }

  #place(): { readonly choice?: number } {
    return this.choice > 0 ? { choice: this.choice } : {}
  }
}

function otherFields(part: JsonObject): JsonDraft | undefined {
  let rest: JsonDraft | undefined
  for (const key in part) {
    if (key === 'text' || key === 'thought' || key === 'thoughtSignature') continue
    rest ??= {}
    rest[key] = part[key]
  }
  return rest
}
