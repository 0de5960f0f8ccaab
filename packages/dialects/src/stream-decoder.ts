import type { ChunkSource, MessageChunk } from '@switchyard/core/contract'

/** Reads one answer's bytes as chunks. */
export interface StreamDecoder {
  /** `failed`: the next call throws, before anything more is read. */
  readonly state: 'open' | 'finished' | 'failed'
  /** @throws {SwitchyardError} what the provider said went wrong, or `protocol` for a malformed event. */
  decode(bytes: Uint8Array): readonly MessageChunk[]
  /** The body ended. @throws {SwitchyardError} `truncated` when the answer had not. */
  end(): readonly MessageChunk[]
}

/** A body that is read piece by piece. */
export interface BodyReader {
  /** The next piece; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>
  cancel(reason?: unknown): void | Promise<void>
  /** No more of it is needed, and the connection may be kept if its end comes soon; cancelled where absent. */
  release?(): void
}

const nothing = new Uint8Array(0)

/** The chunks of a body, one batch for each read that held any. */
export function decodeBody(body: BodyReader, decoder: StreamDecoder): ChunkSource {
  let over = false

  async function read(): Promise<readonly MessageChunk[] | undefined> {
    if (over) return undefined
    try {
      if (decoder.state === 'failed') decoder.decode(nothing)
      for (;;) {
        const bytes = await body.read()
        const chunks = bytes === undefined ? decoder.end() : decoder.decode(bytes)
        if (decoder.state === 'finished') {
          over = true
          if (bytes !== undefined) release(body)
          return chunks
        }
        if (chunks.length > 0) return chunks
        if (decoder.state === 'failed') decoder.decode(nothing)
        if (bytes === undefined) {
          over = true
          return undefined
        }
      }
    } catch (error) {
      over = true
      void cancelQuietly(body, error)
      throw error
    }
  }

  return {
    read,
    cancel(reason) {
      over = true
      return body.cancel(reason)
    },
  }
}

function release(body: BodyReader): void {
  if (body.release === undefined) void cancelQuietly(body)
  else body.release()
}

async function cancelQuietly(body: BodyReader, reason?: unknown): Promise<void> {
  try {
    await body.cancel(reason)
  } catch {}
}
