import type { Clock } from '../clock/clock.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { CircuitSharing, ProbeAnswer, SharedCircuit } from './circuit-sharing.ts'
import type { CircuitRefusal, CircuitStateName, CircuitTransition } from './circuit-state.ts'
import type { Permit } from './permit.ts'

/** Who has not said by then whether this process may probe is not waited for. */
const longestAnswerMs = 1_000

/** One breaker, as its target asks it. */
export interface Circuit {
  readonly state: CircuitStateName
  retryAfterMs(now: number): number
  /** A promise only where others have to be asked who may probe. */
  admit(now: number, early: boolean): Permit | CircuitRefusal | Promise<Permit | CircuitRefusal>
  /** A permit was settled. */
  settled(): void
}

/** A breaker that concerns this process alone. */
export class LocalCircuit implements Circuit {
  readonly #breaker: CircuitBreaker

  constructor(breaker: CircuitBreaker) {
    this.#breaker = breaker
  }

  get state(): CircuitStateName {
    return this.#breaker.state.name
  }

  retryAfterMs(now: number): number {
    return this.#breaker.retryAfterMs(now)
  }

  admit(now: number, early: boolean): Permit | CircuitRefusal {
    return early ? this.#breaker.admitEarly(now) : this.#breaker.admit(now)
  }

  settled(): void {}
}

/** A breaker that is one with those of its name in other processes: they open together and send one probe. */
export class FleetCircuit implements Circuit {
  readonly #key: string
  readonly #breaker: CircuitBreaker
  readonly #sharing: CircuitSharing
  readonly #clock: Clock
  #asking: Promise<boolean> | undefined
  #holdsProbe = false
  // another process probes: until then there is nothing to ask
  #askAgainAt = Number.NEGATIVE_INFINITY

  constructor(key: string, breaker: CircuitBreaker, sharing: CircuitSharing, clock: Clock) {
    this.#key = key
    this.#breaker = breaker
    this.#sharing = sharing
    this.#clock = clock
  }

  get state(): CircuitStateName {
    return this.#breaker.state.name
  }

  retryAfterMs(now: number): number {
    const alone = this.#breaker.retryAfterMs(now)
    return this.#breaker.state.name === 'closed' ? alone : Math.max(alone, this.#askAgainAt - now)
  }

  admit(now: number, early: boolean): Permit | CircuitRefusal | Promise<Permit | CircuitRefusal> {
    if (this.#holdsProbe || !this.#breaker.wouldProbe(now, early)) return this.#admitAlone(now, early)
    if (now < this.#askAgainAt) return this.#refusal(now)
    this.#asking ??= this.#ask(early).finally(() => {
      this.#asking = undefined
    })
    return this.#asking.then(granted => {
      const then = this.#clock.monotonic()
      const probes = this.#breaker.wouldProbe(then, early)
      if (probes && !granted) return this.#refusal(then)
      const permit = this.#admitAlone(then, early)
      // meanwhile there is nothing left to probe
      if (granted && this.#holdsProbe && this.#breaker.state.name !== 'half-open') this.#giveBack()
      return permit
    })
  }

  settled(): void {
    if (!this.#holdsProbe) return
    const { state } = this.#breaker
    if (state.name === 'half-open' && state.waiting === 0) this.#giveBack()
  }

  /** Something happened in this process. */
  changed(transition: CircuitTransition): void {
    if (transition.to === 'half-open') return
    this.#askAgainAt = Number.NEGATIVE_INFINITY
    this.#holdsProbe = false
    const { reason } = transition
    // what was restored is of the past, and may be over for the others
    if (reason === 'adopted' || reason === 'restored') return
    const byHand = reason === 'isolated' || reason === 'released' || reason === 'reset'
    this.#sharing.tell(this.#key, this.#breaker.shared(transition.at), byHand ? 'hand' : 'outcome')
  }

  /** A Retry-After came late, and lengthens the open time. */
  postponed(now: number): void {
    this.#sharing.tell(this.#key, this.#breaker.shared(now), 'outcome')
  }

  /** Another process has changed it. */
  adopt(circuit: SharedCircuit): void {
    this.#askAgainAt = Number.NEGATIVE_INFINITY
    // what it says is of the past now
    if (this.#holdsProbe) this.#giveBack()
    this.#breaker.adopt(circuit, this.#clock.monotonic())
  }

  /** Whether this process may probe: as the others say, or by itself where they say nothing. */
  #ask(early: boolean): Promise<boolean> {
    return new Promise(resolve => {
      let alone = false
      const goAlone = (): void => {
        alone = true
        resolve(true)
      }
      const timer = this.#clock.timer(longestAnswerMs, goAlone)
      const heard = (answer: ProbeAnswer): void => {
        timer.cancel()
        if (!answer.granted) this.#askAgainAt = this.#clock.monotonic() + answer.retryAfterMs
        else if (alone) this.#sharing.release(this.#key)
        else this.#holdsProbe = true
        resolve(answer.granted)
      }
      this.#sharing.probe(this.#key, this.#breaker.probeLeaseMs, early).then(heard, () => {
        timer.cancel()
        goAlone()
      })
    })
  }

  #giveBack(): void {
    this.#holdsProbe = false
    this.#sharing.release(this.#key)
  }

  #admitAlone(now: number, early: boolean): Permit | CircuitRefusal {
    return early ? this.#breaker.admitEarly(now) : this.#breaker.admit(now)
  }

  #refusal(now: number): CircuitRefusal {
    return { admitted: false, reason: 'half-open', retryAfterMs: Math.max(0, this.retryAfterMs(now)) }
  }
}
