import type { EventMap, EventName } from './event-map.ts'

/** Told of each event. What it throws, or its promise rejects with, goes to the hub's `onListenerError`. */
export type EventListener<Name extends EventName = EventName> = (event: EventMap[Name], name: Name) => unknown

export interface EventHubOptions {
  /** Told when a listener failed; default: nobody is. */
  readonly onListenerError?: (error: unknown, name: EventName) => void
}

interface Registration {
  readonly listener: EventListener<never>
  active: boolean
}

const none: readonly Registration[] = []

/** Carries events to whoever listens. Listeners watch: they can neither delay a request nor break it. */
export class EventHub {
  readonly #listeners = new Map<EventName | '*', readonly Registration[]>()
  readonly #onListenerError: ((error: unknown, name: EventName) => void) | undefined

  constructor(options: EventHubOptions = {}) {
    this.#onListenerError = options.onListenerError
  }

  /** Calls the listener at each event of that name, or at every event for `'*'`. Returns how to stop. */
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): () => void
  on(name: '*', listener: EventListener): () => void
  on(name: EventName | '*', listener: EventListener<never>): () => void {
    const registration: Registration = { listener, active: true }
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? none), registration])
    return () => {
      registration.active = false
      const left = (this.#listeners.get(name) ?? none).filter(other => other !== registration)
      if (left.length > 0) this.#listeners.set(name, left)
      else this.#listeners.delete(name)
    }
  }

  /** Whether anybody would hear it; ask before building a payload. */
  has(name: EventName): boolean {
    return this.#listeners.size > 0 && (this.#listeners.has(name) || this.#listeners.has('*'))
  }

  /** Never throws. */
  emit<Name extends EventName>(name: Name, event: EventMap[Name]): void {
    if (this.#listeners.size === 0) return
    const named = this.#listeners.get(name) ?? none
    const every = this.#listeners.get('*') ?? none
    for (const registration of named) this.#call(registration, name, event)
    for (const registration of every) this.#call(registration, name, event)
  }

  #call(registration: Registration, name: EventName, event: unknown): void {
    if (!registration.active) return
    try {
      const result = (registration.listener as (event: unknown, name: EventName) => unknown)(event, name)
      if (isThenable(result)) result.then(undefined, (error: unknown) => this.#failed(error, name))
    } catch (error) {
      this.#failed(error, name)
    }
  }

  #failed(error: unknown, name: EventName): void {
    try {
      this.#onListenerError?.(error, name)
    } catch {
      // whoever is told of failures may fail too
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
