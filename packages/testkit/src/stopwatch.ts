import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pause } from './eventually.ts'

type Waits = ReturnType<typeof monitorEventLoopDelay>

/** Measures what a provider takes, apart from what a busy machine makes this process wait. */
export class Stopwatch {
  readonly #waits: Waits
  #begun: number

  private constructor(waits: Waits) {
    this.#waits = waits
    this.#begun = performance.now()
  }

  static async start(): Promise<Stopwatch> {
    const waits = monitorEventLoopDelay({ resolution: 1 })
    waits.enable()
    // it begins to measure with its second tick
    await pause(5)
    return new Stopwatch(waits)
  }

  /** Counts from now on. */
  restart(): void {
    this.#begun = performance.now()
  }

  /** Milliseconds since it began to count, and how many of them this process may have waited for its turn. */
  stop(): { readonly tookMs: number; readonly waitedMs: number } {
    const tookMs = performance.now() - this.#begun
    this.#waits.disable()
    return { tookMs, waitedMs: this.#waits.count === 0 ? 0 : this.#waits.max / 1e6 }
  }
}
