import { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import type { CircuitBreakerOptions } from '../breaker/circuit-breaker-options.ts'
import { type CircuitSharing, circuitLater, type SharedCircuit } from '../breaker/circuit-sharing.ts'
import type { CircuitTransition } from '../breaker/circuit-state.ts'
import { type Circuit, FleetCircuit, LocalCircuit } from '../breaker/fleet-circuit.ts'
import type { Clock, Random } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import { type Guard, TargetBreaker } from './target-breaker.ts'

export interface BreakerBoardOptions {
  readonly clock: Clock
  readonly random: Random
  readonly events?: EventHub
  /** Makes the breakers of models and accounts one with those of other processes. */
  readonly sharing?: CircuitSharing
}

interface Entry {
  readonly breaker: CircuitBreaker
  readonly circuit: Circuit
}

/**
 * The breakers of a process, by what they guard: chains that share a board share what they know of
 * a target. The first chain to name a target decides its breaker's settings. `provider/model` is a model's,
 * `provider` an account's, and `provider (network)` that of this process's own way to the provider, which is never
 * shared with others.
 */
export class BreakerBoard {
  readonly #options: BreakerBoardOptions
  readonly #entries = new Map<string, Entry>()
  readonly #fleet = new Map<string, FleetCircuit>()
  // what others told of breakers that nobody here has asked for yet
  readonly #told = new Map<string, { readonly circuit: SharedCircuit; readonly at: number }>()
  readonly #stopListening: (() => void) | undefined

  constructor(options: BreakerBoardOptions) {
    this.#options = options
    this.#stopListening = options.sharing?.listen((key, circuit) => this.#hear(key, circuit))
  }

  /** The breakers before `provider/model`. */
  target(provider: string, model: string, options: CircuitBreakerOptions): TargetBreaker {
    const key = `${provider}/${model}`
    const { slowCallMs: _, slowCallRate: __, ...neverSlow } = options
    const guards: readonly Guard[] = [
      { health: 'process', circuit: this.#entry(networkOf(provider), neverSlow).circuit },
      { health: 'account', circuit: this.#entry(provider, neverSlow).circuit },
      { health: 'model', circuit: this.#entry(key, options).circuit },
    ]
    return new TargetBreaker(key, guards, this.#options.clock)
  }

  /** The breaker of a provider's account, which is never open for slow calls: slowness is a model's. */
  account(provider: string, options: CircuitBreakerOptions = {}): CircuitBreaker {
    const { slowCallMs: _, slowCallRate: __, ...account } = options
    return this.breaker(provider, account)
  }

  /** One breaker: `provider/model` for a model's, `provider` for an account's. */
  breaker(key: string, options: CircuitBreakerOptions = {}): CircuitBreaker {
    return this.#entry(key, options).breaker
  }

  /** Every breaker there is, with what it guards. */
  *entries(): Generator<[string, CircuitBreaker], undefined> {
    for (const [key, { breaker }] of this.#entries) yield [key, breaker]
    return undefined
  }

  /** Hears no more of other processes. */
  dispose(): void {
    this.#stopListening?.()
  }

  #entry(key: string, options: CircuitBreakerOptions): Entry {
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = this.#make(key, options)
      this.#entries.set(key, entry)
    }
    return entry
  }

  #make(key: string, options: CircuitBreakerOptions): Entry {
    const { sharing, random, clock } = this.#options
    if (sharing === undefined || key.endsWith(networkSuffix)) {
      const breaker = new CircuitBreaker(options, random, transition => this.#announce(key, transition))
      return { breaker, circuit: new LocalCircuit(breaker) }
    }
    const breaker: CircuitBreaker = new CircuitBreaker(
      options,
      random,
      transition => {
        circuit.changed(transition)
        this.#announce(key, transition)
      },
      now => circuit.postponed(now),
    )
    const circuit: FleetCircuit = new FleetCircuit(key, breaker, sharing, clock)
    this.#fleet.set(key, circuit)
    const told = this.#told.get(key)
    if (told !== undefined) {
      this.#told.delete(key)
      circuit.adopt(circuitLater(told.circuit, clock.monotonic() - told.at))
    }
    return { breaker, circuit }
  }

  #hear(key: string, circuit: SharedCircuit): void {
    const known = this.#fleet.get(key)
    if (known !== undefined) known.adopt(circuit)
    else if (circuit.name === 'closed') this.#told.delete(key)
    else this.#told.set(key, { circuit, at: this.#options.clock.monotonic() })
  }

  #announce(key: string, transition: CircuitTransition): void {
    const events = this.#options.events
    if (events === undefined) return
    const name = eventOf[transition.to]
    if (!events.has(name)) return
    events.emit(name, {
      at: this.#options.clock.wall(),
      target: key,
      from: transition.from,
      reason: transition.reason,
      ...(transition.openForMs !== undefined && { openForMs: transition.openForMs }),
    })
  }
}

const networkSuffix = ' (network)'

function networkOf(provider: string): string {
  return `${provider}${networkSuffix}`
}

const eventOf = {
  open: 'circuit-opened',
  'half-open': 'circuit-half-opened',
  closed: 'circuit-closed',
  isolated: 'circuit-isolated',
} as const
