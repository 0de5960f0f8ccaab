import type { ServerResponse } from 'node:http'

/** One stream that is being sent. */
export interface SentStream {
  /** Something was written to it just now. */
  wrote(): void
  /** Nothing more will be. */
  end(): void
}

/** Writes a comment into streams that have nothing to say for a while, so that nobody on the way gives them up. */
export class StreamKeepAlive {
  readonly #everyMs: number
  readonly #streams = new Set<OpenStream>()
  #timer: NodeJS.Timeout | undefined

  /** A silent stream gets its comment after once to twice this, in milliseconds. */
  constructor(everyMs = 5_000) {
    this.#everyMs = everyMs
  }

  /** From the headers on, until `end`. */
  begin(response: ServerResponse, comment: string): SentStream {
    const stream = { response, comment, silent: false }
    this.#streams.add(stream)
    // one timer for all, and none while nothing is sent
    this.#timer ??= setInterval(() => this.#tick(), this.#everyMs)
    return {
      wrote: () => {
        stream.silent = false
      },
      end: () => {
        this.#streams.delete(stream)
        if (this.#streams.size > 0) return
        clearInterval(this.#timer)
        this.#timer = undefined
      },
    }
  }

  #tick(): void {
    for (const stream of this.#streams) {
      const { response, comment } = stream
      // a client that does not read has enough to do
      if (stream.silent && !response.writableNeedDrain && !response.destroyed) response.write(comment)
      stream.silent = true
    }
  }
}

interface OpenStream {
  readonly response: ServerResponse
  readonly comment: string
  silent: boolean
}
