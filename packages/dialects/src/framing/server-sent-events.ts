import { SwitchyardError } from '@switchyard/core/contract'

export interface ServerSentEvent {
  readonly type: 'event'
  /** Empty when the server gave none. */
  readonly event: string
  readonly data: string
}

export interface ServerSentComment {
  readonly type: 'comment'
}

/** 16 million characters: more than any answer, and less than what hurts. */
export const maximumEventLength = 16_000_000

const comment: ServerSentComment = { type: 'comment' }

/** Reads server-sent events from bytes that may be split anywhere. */
export class ServerSentEventParser {
  readonly #decoder = new TextDecoder()
  readonly #maximumLength: number
  // the unfinished line, in the pieces it came in
  #pieces: string[] = []
  #length = 0
  #afterCarriageReturn = false
  #event = ''
  #data: string | undefined

  constructor(options: { readonly maximumEventLength?: number } = {}) {
    this.#maximumLength = options.maximumEventLength ?? maximumEventLength
  }

  /** @throws {SwitchyardError} `protocol` when one event grows beyond the limit. */
  push(bytes: Uint8Array): readonly (ServerSentEvent | ServerSentComment)[] {
    return this.#scan(this.#decoder.decode(bytes, { stream: true }))
  }

  /** What the body's end leaves: an event whose closing blank line never came. */
  end(): readonly (ServerSentEvent | ServerSentComment)[] {
    return this.#scan(`${this.#decoder.decode()}\n\n`)
  }

  #scan(text: string): (ServerSentEvent | ServerSentComment)[] {
    const found: (ServerSentEvent | ServerSentComment)[] = []
    let from = 0
    if (this.#afterCarriageReturn && text.length > 0) {
      this.#afterCarriageReturn = false
      if (text.charCodeAt(0) === 10) from = 1
    }
    let carriageReturn = text.indexOf('\r', from)
    let newline = text.indexOf('\n', from)
    for (;;) {
      const end = carriageReturn >= 0 && (newline < 0 || carriageReturn < newline) ? carriageReturn : newline
      if (end < 0) break
      this.#line(this.#pieces.length === 0 ? text.slice(from, end) : this.#joined(text.slice(from, end)), found)
      from = end + 1
      if (end === carriageReturn) {
        if (from === text.length) this.#afterCarriageReturn = true
        else if (newline === from) from++
        carriageReturn = text.indexOf('\r', from)
      }
      if (newline < from) newline = text.indexOf('\n', from)
    }
    if (from < text.length) {
      this.#pieces.push(from === 0 ? text : text.slice(from))
      this.#grow(text.length - from)
    }
    return found
  }

  #joined(rest: string): string {
    const line = this.#pieces.join('') + rest
    this.#pieces = []
    return line
  }

  #grow(by: number): void {
    this.#length += by
    if (this.#length > this.#maximumLength)
      throw new SwitchyardError('protocol', `A server-sent event is longer than ${this.#maximumLength} characters.`)
  }

  #line(line: string, found: (ServerSentEvent | ServerSentComment)[]): void {
    if (line === '') {
      if (this.#data !== undefined) found.push({ type: 'event', event: this.#event, data: this.#data })
      this.#data = undefined
      this.#event = ''
      this.#length = 0
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) {
      found.push(comment)
      return
    }
    const field = colon < 0 ? line : line.slice(0, colon)
    let value = ''
    if (colon >= 0) value = line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    if (field === 'data') {
      if (this.#data === undefined) this.#data = value
      else {
        this.#grow(value.length)
        this.#data += `\n${value}`
      }
    } else if (field === 'event') this.#event = value
  }
}
