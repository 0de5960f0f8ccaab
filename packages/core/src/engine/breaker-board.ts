import { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import type { CircuitBreakerOptions } from '../breaker/circuit-breaker-options.ts'
import { type CircuitSharing, circuitLater, type SharedCircuit } from '../breaker/circuit-sharing.ts'
import type { CircuitSnapshot } from '../breaker/circuit-snapshot.ts'
import {
  type BoardSnapshot,
  type CircuitStanding,
  checkBoardSnapshot,
  unknownCircuit,
} from '../breaker/circuit-standing.ts'
import type { CircuitTransition } from '../breaker/circuit-state.ts'
import { type Circuit, FleetCircuit, LocalCircuit } from '../breaker/fleet-circuit.ts'
import type { Clock, Random } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import { RetryBudget } from './retry-budget.ts'
import { type Guard, TargetBreaker } from './target-breaker.ts'

export interface BreakerBoardOptions {
  readonly clock: Clock
  readonly random: Random
  readonly events?: EventHub
  /** Makes the breakers of models and accounts one with those of other processes. */
  readonly sharing?: CircuitSharing
  /** Keeps the circuits of accounts and networks, so that what this one keeps is about its models alone. */
  readonly accounts?: BreakerBoard
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
  readonly #retryBudgets = new Map<string, RetryBudget>()
  readonly #fleet = new Map<string, FleetCircuit>()
  // what others told of breakers that nobody here has asked for yet
  readonly #told = new Map<string, { readonly circuit: SharedCircuit; readonly at: number }>()
  // what a snapshot told of breakers that nobody has asked for yet
  readonly #restored = new Map<string, { readonly circuit: CircuitSnapshot; readonly at: number }>()
  readonly #notes = new Map<string, string>()
  readonly #stopListening: (() => void) | undefined

  constructor(options: BreakerBoardOptions) {
    this.#options = options
    this.#stopListening = options.sharing?.listen((key, circuit) => this.#hear(key, circuit))
  }

  /** The breakers before `provider/model`. */
  target(provider: string, model: string, options: CircuitBreakerOptions): TargetBreaker {
    const key = `${provider}/${model}`
    const guards: readonly Guard[] = [
      { health: 'process', circuit: this.#entry(provider + networkSuffix, neverSlow(options)).circuit },
      { health: 'account', circuit: this.#entry(provider, neverSlow(options)).circuit },
      { health: 'model', circuit: this.#entry(key, options).circuit },
    ]
    return new TargetBreaker(key, guards, this.#options.clock)
  }

  /** What `provider/model` may receive beyond first attempts, whichever chain asks. */
  retryBudget(provider: string, model: string): RetryBudget {
    const key = `${provider}/${model}`
    let budget = this.#retryBudgets.get(key)
    if (budget === undefined) {
      budget = new RetryBudget()
      this.#retryBudgets.set(key, budget)
    }
    return budget
  }

  /** The breaker of a provider's account, which is never open for slow calls: slowness is a model's. */
  account(provider: string, options: CircuitBreakerOptions = {}): CircuitBreaker {
    return this.breaker(provider, neverSlow(options))
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

  /** How every circuit stands, in the order in which they were named. */
  states(): readonly CircuitStanding[] {
    return [...this.#entries.keys()].map(key => this.#standing(key))
  }

  /**
   * Lets nothing through one circuit, in all processes that share it, until `release`: not even a probe. `note` is told
   * with its state, and to those who listen for events.
   *
   * @throws {SwitchyardError} `not-found`, with the nearest names, for a circuit that no target has.
   */
  isolate(key: string, note?: string): CircuitStanding {
    const { breaker } = this.#known(key)
    if (note !== undefined) this.#notes.set(key, note)
    breaker.isolate(this.#options.clock.monotonic())
    return this.#standing(key)
  }

  /** Ends an isolation; a circuit that is not isolated stays as it is. @throws {SwitchyardError} as `isolate` does. */
  release(key: string): CircuitStanding {
    this.#known(key).breaker.release(this.#options.clock.monotonic())
    return this.#standing(key)
  }

  /** What another process needs to go on from here. */
  snapshot(): BoardSnapshot {
    const { clock } = this.#options
    const circuits: Record<string, CircuitSnapshot> = {}
    for (const [key, { circuit }] of this.#restored) if (circuit.state.name === 'isolated') circuits[key] = circuit
    for (const [key, { breaker }] of this.#entries) {
      const circuit = breaker.snapshot(clock.monotonic())
      const { state, failedProbes, retryAfterMs } = circuit
      const isNew = state.name === 'closed' && state.outcomes.length === 0 && failedProbes + retryAfterMs === 0
      if (!isNew) circuits[key] = circuit
    }
    const notes = this.#notes.size > 0 && { notes: Object.fromEntries(this.#notes) }
    return { version: 1, at: clock.wall(), circuits, ...notes }
  }

  /**
   * Goes on from a snapshot of earlier, in every circuit that is closed now. Of isolations that processes share, the
   * others tell.
   *
   * @throws {SwitchyardError} `invalid-request`, and nothing is restored.
   */
  restore(snapshot: BoardSnapshot): void {
    checkBoardSnapshot(snapshot)
    const { clock } = this.#options
    const at = clock.monotonic() - Math.max(0, clock.wall() - snapshot.at)
    for (const [key, circuit] of Object.entries(snapshot.circuits)) {
      const entry = this.#entries.get(key)
      const isolated = entry?.breaker.state.name === 'isolated'
      if (circuit.state.name === 'isolated') {
        if (this.#isShared(key) && !isolated) continue
        const note = snapshot.notes?.[key]
        if (typeof note === 'string') this.#notes.set(key, note)
      }
      if (entry === undefined) this.#restored.set(key, { circuit, at })
      else if (entry.breaker.state.name === 'closed') entry.breaker.restore(circuit, at)
    }
  }

  /** Hears no more of other processes. */
  dispose(): void {
    this.#stopListening?.()
  }

  #entry(key: string, options: CircuitBreakerOptions): Entry {
    const { accounts } = this.#options
    if (accounts !== undefined && !key.includes('/')) return accounts.#entry(key, options)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = this.#make(key, options)
      this.#entries.set(key, entry)
      const restored = this.#restored.get(key)
      this.#restored.delete(key)
      if (restored !== undefined && entry.breaker.state.name === 'closed') {
        entry.breaker.restore(restored.circuit, restored.at)
      }
    }
    return entry
  }

  #make(key: string, options: CircuitBreakerOptions): Entry {
    const { sharing, random, clock } = this.#options
    if (sharing === undefined || !this.#isShared(key)) {
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

  #known(key: string): Entry {
    const entry = this.#entries.get(key)
    if (entry === undefined) throw unknownCircuit(key, this.#entries.keys())
    return entry
  }

  #isShared(key: string): boolean {
    return this.#options.sharing !== undefined && !key.endsWith(networkSuffix)
  }

  #standing(key: string): CircuitStanding {
    const { breaker, circuit } = this.#known(key)
    const { name } = breaker.state
    const note = this.#notes.get(key)
    return {
      circuit: key,
      guards: key.endsWith(networkSuffix) ? 'process' : key.includes('/') ? 'model' : 'account',
      state: name,
      ...((name === 'open' || name === 'half-open') && {
        retryAfterMs: circuit.retryAfterMs(this.#options.clock.monotonic()),
      }),
      ...(note !== undefined && { note }),
    }
  }

  #hear(key: string, circuit: SharedCircuit): void {
    const known = this.#fleet.get(key)
    if (known !== undefined) known.adopt(circuit)
    else if (circuit.name === 'closed') this.#told.delete(key)
    else this.#told.set(key, { circuit, at: this.#options.clock.monotonic() })
  }

  #announce(key: string, transition: CircuitTransition): void {
    const note = transition.to === 'isolated' ? this.#notes.get(key) : undefined
    if (note === undefined) this.#notes.delete(key)
    const events = this.#options.events
    if (events === undefined) return
    const name = eventOf[transition.to]
    if (!events.has(name)) return
    events.emit(name, {
      at: this.#options.clock.wall(),
      target: key,
      from: transition.from,
      reason: transition.reason,
      ...(note !== undefined && { note }),
      ...(transition.openForMs !== undefined && { openForMs: transition.openForMs }),
    })
  }
}

const networkSuffix = ' (network)'

// slowness is a model's
function neverSlow({ slowCallMs: _, slowCallRate: __, ...options }: CircuitBreakerOptions): CircuitBreakerOptions {
  return options
}

const eventOf = {
  open: 'circuit-opened',
  'half-open': 'circuit-half-opened',
  closed: 'circuit-closed',
  isolated: 'circuit-isolated',
} as const
