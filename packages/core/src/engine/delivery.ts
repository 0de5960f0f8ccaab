import type { MessageChunk } from '../contract/chunk.ts'
import type { SwitchyardError } from '../contract/errors.ts'

type Batch = readonly MessageChunk[]

interface Waiter {
  resolve(batch: Batch): void
  reject(error: SwitchyardError): void
}

/** The consumer's end of an answer: hands over what has come, and says how it ended. */
export class Delivery {
  readonly #pull: () => void
  #buffered: Batch | undefined
  #waiter: Waiter | undefined
  #failure: SwitchyardError | undefined
  #complete = false

  /** `pull` is asked for more, once, whenever a consumer waits and nothing is there. */
  constructor(pull: () => void) {
    this.#pull = pull
  }

  read(): Promise<Batch | undefined> {
    const buffered = this.#buffered
    if (buffered !== undefined) {
      this.#buffered = undefined
      return Promise.resolve(buffered)
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#complete) return Promise.resolve(undefined)
    return new Promise(this.#wait)
  }

  get isWaited(): boolean {
    return this.#waiter !== undefined
  }

  /** To whoever waits, or to the next read. */
  give(batch: Batch): void {
    const waiter = this.#waiter
    if (waiter === undefined) {
      this.#buffered = this.#buffered === undefined ? batch : [...this.#buffered, ...batch]
      return
    }
    this.#waiter = undefined
    waiter.resolve(batch)
  }

  /** Nothing comes after what was given. */
  complete(): void {
    this.#complete = true
  }

  /** What a read that waits, or the next one, is told. */
  fail(error: SwitchyardError): void {
    this.#failure = error
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.reject(error)
  }

  readonly #wait = (resolve: (batch: Batch) => void, reject: (error: SwitchyardError) => void): void => {
    this.#waiter = { resolve, reject }
    this.#pull()
  }
}
