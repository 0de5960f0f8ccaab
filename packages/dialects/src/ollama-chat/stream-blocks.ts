import type { DialectExtra, JsonObject, MessageChunk } from '@switchyard/core/contract'
import type { AnswerCallIds } from '../conversation/answer-call-ids.ts'
import { toolArgumentsText } from '../tool-arguments.ts'
import { dialect } from './names.ts'
import { decodeToolCall } from './tool-calls.ts'

export type SpokenKind = 'text' | 'reasoning'

/** The blocks of one streamed answer. */
export class StreamBlocks {
  readonly #ids: AnswerCallIds
  #next = 0
  #calls = 0
  #spoken: SpokenKind | undefined
  #spokenId = 0

  constructor(ids: AnswerCallIds) {
    this.#ids = ids
  }

  get called(): boolean {
    return this.#calls > 0
  }

  speak(kind: SpokenKind, text: string, out: MessageChunk[]): void {
    if (this.#spoken !== kind) {
      this.end(true, out)
      this.#spoken = kind
      this.#spokenId = this.#next++
      if (kind === 'text') out.push({ type: 'text-start', id: this.#spokenId })
      else out.push({ type: 'reasoning-start', id: this.#spokenId, origin: dialect })
    }
    out.push({ type: kind === 'text' ? 'text-delta' : 'reasoning-delta', id: this.#spokenId, text })
  }

  /** A call, which comes whole. */
  call(wire: JsonObject, out: MessageChunk[]): void {
    this.end(true, out)
    const at = this.#calls++
    const { id: callId, name, extra, ...said } = decodeToolCall(wire, this.#ids.take(wire.id, 0, at), at)
    const id = this.#next++
    out.push({ type: 'tool-call-start', id, callId, name, ...(extra && { extra }) })
    out.push({ type: 'tool-call-delta', id, text: toolArgumentsText(said) })
    out.push(
      said.invalid === undefined
        ? { type: 'tool-call-end', id, complete: true, input: said.input }
        : { type: 'tool-call-end', id, complete: true, invalid: said.invalid },
    )
  }

  /** Gives fields of a line to what is being said; `false` where nothing is. */
  attach(extra: DialectExtra, from: number, out: MessageChunk[]): boolean {
    const last = out.length > from ? out[out.length - 1] : undefined
    if (last?.type === 'text-delta' || last?.type === 'reasoning-delta')
      out[out.length - 1] = { ...last, extra: { ...last.extra, ...extra } }
    else if (this.#spoken === undefined) return false
    else {
      const type = this.#spoken === 'text' ? 'text-delta' : 'reasoning-delta'
      out.push({ type, id: this.#spokenId, text: '', extra })
    }
    return true
  }

  /** Ends what is being said. */
  end(complete: boolean, out: MessageChunk[]): void {
    if (this.#spoken === undefined) return
    out.push({ type: this.#spoken === 'text' ? 'text-end' : 'reasoning-end', id: this.#spokenId, complete })
    this.#spoken = undefined
  }
}
