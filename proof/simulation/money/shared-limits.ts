import type { LimitStore } from '@switchyard/core'
import { createMemoryLimits } from '@switchyard/core/limits'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'

/** Counters that all processes share: a server that answers at its own time, and counts by its own clock. */
export class SharedLimits {
  readonly #world: World
  readonly #counters: LimitStore

  constructor(world: World) {
    this.#world = world
    this.#counters = createMemoryLimits({ clock: { monotonic: () => world.now } })
  }

  connect(process: SimulatedProcess): LimitStore {
    return {
      take: asks => this.#word(process, 'take', () => this.#counters.take(asks)),
      correct: corrections => this.#word(process, 'correct', () => this.#counters.correct(corrections)),
      left: limit => this.#word(process, 'left', () => this.#counters.left(limit)),
    }
  }

  #word<Value>(process: SimulatedProcess, name: string, work: () => Value): Promise<Awaited<Value>> {
    return new Promise(resolve => {
      if (!process.speaks()) return
      this.#world.soon({
        kind: `limits: ${name} arrives`,
        from: process,
        run: () => {
          const answer = work()
          this.#world.soon({
            kind: `limits: ${name} answer`,
            to: process,
            run: () => resolve(answer as Awaited<Value>),
          })
        },
      })
    })
  }
}
