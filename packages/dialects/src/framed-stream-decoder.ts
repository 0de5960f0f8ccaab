import type { MessageChunk, SwitchyardError } from '@switchyard/core/contract'
import type { StreamDecoder } from './stream-decoder.ts'

/** Cuts bytes into what a dialect reads one by one: events, lines. */
export interface Framing<Item> {
  push(bytes: Uint8Array): readonly Item[]
  /** What the end of the body leaves; half an item, where it was cut. */
  end(): readonly Item[]
}

/** What reading a stream is in every dialect: item by item, until the answer is finished, or something is wrong. */
export abstract class FramedStreamDecoder<Item> implements StreamDecoder {
  state: 'open' | 'finished' | 'failed' = 'open'
  readonly #framing: Framing<Item>
  #error: SwitchyardError | undefined

  constructor(framing: Framing<Item>) {
    this.#framing = framing
  }

  decode(bytes: Uint8Array): readonly MessageChunk[] {
    return this.collect(out => this.readAll(this.#framing.push(bytes), out))
  }

  end(): readonly MessageChunk[] {
    return this.collect(out => {
      // half an item is what a cut leaves
      this.readAll(
        this.#framing.end().filter(item => this.isWhole(item)),
        out,
      )
      if (this.state === 'open') this.ended(out)
    })
  }

  /** @throws {SwitchyardError} what the provider said went wrong, or `protocol`. */
  protected abstract read(item: Item, out: MessageChunk[]): void
  protected abstract isWhole(item: Item): boolean
  /** The body ended, and the answer had not. @throws {SwitchyardError} `truncated`, unless it may end so. */
  protected abstract ended(out: MessageChunk[]): void

  protected readAll(items: readonly Item[], out: MessageChunk[]): void {
    for (const item of items) {
      if (this.state !== 'open') return
      this.read(item, out)
    }
  }

  /** What came before a failure in the same read is delivered first, and then the failure. */
  protected collect(read: (out: MessageChunk[]) => void): readonly MessageChunk[] {
    if (this.#error !== undefined) throw this.#error
    const out: MessageChunk[] = []
    try {
      read(out)
    } catch (error) {
      this.#error = error as SwitchyardError
      this.state = 'failed'
      if (out.length === 0) throw error
    }
    return out
  }
}
