import { SwitchyardError } from '@switchyard/core/contract'

/** 16 million characters: more than any answer, and less than what hurts. */
const maximumLineLength = 16_000_000

/** Reads JSON texts, one a line (NDJSON), from bytes that may be split anywhere. Blank lines say nothing. */
export class JsonLineParser {
  readonly #decoder = new TextDecoder()
  readonly #maximumLength: number
  // the unfinished line, in the pieces it came in
  #pieces: string[] = []
  #length = 0

  constructor(options: { readonly maximumLineLength?: number } = {}) {
    this.#maximumLength = options.maximumLineLength ?? maximumLineLength
  }

  /** The lines that these bytes end, unparsed. @throws {SwitchyardError} `protocol` when one grows beyond the limit. */
  push(bytes: Uint8Array): readonly string[] {
    return this.#scan(this.#decoder.decode(bytes, { stream: true }))
  }

  /** What the body's end leaves: a line without its newline, which may be half of one. */
  end(): readonly string[] {
    return this.#scan(`${this.#decoder.decode()}\n`)
  }

  #scan(text: string): readonly string[] {
    const lines: string[] = []
    let from = 0
    for (let newline = text.indexOf('\n'); newline >= 0; newline = text.indexOf('\n', from)) {
      this.#grow(newline - from)
      let line = text.slice(from, newline)
      if (this.#pieces.length > 0) {
        line = this.#pieces.join('') + line
        this.#pieces = []
      }
      this.#length = 0
      from = newline + 1
      if (line.charCodeAt(line.length - 1) === carriageReturn) line = line.slice(0, -1)
      if (line !== '') lines.push(line)
    }
    if (from < text.length) {
      this.#grow(text.length - from)
      this.#pieces.push(from === 0 ? text : text.slice(from))
    }
    return lines
  }

  #grow(by: number): void {
    this.#length += by
    if (this.#length > this.#maximumLength)
      throw new SwitchyardError('protocol', `A line is longer than ${this.#maximumLength} characters.`)
  }
}

const carriageReturn = 13
