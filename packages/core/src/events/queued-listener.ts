import type { EventListener } from './event-hub.ts'
import type { EventMap, EventName } from './event-map.ts'

export interface QueuedListenerOptions {
  /** How many events may wait; the oldest is dropped for one too many. Default 1,024. */
  readonly capacity?: number
  /** Told how many have been dropped so far, at each. */
  readonly onDropped?: (dropped: number) => void
  /** Told what the handler failed with; the queue goes on. */
  readonly onError?: (error: unknown) => void
}

/** A listener that keeps events until its handler is ready for them. */
export interface QueuedListener<Name extends EventName> {
  (event: EventMap[Name], name: Name): void
  /** How many events were dropped because the handler was too slow. */
  dropped(): number
  /** Resolves when everything that waits now has been handled or dropped. */
  drain(): Promise<void>
  /** Forgets what waits and takes nothing more; a handler that is at work finishes. */
  close(): void
}

/**
 * A bounded queue before a slow handler: one event at a time, in order, never on the path of a request.
 * Give it to `EventHub.on`.
 */
export function queuedListener<Name extends EventName = EventName>(
  handler: EventListener<Name>,
  options: QueuedListenerOptions = {},
): QueuedListener<Name> {
  const queue = new EventQueue(handler, options)
  return Object.assign((event: EventMap[Name], name: Name) => queue.push({ event, name }), {
    dropped: () => queue.dropped,
    drain: () => queue.drain(),
    close: () => queue.close(),
  })
}

interface Waiting<Name extends EventName> {
  readonly event: EventMap[Name]
  readonly name: Name
}

class EventQueue<Name extends EventName> {
  dropped = 0
  readonly #handler: EventListener<Name>
  readonly #options: QueuedListenerOptions
  readonly #capacity: number
  readonly #waiting: Waiting<Name>[] = []
  #drains: { readonly upTo: number; readonly resolve: () => void }[] = []
  // of all events that were ever taken, how many came and how many are done with
  #taken = 0
  #done = 0
  #running = false
  #closed = false

  constructor(handler: EventListener<Name>, options: QueuedListenerOptions) {
    this.#handler = handler
    this.#options = options
    this.#capacity = Math.max(1, options.capacity ?? 1024)
  }

  push(waiting: Waiting<Name>): void {
    if (this.#closed) return
    this.#taken++
    this.#waiting.push(waiting)
    if (this.#waiting.length > this.#capacity) this.#dropOldest()
    if (!this.#running) void this.#run()
  }

  drain(): Promise<void> {
    if (this.#done === this.#taken) return Promise.resolve()
    return new Promise(resolve => this.#drains.push({ upTo: this.#taken, resolve }))
  }

  close(): void {
    this.#closed = true
    this.#finish(this.#waiting.length)
    this.#waiting.length = 0
  }

  async #run(): Promise<void> {
    this.#running = true
    // not in the emitter's own turn
    await undefined
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await this.#handler(next.event, next.name)
      } catch (error) {
        quietly(() => this.#options.onError?.(error))
      }
      this.#finish(1)
    }
    this.#running = false
  }

  #dropOldest(): void {
    this.#waiting.shift()
    this.dropped++
    this.#finish(1)
    quietly(() => this.#options.onDropped?.(this.dropped))
  }

  #finish(count: number): void {
    this.#done += count
    if (this.#drains.length === 0) return
    for (const drain of this.#drains) if (drain.upTo <= this.#done) drain.resolve()
    this.#drains = this.#drains.filter(drain => drain.upTo > this.#done)
  }
}

function quietly(callback: () => void): void {
  try {
    callback()
  } catch {
    // whoever is told of trouble may fail too
  }
}
