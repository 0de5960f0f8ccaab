import type { Random } from '../clock/clock.ts'
import { type CircuitBreakerOptions, circuitBreakerSettings } from './circuit-breaker-options.ts'
import { adopt, restore, sharedOf, snapshotOf } from './circuit-handover.ts'
import type { SharedCircuit } from './circuit-sharing.ts'
import type { CircuitSnapshot } from './circuit-snapshot.ts'
import type {
  CircuitOutcome,
  CircuitRefusal,
  CircuitState,
  CircuitStateName,
  CircuitTransition,
  CircuitTransitionReason,
} from './circuit-state.ts'
import { CircuitStates, type Closed } from './circuit-states.ts'
import type { HalfOpen } from './half-open.ts'
import { Permit, type PermitOwner, take } from './permit.ts'

/**
 * Stops calls to a target that keeps failing, and lets a few through later to see whether it is well.
 * It has no clock and no timers: `now` is milliseconds of one monotonic clock, and an open circuit
 * turns half-open when the first call after its time asks.
 */
export class CircuitBreaker {
  readonly #states: CircuitStates
  readonly #onPostponed: ((now: number) => void) | undefined
  readonly #owner: PermitOwner = {
    firstToken: (permit, now) => this.#firstToken(permit, now),
    settle: (permit, now, outcome) => this.#settle(permit, now, outcome),
  }

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
    this.#states = new CircuitStates(circuitBreakerSettings(options), random, onTransition)
    this.#onPostponed = onPostponed
  }

  get state(): CircuitState {
    const state = this.#states.current
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
    return this.#states.settings.probeLeaseMs
  }

  /** Lets a call through or refuses it, at once. */
  admit(now: number): Permit | CircuitRefusal {
    let state = this.#states.current
    if (state.name === 'closed') return new Permit(this.#owner, this.#states.generation, now)
    if (state.name === 'open' && now >= state.until) state = this.#states.halfOpen(now, 'open-time-elapsed')
    return state.name === 'half-open' ? this.#probe(state, now) : this.#refusal(state.name, now)
  }

  /**
   * Like `admit`, but an open circuit does not wait for its time to be up: for a request that has no
   * other target left. Half-open places, Retry-After and isolation are kept all the same.
   */
  admitEarly(now: number): Permit | CircuitRefusal {
    const state = this.#states.current
    if (state.name !== 'open' || now < this.#states.notBefore || now >= state.until) return this.admit(now)
    return this.#probe(this.#states.halfOpen(now, 'asked-early', state.until), now)
  }

  /** Whether `admit`, or `admitEarly`, would let a probe through now. */
  wouldProbe(now: number, early: boolean): boolean {
    const state = this.#states.current
    if (state.name === 'open') return now >= (early ? this.#states.notBefore : state.until)
    return state.name === 'half-open' && this.probeAvailableAt(now) <= now
  }

  /**
   * The moment from which a call would be let through if nothing else were heard until then;
   * `Infinity` while isolated.
   */
  probeAvailableAt(now: number): number {
    const state = this.#states.current
    switch (state.name) {
      case 'closed':
        return now
      case 'open':
        return Math.max(now, state.until)
      case 'half-open': {
        const place = state.isFull ? state.firstLapse : now
        return Math.max(now, place, this.#states.notBefore)
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
    const state = this.#states.current
    if (state.name !== 'half-open') return this.probeAvailableAt(now) - now
    const place = state.isFull ? Math.min(state.firstLapse - now, this.#states.settings.openForMs) : 0
    return Math.max(0, place, this.#states.notBefore - now)
  }

  /** Refuses every call until `release`. */
  isolate(now: number): void {
    if (this.#states.current.name !== 'isolated') this.#states.isolate(now, 'isolated')
  }

  /** Ends an isolation: the circuit is closed and remembers nothing. */
  release(now: number): void {
    if (this.#states.current.name === 'isolated') this.#states.forget(now, 'released')
  }

  /** Closes the circuit, whatever state it is in, and forgets all outcomes. */
  reset(now: number): void {
    this.#states.forget(now, 'reset')
  }

  /** What another breaker needs to go on from here. Calls on their way are not part of it. */
  snapshot(now: number): CircuitSnapshot {
    return snapshotOf(this.#states, now)
  }

  /** Goes on from a snapshot; permits given before it say nothing any more. @throws {SwitchyardError} */
  restore(snapshot: CircuitSnapshot, now: number): void {
    restore(this.#states, snapshot, now)
  }

  /** What the breakers of this name in other processes should become. */
  shared(now: number): SharedCircuit {
    return sharedOf(this.#states, now)
  }

  /** Becomes what another process's breaker of this name became; of two deadlines the later one holds. */
  adopt(circuit: SharedCircuit, now: number): void {
    adopt(this.#states, circuit, now)
  }

  #probe(state: HalfOpen, now: number): Permit | CircuitRefusal {
    if (now < this.#states.notBefore) return this.#refusal(state.name, now)
    state.releaseLapsed(now)
    if (state.isFull) return this.#refusal(state.name, now)
    const permit = new Permit(this.#owner, this.#states.generation, now)
    state.add(permit)
    return permit
  }

  #firstToken(permit: Permit, now: number): void {
    const state = this.#states.current
    if (state.name !== 'half-open' || permit.generation !== this.#states.generation) return
    if (!state.firstToken(permit, this.#isSlow(permit)) || !state.isDone) return
    if (state.slowRate >= this.#states.settings.slowCallRate) this.#reopen(now, 'probe-slow')
    else this.#close(state, now)
  }

  #settle(permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (outcome.type === 'failure') this.#postpone(now, outcome.retryAfterMs)
    const state = this.#states.current
    if (state.name === 'half-open') this.#settleProbe(state, permit, now, outcome)
    else if (state.name === 'closed') {
      if (permit.generation === this.#states.generation) this.#count(permit, now, outcome)
      else this.#settleClosingProbe(state, permit, now, outcome)
    }
  }

  #count(permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (outcome.type === 'ignored') return
    const window = this.#states.window
    window.record(now, outcome.type === 'failure' ? 'failure' : this.#isSlow(permit) ? 'slow' : 'success')
    const { minimumCalls, failureRate, slowCallRate, consecutiveFailures } = this.#states.settings
    const isEnough = window.total >= minimumCalls
    if (isEnough && window.failures >= failureRate * window.total) this.#trip(now, 'failure-rate')
    else if (isEnough && window.slow >= slowCallRate * window.total) this.#trip(now, 'slow-call-rate')
    // a long time of health hides the beginning of an outage from any rate
    else if (window.failuresInRow >= consecutiveFailures) this.#trip(now, 'consecutive-failures')
  }

  #settleProbe(state: HalfOpen, permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (!state.end(permit) || outcome.type !== 'failure') return
    // a probe before its time that fails changes nothing
    if (now < state.wasOpenUntil) this.#states.openUntil(state.wasOpenUntil, now, 'probe-failed')
    else this.#reopen(now, 'probe-failed')
  }

  #settleClosingProbe(state: Closed, permit: Permit, now: number, outcome: CircuitOutcome): void {
    if (!take(state.closingProbes, permit)) return
    if (outcome.type === 'failure') this.#reopen(now, 'probe-failed')
    else if (state.closingProbes.length === 0) this.#states.failedProbes = 0
  }

  #isSlow(permit: Permit): boolean {
    return permit.latencyMs >= this.#states.settings.slowCallMs
  }

  #postpone(now: number, retryAfterMs: number | undefined): void {
    if (retryAfterMs === undefined || !Number.isFinite(retryAfterMs)) return
    this.#states.notBefore = Math.max(this.#states.notBefore, now + retryAfterMs)
    const state = this.#states.current
    if (state.name !== 'open' || this.#states.notBefore <= state.until) return
    state.until = this.#states.notBefore
    this.#onPostponed?.(now)
  }

  #trip(now: number, reason: CircuitTransitionReason): void {
    const state = this.#states.current
    // a closing probe that never ended does not lengthen the open time for ever
    if (state.name === 'closed' && now - state.since >= this.#states.settings.probeLeaseMs)
      this.#states.failedProbes = 0
    this.#states.open(now, reason)
  }

  #reopen(now: number, reason: CircuitTransitionReason): void {
    this.#states.failedProbes++
    this.#states.open(now, reason)
  }

  #close(probes: HalfOpen, now: number): void {
    this.#states.notBefore = Number.NEGATIVE_INFINITY
    this.#states.close(now, 'probes-succeeded', probes.streaming)
  }

  #refusal(reason: Exclude<CircuitStateName, 'closed'>, now: number): CircuitRefusal {
    return { admitted: false, reason, retryAfterMs: this.retryAfterMs(now) }
  }
}
