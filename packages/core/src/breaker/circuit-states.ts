import type { Random } from '../clock/clock.ts'
import type { CircuitBreakerSettings } from './circuit-breaker-options.ts'
import type { CircuitTransition, CircuitTransitionReason } from './circuit-state.ts'
import { HalfOpen } from './half-open.ts'
import { type OutcomeWindow, SlidingWindow } from './outcome-window.ts'
import type { Permit } from './permit.ts'

type InnerState = Closed | Open | HalfOpen | Isolated

export interface Closed {
  readonly name: 'closed'
  readonly since: number
  /** The probes that closed it and have not ended; one failure of theirs reopens. */
  readonly closingProbes: Permit[]
}
interface Open {
  readonly name: 'open'
  until: number
}
interface Isolated {
  readonly name: 'isolated'
}

/** The state of a circuit, how it changes, and what is remembered from one to the next. */
export class CircuitStates {
  readonly settings: CircuitBreakerSettings
  readonly window: OutcomeWindow
  /** Probes that failed since the last good close. */
  failedProbes = 0
  /** The latest Retry-After. */
  notBefore = Number.NEGATIVE_INFINITY
  readonly #random: Random
  readonly #onTransition: ((transition: CircuitTransition) => void) | undefined
  #current: InnerState = { name: 'closed', since: 0, closingProbes: [] }
  #generation = 0

  constructor(
    settings: CircuitBreakerSettings,
    random: Random,
    onTransition: ((transition: CircuitTransition) => void) | undefined,
  ) {
    this.settings = settings
    this.window = new SlidingWindow(settings.windowMs)
    this.#random = random
    this.#onTransition = onTransition
  }

  get current(): InnerState {
    return this.#current
  }

  /** Counts the changes: what a permit of an earlier one tells is of the past. */
  get generation(): number {
    return this.#generation
  }

  close(now: number, reason: CircuitTransitionReason, closingProbes: Permit[] = []): void {
    this.#become({ name: 'closed', since: now, closingProbes }, now, reason)
  }

  /** For as long as the failed probes before say. */
  open(now: number, reason: CircuitTransitionReason): void {
    const { openForMs, maxOpenForMs } = this.settings
    const longest = Math.min(maxOpenForMs, openForMs * 2 ** this.failedProbes)
    // up to a fifth less, so that many processes do not come back at one moment
    const wait = this.failedProbes === 0 ? longest : longest * (1 - 0.2 * this.#random())
    this.openUntil(now + wait, now, reason)
  }

  /** Never before a Retry-After. */
  openUntil(until: number, now: number, reason: CircuitTransitionReason): void {
    this.window.clear()
    this.#become({ name: 'open', until: Math.max(until, this.notBefore) }, now, reason)
  }

  halfOpen(now: number, reason: CircuitTransitionReason, wasOpenUntil = now): HalfOpen {
    const state = new HalfOpen(wasOpenUntil, this.settings.halfOpenProbes, this.settings.probeLeaseMs)
    this.#become(state, now, reason)
    return state
  }

  isolate(now: number, reason: CircuitTransitionReason): void {
    this.#become({ name: 'isolated' }, now, reason)
  }

  /** Closed, and nothing is remembered. */
  forget(now: number, reason: CircuitTransitionReason): void {
    this.window.clear()
    this.failedProbes = 0
    this.notBefore = Number.NEGATIVE_INFINITY
    this.close(now, reason)
  }

  #become(state: InnerState, at: number, reason: CircuitTransitionReason): void {
    const from = this.#current.name
    this.#current = state
    this.#generation++
    if (this.#onTransition === undefined || from === state.name) return
    this.#onTransition({
      from,
      to: state.name,
      reason,
      at,
      ...(state.name === 'open' && { openForMs: state.until - at }),
    })
  }
}
