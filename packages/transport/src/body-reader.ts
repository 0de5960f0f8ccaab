/** A body as it arrives: one `read` is what one upstream read held. */
export interface BodyReader {
  /** The next bytes; `undefined` at the end. Never called while pending. */
  read(): Promise<Uint8Array | undefined>
  /** Closes the socket, at once, unless the body has already arrived whole. Idempotent. */
  cancel(reason?: unknown): void
  /** No more of it is needed: the connection is kept if the end comes soon, else closed. Idempotent. */
  release?(): void
}

/** Headers of a response, by name in any case. */
export interface HeaderReader {
  get(name: string): string | null
}

/**
 * Reads a body as UTF-8 text. Past `limit` bytes (default: none) the rest is left unread, its
 * socket closed, and what has been read is the answer.
 */
export async function readText(body: BodyReader, limit = Number.POSITIVE_INFINITY): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let left = limit
  for (;;) {
    const bytes = await body.read()
    if (bytes === undefined) return text + decoder.decode()
    if (bytes.length > left) {
      body.cancel()
      return text + decoder.decode(bytes.subarray(0, left))
    }
    left -= bytes.length
    text += decoder.decode(bytes, { stream: true })
  }
}
