import { type Clock, systemClock } from '@switchyard/core'

/** Time that stands still until it is moved on; timers are real, since Redis answers in real time. */
export class SimulatedTime implements Clock {
  #moment = Date.UTC(2026, 10, 21)

  monotonic(): number {
    return this.#moment
  }

  wall(): number {
    return this.#moment
  }

  timer = systemClock.timer
  turn = systemClock.turn

  advance(ms: number): void {
    this.#moment += ms
  }
}
