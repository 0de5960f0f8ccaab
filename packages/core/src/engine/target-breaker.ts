import type { CircuitOutcome, CircuitRefusal, CircuitStateName } from '../breaker/circuit-state.ts'
import type { Circuit } from '../breaker/fleet-circuit.ts'
import type { Permit } from '../breaker/permit.ts'
import type { Clock } from '../clock/clock.ts'
import { errorRule, type HealthScope } from '../contract/error-table.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AdmissionStep, AttemptInfo, AttemptOutcome } from './admission.ts'

/** Whose health a breaker watches. */
type Watched = Exclude<HealthScope, 'none'>

/** One of the breakers before a target. */
export interface Guard {
  readonly health: Watched
  readonly circuit: Circuit
}

/**
 * The breakers that stand before one target: its model's, its provider account's, which all models of that provider
 * share, and this process's own network's. The error table says whose health an outcome tells of.
 */
export class TargetBreaker implements AdmissionStep {
  readonly #target: string
  readonly #guards: readonly Guard[]
  readonly #clock: Pick<Clock, 'monotonic'>

  constructor(target: string, guards: readonly Guard[], clock: Pick<Clock, 'monotonic'>) {
    this.#target = target
    this.#guards = guards
    this.#clock = clock
  }

  /** Milliseconds until this target may be asked again; 0 when it may be asked now. */
  retryAfterMs(now: number): number {
    let longest = 0
    for (const { circuit } of this.#guards) longest = Math.max(longest, circuit.retryAfterMs(now))
    return longest
  }

  /** The state of the circuit that keeps it back, or would first. */
  get state(): CircuitStateName {
    let worst: CircuitStateName = 'closed'
    for (const { circuit } of this.#guards) if (severity[circuit.state] > severity[worst]) worst = circuit.state
    return worst
  }

  admit(_info: AttemptInfo, now: number): AdmissionPermit | Promise<AdmissionPermit> {
    return this.#admit(now, false)
  }

  /** Admits one probe before its time, for a request that every target would refuse. */
  admitEarly(now: number): AdmissionPermit | Promise<AdmissionPermit> {
    return this.#admit(now, true)
  }

  #admit(now: number, early: boolean): AdmissionPermit | Promise<AdmissionPermit> {
    const permits = new BreakerPermit()
    try {
      for (let at = 0; at < this.#guards.length; at++) {
        const guard = this.#guards[at] as Guard
        const permit = guard.circuit.admit(now, early)
        if (permit instanceof Promise) return this.#admitRest(permits, permit, at, early)
        this.#add(permits, guard, permit)
      }
    } catch (error) {
      permits.settle(withdrawn, now)
      throw error
    }
    return permits
  }

  async #admitRest(
    permits: BreakerPermit,
    first: Promise<Permit | CircuitRefusal>,
    from: number,
    early: boolean,
  ): Promise<AdmissionPermit> {
    try {
      this.#add(permits, this.#guards[from] as Guard, await first)
      for (const guard of this.#guards.slice(from + 1)) {
        this.#add(permits, guard, await guard.circuit.admit(this.#clock.monotonic(), early))
      }
    } catch (error) {
      permits.settle(withdrawn, this.#clock.monotonic())
      throw error
    }
    return permits
  }

  #add(permits: BreakerPermit, guard: Guard, permit: Permit | CircuitRefusal): void {
    if (!permit.admitted) throw this.#refusal(permit, circuitNames[guard.health])
    permits.add(guard, permit)
  }

  #refusal(refusal: CircuitRefusal, whose: string): SwitchyardError {
    const { retryAfterMs, reason } = refusal
    const wait = reason === 'isolated' ? 'until it is released' : `for another ${Math.ceil(retryAfterMs / 100) / 10} s`
    return new SwitchyardError(
      'circuit-open',
      `${this.#target} is not asked ${wait}: ${whose} is ${reason}.`,
      reason === 'isolated' ? {} : { retryAfterMs },
    )
  }
}

const severity: Readonly<Record<CircuitStateName, number>> = { closed: 0, 'half-open': 1, open: 2, isolated: 3 }

const circuitNames: Readonly<Record<Watched, string>> = {
  process: "this process's circuit to its provider",
  account: "its account's circuit",
  model: 'its circuit',
}

const withdrawn = { type: 'withdrawn' } as const
const ignored = { type: 'ignored' } as const
const success = { type: 'success' } as const

class BreakerPermit implements AdmissionPermit {
  readonly #given: { readonly guard: Guard; readonly permit: Permit }[] = []

  add(guard: Guard, permit: Permit): void {
    this.#given.push({ guard, permit })
  }

  firstToken(now: number): void {
    for (const { permit } of this.#given) permit.firstToken(now)
  }

  settle(outcome: AttemptOutcome, now: number): void {
    const health = outcome.type === 'failed' ? errorRule(outcome.error).health : 'none'
    for (const { guard, permit } of this.#given) {
      permit.settle(now, outcomeFor(guard.health, outcome, health))
      guard.circuit.settled()
    }
  }
}

function outcomeFor(watched: Watched, outcome: AttemptOutcome, health: HealthScope): CircuitOutcome {
  if (outcome.type === 'completed') return success
  if (outcome.type !== 'failed') return ignored
  // whoever answers, whatever it says, was reached
  if (watched === 'process' && outcome.error.status !== undefined) return success
  if (watched !== health) return ignored
  return { type: 'failure', retryAfterMs: outcome.error.retryAfterMs }
}
