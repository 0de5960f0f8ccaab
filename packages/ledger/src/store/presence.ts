import type { Clock, Random, Timer } from '@switchyard/core'

export interface PresenceOptions {
  readonly clock: Clock
  readonly random: Random
  /** Takes up again where a database came back; `false`, or a failure, means that it is not yet so. */
  readonly comeBack: () => Promise<boolean>
}

const firstDelayMs = 50
const maxDelayMs = 5000

/** Whether the database answers. Once lost, it is looked for, ever more rarely, until all is as before. */
export class Presence {
  readonly #options: PresenceOptions
  #isAway = false
  #failures = 0
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #ended = false

  constructor(options: PresenceOptions) {
    this.#options = options
  }

  get isAway(): boolean {
    return this.#isAway
  }

  /** Answers whether that is new. */
  lost(): boolean {
    if (this.#isAway) return false
    this.#isAway = true
    this.#failures = 0
    this.#wait()
    return true
  }

  found(): void {
    this.#isAway = false
  }

  async end(): Promise<void> {
    this.#ended = true
    this.#timer?.cancel()
    await this.#looking
  }

  #wait(): void {
    if (this.#ended) return
    const { clock, random } = this.#options
    const mostMs = Math.min(maxDelayMs, firstDelayMs * 2 ** this.#failures)
    this.#timer = clock.timer(mostMs * (0.5 + random() / 2), () => {
      this.#looking = this.#look()
    })
  }

  async #look(): Promise<void> {
    const isBack = await this.#options.comeBack().catch(() => false)
    this.#failures += 1
    if (!isBack) this.#wait()
  }
}
