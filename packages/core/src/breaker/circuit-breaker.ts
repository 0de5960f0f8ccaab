import type { Random } from '../clock/clock.ts'
import {
  type CircuitBreakerOptions,
  type CircuitBreakerSettings,
  circuitBreakerSettings,
} from './circuit-breaker-options.ts'
import type { SharedCircuit } from './circuit-sharing.ts'
import { type CircuitSnapshot, checkSnapshot } from './circuit-snapshot.ts'
import type {
  CircuitOutcome,
  CircuitRefusal,
  CircuitState,
  CircuitStateName,
  CircuitTransition,
  CircuitTransitionReason,
} from './circuit-state.ts'
import { HalfOpen } from './half-open.ts'
import { type OutcomeWindow, SlidingWindow } from './outcome-window.ts'
import { Permit, type PermitOwner, take } from './permit.ts'

type InnerState = Closed | Open | HalfOpen | Isolated

interface Closed {
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

/**
 * Stops calls to a target that keeps failing, and lets a few through later to see whether it is well.
 * It has no clock and no timers: `now` is milliseconds of one monotonic clock, and an open circuit
 * turns half-open when the first call after its time asks.
 */
export class CircuitBreaker {
  readonly #settings: CircuitBreakerSettings
  readonly #random: Random
  readonly #onTransition: ((transition: CircuitTransition) => void) | undefined
  readonly #onPostponed: ((now: number) => void) | undefined
  readonly #window: OutcomeWindow
  readonly #owner: PermitOwner = {
    firstToken: (permit, now) => this.#firstToken(permit, now),
    settle: (permit, now, outcome) => this.#settle(permit, now, outcome),
  }
  #state: InnerState = closed(0, [])
  #generation = 0
  // since the last good close
  #failedProbes = 0
  // the latest Retry-After
  #notBefore = Number.NEGATIVE_INFINITY

  /**
   * `onPostponed` hears of a Retry-After that lengthened an open time.
   *
   * @throws {SwitchyardError} `invalid-request`, naming the option at fault.
   */
  constructor(
    options: CircuitBreakerOptions,
    random: Random,
    onTransition?: (transition: CircuitTransition) => void,
    onPostponed?: (now: number) => void,
  ) {
    this.#settings = circuitBreakerSettings(options)
    this.#random = random
    this.#onTransition = onTransition
    this.#onPostponed = onPostponed
    this.#window = new SlidingWindow(this.#settings.windowMs)
  }

  get state(): CircuitState {
    const state = this.#state
    switch (state.name) {
      case 'open':
        return { name: 'open', until: state.until }
      case 'half-open':
        return { name: 'half-open', succeeded: state.succeeded, waiting: state.waiting }
      default:
        return { name: state.name }
    }
  }

  /** After this a probe that has said nothing gives its place to another, in milliseconds. */
  get probeLeaseMs(): number {
    return this.#settings.probeLeaseMs
  }

  /** Lets a call through or refuses it, at once. */
  admit(now: number): Permit | CircuitRefusal {
    let state = this.#state
    if (state.name === 'closed') return new Permit(this.#owner, this.#generation, now)
    if (state.name === 'open' && now >= state.until) state = this.#halfOpen(now, 'open-time-elapsed')
    return state.name === 'half-open' ? this.#probe(state, now) : this.#refusal(state.name, now)
  }

  /**
   * Like `admit`, but an open circuit does not wait for its time to be up: for a request that has no
   * other target left. Half-open places, Retry-After and isolation are kept all the same.
   */
  admitEarly(now: number): Permit | CircuitRefusal {
    const state = this.#state
    if (state.name !== 'open' || now < this.#notBefore) return this.admit(now)
    if (now >= state.until) return this.admit(now)
    return this.#probe(this.#halfOpen(now, 'asked-early', state.until), now)
  }

  /** Whether `admit`, or `admitEarly`, would let a probe through now. */
  wouldProbe(now: number, early: boolean): boolean {
    const state = this.#state
    if (state.name === 'open') return now >= (early ? this.#notBefore : state.until)
    return state.name === 'half-open' && this.probeAvailableAt(now) <= now
  }

  /**
   * The moment from which a call would be let through if nothing else were heard until then;
   * `Infinity` while isolated.
   */
  probeAvailableAt(now: number): number {
    const state = this.#state
    switch (state.name) {
      case 'closed':
        return now
      case 'open':
        return Math.max(now, state.until)
      case 'half-open': {
        const place = state.isFull ? state.firstLapse : now
        return Math.max(now, place, this.#notBefore)
      }
      case 'isolated':
        return Number.POSITIVE_INFINITY
    }
  }

  /**
   * Milliseconds after which asking makes sense; 0 where a call would be let through now, `Infinity`
   * while isolated. While every place is taken by a probe it is at most `openForMs`, a guess: the
   * probes will have answered.
   */
  retryAfterMs(now: number): number {
    const state = this.#state
    if (state.name !== 'half-open') return this.probeAvailableAt(now) - now
    const place = state.isFull ? Math.min(state.firstLapse - now, this.#settings.openForMs) : 0
    return Math.max(0, place, this.#notBefore - now)
  }

  /** Refuses every call until `release`. */
  isolate(now: number): void {
    if (this.#state.name !== 'isolated') this.#become({ name: 'isolated' }, now, 'isolated')
  }

  /** Ends an isolation: the circuit is closed and remembers nothing. */
  release(now: number): void {
    if (this.#state.name === 'isolated') this.#forget(now, 'released')
  }

  /** Closes the circuit, whatever state it is in, and forgets all outcomes. */
  reset(now: number): void {
    this.#forget(now, 'reset')
  }

  /** What another breaker needs to go on from here. Calls on their way are not part of it. */
  snapshot(now: number): CircuitSnapshot {
    return {
      version: 1,
      state: this.#stateSnapshot(now),
      failedProbes: this.#failedProbes,
      retryAfterMs: Math.max(0, this.#notBefore - now),
    }
  }

  /** Goes on from a snapshot; permits given before it say nothing any more. @throws {SwitchyardError} */
  restore(snapshot: CircuitSnapshot, now: number): void {
    checkSnapshot(snapshot)
    const { state } = snapshot
    this.#failedProbes = snapshot.failedProbes
    this.#notBefore = snapshot.retryAfterMs > 0 ? now + snapshot.retryAfterMs : Number.NEGATIVE_INFINITY
    this.#window.clear()
    switch (state.name) {
      case 'closed':
        if (state.windowMs === this.#settings.windowMs) this.#window.fill(now, state.outcomes)
        this.#become(closed(now, []), now, 'restored')
        return
      case 'open':
        this.#become({ name: 'open', until: now + state.remainingMs }, now, 'restored')
        return
      case 'isolated':
        this.#become({ name: 'isolated' }, now, 'restored')
    }
  }

  /** What the breakers of this name in other processes should become. */
  shared(now: number): SharedCircuit {
    const state = this.#state
    if (state.name === 'closed' || state.name === 'isolated') return { name: state.name }
    return {
      name: 'open',
      remainingMs: state.name === 'open' ? Math.max(0, state.until - now) : 0,
      retryAfterMs: Math.max(0, this.#notBefore - now),
      failedProbes: this.#failedProbes,
    }
  }

  /** Becomes what another process's breaker of this name became; of two deadlines the later one holds. */
  adopt(circuit: SharedCircuit, now: number): void {
    const state = this.#state
    switch (circuit.name) {
      case 'closed':
        if (state.name !== 'closed') this.#forget(now, 'adopted')
        return
      case 'isolated':
        if (state.name !== 'isolated') this.#become({ name: 'isolated' }, now, 'adopted')
        return
      case 'open': {
        this.#notBefore = Math.max(this.#notBefore, now + circuit.retryAfterMs)
        this.#failedProbes = Math.max(this.#failedProbes, circuit.failedProbes)
        const until = Math.max(now + circuit.remainingMs, this.#notBefore)
        if (state.name === 'open') state.until = Math.max(state.until, until)
        else {
          this.#window.clear()
          this.#become({ name: 'open', until }, now, 'adopted')
        }
      }
    }
  }

  #probe(state: HalfOpen, now: number): Permit | CircuitRefusal {
    if (now < this.#notBefore) return this.#refusal(state.name, now)
    state.releaseLapsed(now)
    if (state.isFull) return this.#refusal(state.name, now)
    const permit = new Permit(this.#owner, this.#generation, now)
    state.add(permit)
    return permit
  }

  #firstToken(permit: Permit, now: number): void {
    const state = this.#state
    if (state.name !== 'half-open' || permit.generation !== this.#generation) return
    if (!state.firstToken(permit, this.#isSlow(permit)) || !state.isDone) return
    if (state.slowRate >= this.#settings.slowCallRate) this.#reopen(now, 'probe-slow')
    else this.#close(state, now)
  }

  #settle(permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (outcome.type === 'failure') this.#postpone(now, outcome.retryAfterMs)
    const state = this.#state
    if (state.name === 'half-open') this.#settleProbe(state, permit, now, outcome)
    else if (state.name === 'closed') {
      if (permit.generation === this.#generation) this.#count(permit, now, outcome)
      else this.#settleClosingProbe(state, permit, now, outcome)
    }
  }

  #count(permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (outcome.type === 'ignored') return
    const window = this.#window
    window.record(now, outcome.type === 'failure' ? 'failure' : this.#isSlow(permit) ? 'slow' : 'success')
    if (window.total < this.#settings.minimumCalls) return
    if (window.failures >= this.#settings.failureRate * window.total) this.#trip(now, 'failure-rate')
    else if (window.slow >= this.#settings.slowCallRate * window.total) this.#trip(now, 'slow-call-rate')
  }

  #settleProbe(state: HalfOpen, permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (!state.end(permit) || outcome.type !== 'failure') return
    // a probe before its time that fails changes nothing
    if (now < state.wasOpenUntil) this.#openUntil(state.wasOpenUntil, now, 'probe-failed')
    else this.#reopen(now, 'probe-failed')
  }

  #settleClosingProbe(state: Closed, permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (!take(state.closingProbes, permit)) return
    if (outcome.type === 'failure') this.#reopen(now, 'probe-failed')
    else if (state.closingProbes.length === 0) this.#failedProbes = 0
  }

  #isSlow(permit: Permit): boolean {
    return permit.latencyMs >= this.#settings.slowCallMs
  }

  #postpone(now: number, retryAfterMs: number | undefined): void {
    if (retryAfterMs === undefined || !Number.isFinite(retryAfterMs)) return
    this.#notBefore = Math.max(this.#notBefore, now + retryAfterMs)
    const state = this.#state
    if (state.name !== 'open' || this.#notBefore <= state.until) return
    state.until = this.#notBefore
    this.#onPostponed?.(now)
  }

  #trip(now: number, reason: CircuitTransitionReason): void {
    const state = this.#state
    // a closing probe that never ended does not lengthen the open time for ever
    if (state.name === 'closed' && now - state.since >= this.#settings.probeLeaseMs) this.#failedProbes = 0
    this.#open(now, reason)
  }

  #reopen(now: number, reason: CircuitTransitionReason): void {
    this.#failedProbes++
    this.#open(now, reason)
  }

  #open(now: number, reason: CircuitTransitionReason): void {
    const { openForMs, maxOpenForMs } = this.#settings
    const longest = Math.min(maxOpenForMs, openForMs * 2 ** this.#failedProbes)
    // up to a fifth less, so that many processes do not come back at one moment
    const wait = this.#failedProbes === 0 ? longest : longest * (1 - 0.2 * this.#random())
    this.#openUntil(now + wait, now, reason)
  }

  #openUntil(until: number, now: number, reason: CircuitTransitionReason): void {
    this.#window.clear()
    this.#become({ name: 'open', until: Math.max(until, this.#notBefore) }, now, reason)
  }

  #halfOpen(now: number, reason: CircuitTransitionReason, wasOpenUntil = now): HalfOpen {
    const state = new HalfOpen(wasOpenUntil, this.#settings.halfOpenProbes, this.#settings.probeLeaseMs)
    this.#become(state, now, reason)
    return state
  }

  #close(probes: HalfOpen, now: number): void {
    this.#notBefore = Number.NEGATIVE_INFINITY
    this.#become(closed(now, probes.streaming), now, 'probes-succeeded')
  }

  #forget(now: number, reason: CircuitTransitionReason): void {
    this.#window.clear()
    this.#failedProbes = 0
    this.#notBefore = Number.NEGATIVE_INFINITY
    this.#become(closed(now, []), now, reason)
  }

  #become(state: InnerState, at: number, reason: CircuitTransitionReason): void {
    const from = this.#state.name
    this.#state = state
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

  #refusal(reason: Exclude<CircuitStateName, 'closed'>, now: number): CircuitRefusal {
    return { admitted: false, reason, retryAfterMs: this.retryAfterMs(now) }
  }

  #stateSnapshot(now: number): CircuitSnapshot['state'] {
    const state = this.#state
    switch (state.name) {
      case 'closed':
        return { name: 'closed', windowMs: this.#settings.windowMs, outcomes: this.#window.slices(now) }
      case 'open':
        return { name: 'open', remainingMs: Math.max(0, state.until - now) }
      case 'half-open':
        return { name: 'open', remainingMs: Math.max(0, this.#notBefore - now) }
      case 'isolated':
        return { name: 'isolated' }
    }
  }
}

function closed(since: number, closingProbes: Permit[]): Closed {
  return { name: 'closed', since, closingProbes }
}
