import type { Clock, Timer } from '../clock/clock.ts'

export interface VirtualClockOptions {
  /** Where the monotonic clock starts, in milliseconds; any number will do, default 7,654,321. */
  readonly monotonic?: number
  /** Where the wall clock starts, in milliseconds since 1970; default 2026-01-01T00:00:00Z. */
  readonly wall?: number
}

interface Event {
  readonly due: number
  readonly order: number
  readonly callback: () => void
}

/**
 * A clock that moves only when told to. Events run in the order of their time, those of equal time
 * in the order they were set; between two of them everything that became ready has run.
 */
export class VirtualClock implements Clock {
  readonly #wallOffset: number
  readonly #events = new Set<Event>()
  #now: number
  #order = 0

  constructor(options: VirtualClockOptions = {}) {
    this.#now = options.monotonic ?? 7_654_321
    this.#wallOffset = (options.wall ?? Date.UTC(2026, 0, 1)) - this.#now
  }

  monotonic(): number {
    return this.#now
  }

  wall(): number {
    return this.#now + this.#wallOffset
  }

  timer(ms: number, callback: () => void): Timer {
    const event: Event = { due: this.#now + Math.max(0, ms), order: this.#order++, callback }
    this.#events.add(event)
    return { cancel: () => void this.#events.delete(event) }
  }

  /** Resolves as an event due at once: `advance(0)` brings it. */
  turn(): Promise<void> {
    return new Promise(resolve => this.timer(0, resolve))
  }

  /** How many timers and turns are waiting. */
  get pending(): number {
    return this.#events.size
  }

  /** Milliseconds until the next event; `undefined` where none is waiting. */
  get nextIn(): number | undefined {
    const event = this.#next()
    return event && event.due - this.#now
  }

  /** Moves the clock on, running what falls due on the way. Rejects with what a callback throws. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms
    await settle()
    for (let event = this.#next(); event !== undefined && event.due <= target; event = this.#next()) {
      await this.#run(event)
    }
    this.#now = target
  }

  /** Runs every event, those that events set included. @throws after `limit` events. */
  async runAll(limit = 10_000): Promise<void> {
    await settle()
    for (let ran = 0; ; ran++) {
      const event = this.#next()
      if (event === undefined) return
      if (ran === limit) throw new Error(`After ${limit} events there are still ${this.pending} waiting.`)
      await this.#run(event)
    }
  }

  async #run(event: Event): Promise<void> {
    this.#events.delete(event)
    this.#now = Math.max(this.#now, event.due)
    event.callback()
    await settle()
  }

  #next(): Event | undefined {
    let next: Event | undefined
    for (const event of this.#events) {
      if (next === undefined || event.due < next.due || (event.due === next.due && event.order < next.order)) {
        next = event
      }
    }
    return next
  }
}

// one turn drains every promise chain; what a chain hands to the event loop itself takes another
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
}
