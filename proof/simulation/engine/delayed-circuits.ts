import type { CircuitSharing } from '@switchyard/core'
import { SharedCircuits } from '@switchyard/core/testing'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'

/** The circuits of a fleet at the far end of connections that take their time, and of which some answers never come. */
export class DelayedCircuits {
  readonly #world: World
  readonly #circuits: SharedCircuits

  constructor(world: World) {
    this.#world = world
    const none = (): never => {
      throw new Error('Nothing here waits.')
    }
    const monotonic = (): number => world.now
    this.#circuits = new SharedCircuits({ monotonic, wall: monotonic, timer: none, turn: none })
  }

  /** As one process has them. */
  join(process: SimulatedProcess): CircuitSharing {
    const sharing = this.#circuits.join()
    const world = this.#world
    return {
      listen: listener =>
        sharing.listen((key, circuit) => {
          world.soon({ kind: 'circuits: tell', to: process, detail: () => key, run: () => listener(key, circuit) })
        }),
      tell: (key, circuit, cause) => {
        const run = (): void => sharing.tell(key, circuit, cause)
        world.soon({ kind: 'circuits: are told', from: process, detail: () => key, run })
      },
      probe: (key, leaseMs, early) =>
        new Promise((resolve, reject) => {
          const isLost = world.random.chance(0.1)
          world.soon({
            kind: 'circuits: are asked',
            from: process,
            detail: () => key,
            run: () => {
              void sharing.probe(key, leaseMs, early).then(answer => {
                if (isLost) return
                const run = (): void => (world.random.chance(0.1) ? reject(new Error('Away.')) : resolve(answer))
                world.soon({ kind: 'circuits: answer', to: process, detail: () => key, run })
              })
            },
          })
        }),
      release: key => {
        world.soon({ kind: 'circuits: get it back', from: process, run: () => sharing.release(key) })
      },
    }
  }
}
