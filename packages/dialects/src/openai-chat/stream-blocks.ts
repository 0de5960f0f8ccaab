import type { DialectExtra, FinishReason, JsonObject, MessageChunk } from '@switchyard/core/contract'
import type { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { keepExtra } from '../extra.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { parseCutToolArguments, parseToolArguments } from '../tool-arguments.ts'
import { isFunctionCall } from './decode-response.ts'
import { decodeFinishReason, isCut } from './finish-reason.ts'
import { dialect } from './names.ts'
import { functionFields, legacyType } from './tool-calls.ts'

type SpokenKind = 'text' | 'refusal' | 'reasoning'

interface CallBlock {
  readonly id: number
  readonly function: boolean
  wireId: string | undefined
  /** Empty until the wire says it; the block starts then. */
  name: string
  text: string
  readonly extra: JsonDraft
}

const deltaFields = new Set(['index', 'id', 'type', 'function'])

/** What several choices of one answer share. */
export interface AnswerBlocks {
  nextBlock: number
  readonly ids: AnswerCallIds
}

/** The open blocks of one choice. */
export class ChoiceBlocks {
  readonly choice: number
  /** The wire's finish reason, once it was said. */
  word: string | undefined
  stopSequence: string | undefined
  extra: DialectExtra | undefined
  readonly #answer: AnswerBlocks
  #spoken: SpokenKind | undefined
  #spokenId = 0
  #audio: number | undefined
  readonly #calls: CallBlock[] = []
  readonly #open = new Map<number | 'function_call', CallBlock>()
  #called = false
  #refused = false
  #spoke = false

  constructor(choice: number, answer: AnswerBlocks) {
    this.choice = choice
    this.#answer = answer
  }

  get isEmpty(): boolean {
    return !this.#spoke && !this.#called
  }

  /** The block that is being spoken, for what comes without text. */
  get spoken(): { readonly kind: SpokenKind; readonly id: number } | undefined {
    return this.#spoken === undefined ? undefined : { kind: this.#spoken, id: this.#spokenId }
  }

  speak(kind: SpokenKind, text: string, out: MessageChunk[], field?: string): void {
    if (this.#spoken !== kind) this.#startSpeaking(kind, out, field)
    out.push({ type: kind === 'reasoning' ? 'reasoning-delta' : 'text-delta', id: this.#spokenId, text })
  }

  #startSpeaking(kind: SpokenKind, out: MessageChunk[], field: string | undefined): void {
    this.#endSpeaking(true, out)
    this.#spoke = true
    this.#spoken = kind
    this.#spokenId = this.#answer.nextBlock++
    const start = { id: this.#spokenId, ...this.#place() }
    if (kind === 'reasoning') {
      const extra = field === 'reasoning' ? { extra: { [dialect]: { field } } } : undefined
      out.push({ type: 'reasoning-start', ...start, origin: dialect, ...extra })
    } else if (kind === 'refusal') {
      this.#refused = true
      out.push({ type: 'text-start', ...start, refusal: true })
    } else out.push({ type: 'text-start', ...start })
  }

  #endSpeaking(complete: boolean, out: MessageChunk[]): void {
    if (this.#spoken === undefined) return
    out.push({ type: this.#spoken === 'reasoning' ? 'reasoning-end' : 'text-end', id: this.#spokenId, complete })
    this.#spoken = undefined
  }

  /** A value of the wire that has no word here, whole. */
  opaque(value: JsonObject, out: MessageChunk[]): void {
    this.#endSpeaking(true, out)
    this.#spoke = true
    const id = this.#answer.nextBlock++
    out.push({ type: 'opaque-start', id, ...this.#place(), origin: dialect, value })
    out.push({ type: 'opaque-end', id, complete: true })
  }

  audio(value: JsonObject, out: MessageChunk[]): void {
    this.#spoke = true
    if (this.#audio !== undefined) {
      out.push({ type: 'opaque-delta', id: this.#audio, value: { audio: value } })
      return
    }
    this.#endSpeaking(true, out)
    this.#audio = this.#answer.nextBlock++
    out.push({ type: 'opaque-start', id: this.#audio, ...this.#place(), origin: dialect, value: { audio: value } })
  }

  /** One entry of the delta's `tool_calls`. */
  call(delta: JsonObject, out: MessageChunk[]): void {
    const called = isObject(delta.function) ? delta.function : {}
    let block = this.#blockOf(delta, called)
    if (block === undefined) {
      block = this.#newCall(delta)
      this.#open.set(typeof delta.index === 'number' ? delta.index : this.#calls.length, block)
      this.#calls.push(block)
      this.#endSpeaking(true, out)
      if (!block.function) {
        const start = { id: block.id, ...this.#place() }
        out.push({ type: 'opaque-start', ...start, origin: dialect, value: { tool_calls: [delta] } })
        return
      }
    } else if (!block.function) {
      out.push({ type: 'opaque-delta', id: block.id, value: { tool_calls: [delta] } })
      return
    }
    this.#continueCall(block, delta, called, out)
  }

  /** A piece of the legacy `function_call`. */
  functionCall(called: JsonObject, out: MessageChunk[]): void {
    let block = this.#open.get('function_call')
    if (block === undefined) {
      block = this.#newCall({})
      block.extra.type = legacyType
      this.#open.set('function_call', block)
      this.#calls.push(block)
      this.#endSpeaking(true, out)
    }
    this.#continueCall(block, {}, called, out)
  }

  #newCall(delta: JsonObject): CallBlock {
    this.#called = true
    return {
      id: this.#answer.nextBlock++,
      function: isFunctionCall(delta),
      wireId: undefined,
      name: '',
      text: '',
      extra: {},
    }
  }

  // lax servers send no index, or the same index for every call
  #blockOf(delta: JsonObject, called: JsonObject): CallBlock | undefined {
    const id = typeof delta.id === 'string' && delta.id !== '' ? delta.id : undefined
    const named = typeof called.name === 'string' && called.name !== ''
    if (typeof delta.index !== 'number') {
      if (id !== undefined) return this.#calls.find(call => call.wireId === id)
      return named || isObject(delta.custom) ? undefined : this.#calls.at(-1)
    }
    const block = this.#open.get(delta.index)
    const another = id !== undefined && block?.wireId !== undefined && id !== block.wireId && named
    return another ? undefined : block
  }

  #continueCall(block: CallBlock, delta: JsonObject, called: JsonObject, out: MessageChunk[]): void {
    if (block.wireId === undefined && typeof delta.id === 'string' && delta.id !== '') block.wireId = delta.id
    const pieces = called.arguments
    const text = typeof pieces === 'string' ? pieces : isObject(pieces) ? JSON.stringify(pieces) : ''
    const rest = strangeFields(delta, called)
    block.text += text
    if (block.name !== '') {
      if (rest !== undefined) out.push({ type: 'tool-call-delta', id: block.id, text, extra: { [dialect]: rest } })
      else if (text !== '') out.push({ type: 'tool-call-delta', id: block.id, text })
      return
    }
    Object.assign(block.extra, rest)
    if (typeof called.name !== 'string' || called.name === '') return
    block.name = called.name
    this.#startCall(block, out)
  }

  #startCall(block: CallBlock, out: MessageChunk[]): void {
    const callId = this.#answer.ids.take(block.wireId, this.choice, this.#calls.indexOf(block))
    if (block.wireId !== undefined && block.wireId !== callId) block.extra.id = block.wireId
    out.push({
      type: 'tool-call-start',
      id: block.id,
      ...this.#place(),
      callId,
      name: block.name,
      ...keepExtra(dialect, block.extra),
    })
    if (block.text !== '') out.push({ type: 'tool-call-delta', id: block.id, text: block.text })
  }

  reason(): FinishReason {
    return decodeFinishReason(this.word ?? 'stop', {
      toolCalls: this.#called,
      refusal: this.#refused,
      stopSequence: this.stopSequence !== undefined,
    })
  }

  /** Ends whatever is open. */
  close(out: MessageChunk[]): void {
    const cut = isCut(this.reason())
    this.#endSpeaking(!cut, out)
    if (this.#audio !== undefined) out.push({ type: 'opaque-end', id: this.#audio, complete: !cut })
    this.#audio = undefined
    for (const block of this.#calls) this.#endCall(block, cut, out)
    this.#calls.length = 0
    this.#open.clear()
  }

  #endCall(block: CallBlock, cut: boolean, out: MessageChunk[]): void {
    if (!block.function) {
      out.push({ type: 'opaque-end', id: block.id, complete: !cut })
      return
    }
    if (block.name === '') this.#startCall(block, out)
    const nameless = { invalid: { text: block.text, reason: 'the call names no function' } }
    const parsed =
      block.name === '' ? nameless : cut ? parseCutToolArguments(block.text) : parseToolArguments(block.text)
    if (parsed.invalid !== undefined) {
      out.push({ type: 'tool-call-end', id: block.id, complete: !cut, invalid: parsed.invalid })
      return
    }
    const said = JSON.stringify(parsed.input) === block.text ? {} : { function: { arguments: block.text } }
    out.push({ type: 'tool-call-end', id: block.id, complete: true, input: parsed.input, ...keepExtra(dialect, said) })
  }

  #place(): { readonly choice?: number } {
    return this.choice > 0 ? { choice: this.choice } : {}
  }
}

function strangeFields(delta: JsonObject, called: JsonObject): JsonDraft | undefined {
  let rest: JsonDraft | undefined
  for (const key in delta) if (!deltaFields.has(key)) rest = { ...rest, [key]: delta[key] }
  for (const key in called) {
    if (functionFields.has(key)) continue
    rest = { ...rest, function: { ...(rest?.function as JsonObject | undefined), [key]: called[key] } }
  }
  return rest
}
