import type { Clock } from '@switchyard/core'
import type { World } from './world.ts'

/** One process of ours: its clocks, its timers, and its life. */
export class SimulatedProcess {
  readonly name: string
  readonly clock: Clock
  readonly #world: World
  #state: 'running' | 'stopped' | 'dead' = 'running'
  #deathIn = Number.POSITIVE_INFINITY
  #onDeath: (() => void)[] = []

  /** `skewMs` is what its wall clock is ahead. */
  constructor(world: World, name: string, skewMs: number) {
    this.name = name
    this.#world = world
    const monotonicAt = world.random.integer(0, 1_000_000)
    this.clock = {
      monotonic: () => monotonicAt + world.now,
      wall: () => world.wall + skewMs,
      timer: (ms, callback) => {
        if (this.#state === 'dead') return { cancel: () => undefined }
        return world.timer(ms, { kind: 'timer', to: this, run: callback })
      },
      turn: () => new Promise(resolve => world.timer(0, { kind: 'turn', to: this, run: resolve })),
    }
  }

  get state(): 'running' | 'stopped' | 'dead' {
    return this.#state
  }

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  /** Does what only the outside would notice of its death: closes its sockets. */
  onDeath(listener: () => void): void {
    this.#onDeath.push(listener)
  }

  /** kill -9: whatever it knew, waited for and was to do is gone. */
  die(): void {
    if (this.#state === 'dead') return
    this.#state = 'dead'
    this.#world.trace.add(`${this.name} dies`)
    this.#world.bury(this)
    for (const listener of this.#onDeath) listener()
    this.#onDeath = []
  }

  /** It will die in the middle of its work: at its `steps`th word to the outside, which is not said any more. */
  dieAfter(steps: number): void {
    this.#deathIn = steps
  }

  /** SIGSTOP: it hears nothing until it is continued, and then finds its clocks ahead. */
  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped'
  }

  continue(): void {
    if (this.#state === 'stopped') this.#state = 'running'
  }

  /** Whether what it wants to say to the outside is said; called at each word. */
  speaks(): boolean {
    if (this.#state !== 'dead' && --this.#deathIn <= 0) this.die()
    return this.#state !== 'dead'
  }
}
