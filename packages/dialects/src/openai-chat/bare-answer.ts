import { type MessageChunk, responseChunks, SwitchyardError } from '@switchyard/core/contract'
import { type AnswerContext, callDetails, targetName } from '../answer-context.ts'
import { maximumEventLength } from '../framing/server-sent-events.ts'
import { decodeResponse } from './decode-response.ts'

const brace = 0x7b
const space = 0x20

/** Whether a body is one JSON object in place of events; `undefined` where these bytes do not tell yet. */
export function isBareAnswer(bytes: Uint8Array): boolean | undefined {
  for (const byte of bytes) if (byte > space) return byte === brace
  return undefined
}

/** Lax servers answer whole where a stream was asked for, or tell their errors so, whatever their content type says. */
export class BareAnswer {
  readonly #context: AnswerContext
  readonly #decoder = new TextDecoder()
  #text = ''

  constructor(context: AnswerContext) {
    this.#context = context
  }

  /** @throws {SwitchyardError} `protocol` when it grows beyond all measure. */
  push(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true })
    if (this.#text.length > maximumEventLength)
      throw this.#fault('protocol', `the answer is longer than ${maximumEventLength} characters`)
  }

  /** @throws {SwitchyardError} what the body says went wrong, `protocol`, or `truncated`. */
  chunks(): readonly MessageChunk[] {
    let value: unknown
    try {
      value = JSON.parse(this.#text)
    } catch {
      throw this.#fault('truncated', 'the answer ended before it was finished')
    }
    return responseChunks(decodeResponse(value, this.#context))
  }

  #fault(kind: 'protocol' | 'truncated', what: string): SwitchyardError {
    return new SwitchyardError(kind, `${targetName(this.#context)}: ${what}.`, callDetails(this.#context))
  }
}
