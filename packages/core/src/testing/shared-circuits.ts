import type { CircuitListener, CircuitSharing, SharedCircuit } from '../breaker/circuit-sharing.ts'
import type { Clock } from '../clock/clock.ts'

interface Open {
  readonly name: 'open'
  until: number
  notBefore: number
  failedProbes: number
}

interface Probe {
  readonly member: object
  readonly until: number
}

/** The circuits of a fleet, in one process: what Redis is to real ones. Every `join` is one process of it. */
export class SharedCircuits {
  readonly #clock: Clock
  readonly #circuits = new Map<string, Open | { readonly name: 'isolated' }>()
  readonly #probes = new Map<string, Probe>()
  readonly #listeners = new Map<CircuitListener, object>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  join(): CircuitSharing {
    const member = {}
    return {
      listen: listener => {
        this.#listeners.set(listener, member)
        for (const key of this.#circuits.keys()) listener(key, this.#state(key))
        return () => void this.#listeners.delete(listener)
      },
      tell: (key, circuit, cause) => {
        if (this.#probes.get(key)?.member === member || circuit.name !== 'open') this.#probes.delete(key)
        if (!this.#take(key, circuit, cause === 'hand')) return
        for (const [listener, of] of this.#listeners) if (of !== member) listener(key, this.#state(key))
      },
      probe: async (key, leaseMs, early) => {
        const now = this.#clock.monotonic()
        const circuit = this.#circuits.get(key)
        if (circuit?.name === 'isolated') return { granted: false, retryAfterMs: 1_000 }
        const from = circuit === undefined ? now : early ? circuit.notBefore : circuit.until
        if (now < from) return { granted: false, retryAfterMs: from - now }
        const probe = this.#probes.get(key)
        if (probe !== undefined && probe.member !== member && now < probe.until) {
          return { granted: false, retryAfterMs: Math.min(1_000, probe.until - now) }
        }
        this.#probes.set(key, { member, until: now + leaseMs })
        return { granted: true }
      },
      release: key => {
        if (this.#probes.get(key)?.member === member) this.#probes.delete(key)
      },
    }
  }

  #state(key: string): SharedCircuit {
    const circuit = this.#circuits.get(key)
    if (circuit === undefined) return { name: 'closed' }
    if (circuit.name === 'isolated') return circuit
    const now = this.#clock.monotonic()
    return {
      name: 'open',
      remainingMs: Math.max(0, circuit.until - now),
      retryAfterMs: Math.max(0, circuit.notBefore - now),
      failedProbes: circuit.failedProbes,
    }
  }

  /** Whether it changed anything. */
  #take(key: string, told: SharedCircuit, byHand: boolean): boolean {
    const now = this.#clock.monotonic()
    const known = this.#circuits.get(key)
    if (known?.name === 'isolated' && !byHand) return false
    if (told.name === 'closed') return this.#circuits.delete(key)
    if (told.name === 'isolated') {
      this.#circuits.set(key, told)
      return true
    }
    const open = known?.name === 'open' ? known : { until: now, notBefore: now, failedProbes: 0 }
    this.#circuits.set(key, {
      name: 'open',
      until: Math.max(open.until, now + told.remainingMs),
      notBefore: Math.max(open.notBefore, now + told.retryAfterMs),
      failedProbes: Math.max(open.failedProbes, told.failedProbes),
    })
    return true
  }
}
