import { CircuitBreaker } from '../breaker/circuit-breaker.ts'
import type { CircuitBreakerOptions } from '../breaker/circuit-breaker-options.ts'
import type { CircuitTransition } from '../breaker/circuit-state.ts'
import type { Clock, Random } from '../clock/clock.ts'
import type { EventHub } from '../events/event-hub.ts'
import { TargetBreaker } from './target-breaker.ts'

export interface BreakerBoardOptions {
  readonly clock: Clock
  readonly random: Random
  readonly events?: EventHub
}

/**
 * The breakers of a process, by what they guard: chains that share a board share what they know of
 * a target. The first chain to name a target decides its breaker's settings.
 */
export class BreakerBoard {
  readonly #options: BreakerBoardOptions
  readonly #breakers = new Map<string, CircuitBreaker>()

  constructor(options: BreakerBoardOptions) {
    this.#options = options
  }

  /** The breakers before `provider/model`. */
  target(provider: string, model: string, options: CircuitBreakerOptions): TargetBreaker {
    const key = `${provider}/${model}`
    return new TargetBreaker(key, this.breaker(key, options), this.account(provider, options))
  }

  /** The breaker of a provider's account, which is never open for slow calls: slowness is a model's. */
  account(provider: string, options: CircuitBreakerOptions = {}): CircuitBreaker {
    const { slowCallMs: _, slowCallRate: __, ...account } = options
    return this.breaker(provider, account)
  }

  /** One breaker: `provider/model` for a model's, `provider` for an account's. */
  breaker(key: string, options: CircuitBreakerOptions = {}): CircuitBreaker {
    let breaker = this.#breakers.get(key)
    if (breaker === undefined) {
      const announce = (transition: CircuitTransition): void => this.#announce(key, transition)
      breaker = new CircuitBreaker(options, this.#options.random, announce)
      this.#breakers.set(key, breaker)
    }
    return breaker
  }

  /** Every breaker there is, with what it guards. */
  entries(): IterableIterator<[string, CircuitBreaker]> {
    return this.#breakers.entries()
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

const eventOf = {
  open: 'circuit-opened',
  'half-open': 'circuit-half-opened',
  closed: 'circuit-closed',
  isolated: 'circuit-isolated',
} as const
