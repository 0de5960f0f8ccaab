import type { Clock, Timer } from '../clock/clock.ts'
import type { Delivery } from './delivery.ts'

/** Nobody downstream gives up on a stream that says something this often. */
const pingMs = 5_000

/** While nothing can be shown, lets a consumer who waits hear now and then that somebody is at work. */
export class KeepAwake {
  readonly #clock: Clock
  readonly #delivery: Delivery
  #timer: Timer | undefined

  constructor(clock: Clock, delivery: Delivery) {
    this.#clock = clock
    this.#delivery = delivery
  }

  start(): void {
    this.#timer ??= this.#clock.timer(pingMs, () => {
      this.#timer = undefined
      if (this.#delivery.isWaited) this.#delivery.give([{ type: 'ping' }])
      this.start()
    })
  }

  stop(): void {
    if (this.#timer === undefined) return
    this.#timer.cancel()
    this.#timer = undefined
  }
}
