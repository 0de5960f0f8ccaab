import { ResponseAccumulator } from './accumulator.ts'
import type { MessageChunk } from './chunk.ts'
import { abortedError, isSwitchyardError, SwitchyardError } from './errors.ts'
import type { MessageResponse } from './response.ts'
import { responseChunks } from './response-chunks.ts'

/** An answer on its way. One consumer, once: iterate, or take `batches()`, or `response()`. */
export interface MessageStream extends AsyncIterable<MessageChunk>, AsyncDisposable {
  /** What one upstream read held, together. */
  batches(): AsyncIterableIterator<readonly MessageChunk[]>
  /** The whole answer. @throws {SwitchyardError} whose `partial` holds what had arrived. */
  response(): Promise<MessageResponse>
  /** Closes the socket, at once. Harmless after the end. */
  cancel(reason?: unknown): Promise<void>
}

/** Where a stream's chunks come from: one `read` is one upstream read. */
export interface ChunkSource {
  /** The chunks of the next upstream read; `undefined` when the source has ended. Never called while pending. */
  read(): Promise<readonly MessageChunk[] | undefined>
  /** Releases everything; a pending `read` settles. Idempotent. */
  cancel(reason?: unknown): void | Promise<void>
}

const takenMessage = 'A MessageStream has one consumer, and this one is already being read.'
const ended = { done: true, value: undefined } as const

/**
 * Makes a `MessageStream` of a source. It keeps the grammar's ends: a source that ends before
 * `finish` throws `truncated`, nothing follows `finish` or an error, and leaving early cancels.
 */
export function messageStream(source: ChunkSource): MessageStream {
  return new SourceStream(source)
}

/** A stream of an answer that arrived whole; it makes chunks only for a consumer who iterates. */
export function wholeMessageStream(response: MessageResponse): MessageStream {
  return new WholeStream(response)
}

type State = 'idle' | 'reading' | 'ended'

class SourceStream implements MessageStream {
  readonly #source: ChunkSource
  #state: State = 'idle'
  #taken = false
  #cancelled: SwitchyardError | undefined

  constructor(source: ChunkSource) {
    this.#source = source
  }

  batches(): AsyncIterableIterator<readonly MessageChunk[]> {
    this.#take()
    return new StreamIterator(
      () => this.#next(),
      () => this.#leave(),
    )
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<MessageChunk> {
    this.#take()
    let batch: readonly MessageChunk[] = []
    let at = 0
    const isThere = (): boolean => at < batch.length && this.#cancelled === undefined
    const one = (): IteratorResult<MessageChunk> => ({ done: false, value: batch[at++] as MessageChunk })
    const next = (): Promise<IteratorResult<MessageChunk>> =>
      isThere() ? Promise.resolve(one()) : this.#next().then(came)
    const came = (
      read: IteratorResult<readonly MessageChunk[], undefined>,
    ): IteratorResult<MessageChunk> | Promise<IteratorResult<MessageChunk>> => {
      if (read.done === true) return ended
      batch = read.value
      at = 0
      return isThere() ? one() : next()
    }
    return new StreamIterator(next, () => {
      at = batch.length
      return this.#leave()
    })
  }

  async response(): Promise<MessageResponse> {
    this.#take()
    const accumulator = new ResponseAccumulator()
    try {
      for (;;) {
        const read = await this.#next()
        if (read.done === true) return accumulator.response()
        for (const chunk of read.value) accumulator.add(chunk)
      }
    } catch (error) {
      await this.cancel()
      throw isSwitchyardError(error) && error.partial === undefined
        ? error.with({ partial: accumulator.partial() })
        : error
    }
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#state === 'ended' || this.#cancelled !== undefined) return
    this.#cancelled = abortedError(reason)
    await this.#source.cancel(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel()
  }

  #take(): void {
    if (this.#taken) throw new TypeError(takenMessage)
    this.#taken = true
  }

  // no async function: every chunk comes this way, and often through two streams
  #next(): Promise<IteratorResult<readonly MessageChunk[], undefined>> {
    if (this.#state === 'ended') return Promise.resolve(ended)
    if (this.#state === 'reading') {
      return Promise.reject(new TypeError('The previous read of this MessageStream is still pending.'))
    }
    if (this.#cancelled !== undefined) {
      this.#state = 'ended'
      return Promise.reject(this.#cancelled)
    }
    this.#state = 'reading'
    try {
      return this.#source.read().then(this.#came, this.#failed)
    } catch (error) {
      this.#state = 'ended'
      return Promise.reject(this.#cancelled ?? error)
    }
  }

  readonly #came = (batch: readonly MessageChunk[] | undefined): IteratorResult<readonly MessageChunk[], undefined> => {
    this.#state = 'ended'
    if (this.#cancelled !== undefined) throw this.#cancelled
    if (batch === undefined) {
      throw new SwitchyardError('truncated', 'The stream ended before the answer was finished.')
    }
    if (batch[batch.length - 1]?.type !== 'finish') this.#state = 'idle'
    return { done: false, value: batch }
  }

  readonly #failed = (error: unknown): never => {
    this.#state = 'ended'
    throw this.#cancelled ?? error
  }

  // the consumer itself goes: nothing is left to tell it
  async #leave(): Promise<typeof ended> {
    const cancelling = this.cancel()
    if (this.#state === 'idle') this.#state = 'ended'
    await cancelling
    return ended
  }
}

/** Made for every stream: a literal with a computed key costs several times as much. */
class StreamIterator<Item> implements AsyncIterableIterator<Item> {
  readonly next: () => Promise<IteratorResult<Item>>
  readonly return: () => Promise<typeof ended>

  constructor(next: () => Promise<IteratorResult<Item>>, leave: () => Promise<typeof ended>) {
    this.next = next
    this.return = leave
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

class WholeStream implements MessageStream {
  readonly #response: MessageResponse
  // the same ends and the same manners as any other stream has
  readonly #chunks: MessageStream
  #taken = false
  #cancelled: SwitchyardError | undefined

  constructor(response: MessageResponse) {
    this.#response = response
    this.#chunks = messageStream({ read: async () => responseChunks(response), cancel: () => undefined })
  }

  batches(): AsyncIterableIterator<readonly MessageChunk[]> {
    this.#take()
    return this.#chunks.batches()
  }

  [Symbol.asyncIterator](): AsyncIterator<MessageChunk> {
    this.#take()
    return this.#chunks[Symbol.asyncIterator]()
  }

  async response(): Promise<MessageResponse> {
    this.#take()
    if (this.#cancelled !== undefined) throw this.#cancelled
    return this.#response
  }

  cancel(reason?: unknown): Promise<void> {
    this.#cancelled ??= abortedError(reason)
    return this.#chunks.cancel(reason)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel()
  }

  #take(): void {
    if (this.#taken) throw new TypeError(takenMessage)
    this.#taken = true
  }
}
