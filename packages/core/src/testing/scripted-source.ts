import type { Clock, Timer } from '../clock/clock.ts'
import { abortedError, type ChunkSource, type MessageChunk } from '../contract/index.ts'

/** One thing a scripted stream does. After the last one the stream just ends. */
export type ScriptedStep =
  /** What one upstream read holds. */
  | readonly MessageChunk[]
  | { readonly waitMs: number }
  | { readonly error: unknown }
  /** Silence until somebody cancels. */
  | 'stall'

type Batch = readonly MessageChunk[] | undefined

export class ScriptedSource implements ChunkSource {
  readonly #clock: Clock
  readonly #steps: readonly ScriptedStep[]
  readonly #onClose: (cancelled: boolean, reason: unknown) => void
  #at = 0
  #closed = false
  #timer: Timer | undefined
  #reject: ((error: unknown) => void) | undefined

  /** `onClose` is called once, when the stream's connection would be closed. */
  constructor(clock: Clock, steps: readonly ScriptedStep[], onClose: (cancelled: boolean, reason: unknown) => void) {
    this.#clock = clock
    this.#steps = steps
    this.#onClose = onClose
  }

  read(): Promise<Batch> {
    return new Promise((resolve, reject) => {
      this.#reject = reject
      this.#step(resolve, reject)
    })
  }

  cancel(reason?: unknown): void {
    if (this.#closed) return
    this.#close(true, reason)
    this.#timer?.cancel()
    this.#reject?.(abortedError(reason))
  }

  #step(resolve: (batch: Batch) => void, reject: (error: unknown) => void): void {
    const step = this.#closed ? undefined : this.#steps[this.#at++]
    if (step === undefined) {
      if (!this.#closed) this.#close(false)
      resolve(undefined)
    } else if (step === 'stall') {
      return
    } else if ('waitMs' in step) {
      this.#timer = this.#clock.timer(step.waitMs, () => this.#step(resolve, reject))
    } else if ('error' in step) {
      this.#close(false)
      reject(step.error)
    } else {
      if (step.at(-1)?.type === 'finish') this.#close(false)
      resolve(step)
    }
  }

  #close(cancelled: boolean, reason?: unknown): void {
    this.#closed = true
    this.#onClose(cancelled, reason)
  }
}
