import type { Clock } from '../clock/clock.ts'
import { systemClock } from '../clock/system-clock.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AdmissionStep, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import type { EventHub } from '../events/event-hub.ts'
import { heldBy } from '../scope/held-by.ts'
import type { Holding, ScopedAttempt } from '../scope/scope.ts'
import { type ConcurrencyDefinition, checkConcurrency } from './concurrency-definition.ts'
import { ConcurrencyLimit, type NoPlace } from './concurrency-limit.ts'
import type { ConcurrencySlot } from './concurrency-slot.ts'

export interface ConcurrencyOptions {
  readonly limits: readonly ConcurrencyDefinition[]
  /**
   * Whom they hold for. An attempt takes a place of each that holds for it, in this order: the narrower ones first,
   * models before providers, so that nobody keeps a place of a provider while it waits for a model.
   */
  readonly holdings: readonly Holding[]
  /** Told of `limit-refused`; default: nobody is. */
  readonly events?: EventHub | undefined
  /** Default: the machine's. */
  readonly clock?: Clock | undefined
}

/** Holds attempts to so many at once. */
export interface Concurrency {
  /** The last of a chain's `steps`: whoever waits here holds no probe of a breaker, and has passed limits and budgets. */
  readonly step: AdmissionStep
  /** Where the limits stand that hold for everybody's attempts at `provider/model`, or at a provider as a whole. */
  standing(target: string): readonly ConcurrencyStanding[]
  /** Where all limits stand. */
  standings(): readonly ConcurrencyStanding[]
  /** Refuses all that wait; nobody waits any more. */
  dispose(): void
}

export interface ConcurrencyStanding {
  readonly name: string
  /** How many may be on their way now. */
  readonly limit: number
  readonly inFlight: number
  readonly queued: number
}

/**
 * Limits how many attempts are on their way at once. A place is held until the end of the stream. A refusal is a
 * `rate-limit` error with the code `concurrency-limit`; nothing is sent, and the next target is asked. Token counts and
 * attempts at nested chains, whose own steps see them, pass freely.
 *
 * @throws {SwitchyardError} `invalid-request` for limits that cannot hold.
 */
export function createConcurrency(options: ConcurrencyOptions): Concurrency {
  return new ConcurrencyLimits(options)
}

const free: AdmissionPermit = { settle: () => undefined }

class ConcurrencyLimits implements Concurrency, AdmissionStep {
  readonly #limits: ReadonlyMap<string, ConcurrencyLimit>
  readonly #limitsOf: (attempt: ScopedAttempt) => readonly ConcurrencyLimit[]
  readonly #events: EventHub | undefined
  readonly #clock: Clock

  constructor({ limits, holdings, events, clock = systemClock }: ConcurrencyOptions) {
    checkConcurrency(limits, holdings)
    this.#events = events
    this.#clock = clock
    this.#limits = new Map(limits.map(limit => [limit.name, new ConcurrencyLimit(limit, clock, this.#refusal)]))
    this.#limitsOf = heldBy(holdings, name => this.#limits.get(name) as ConcurrencyLimit)
  }

  get step(): AdmissionStep {
    return this
  }

  admit(info: AttemptInfo): AdmissionPermit | Promise<AdmissionPermit> {
    if (info.nested || info.operation === 'count-tokens') return free
    const limits = this.#limitsOf(info)
    if (limits.length === 0) return free
    const slots: ConcurrencySlot[] = []
    try {
      for (let at = 0; at < limits.length; at++) {
        const slot = (limits[at] as ConcurrencyLimit).take(info)
        if (slot instanceof Promise) return this.#takeRest(slots, slot, limits.slice(at + 1), info)
        slots.push(slot)
      }
    } catch (error) {
      this.#giveBack(slots)
      throw error
    }
    return permitOf(slots)
  }

  standing(target: string): readonly ConcurrencyStanding[] {
    const [provider = target] = target.split('/', 1)
    return this.#limitsOf({ chains: [], provider, target, context: {} }).map(standingOf)
  }

  standings(): readonly ConcurrencyStanding[] {
    return [...this.#limits.values()].map(standingOf)
  }

  dispose(): void {
    for (const limit of this.#limits.values()) limit.close()
  }

  async #takeRest(
    slots: ConcurrencySlot[],
    first: Promise<ConcurrencySlot>,
    rest: readonly ConcurrencyLimit[],
    info: AttemptInfo,
  ): Promise<AdmissionPermit> {
    try {
      slots.push(await first)
      for (const limit of rest) slots.push(await limit.take(info))
    } catch (error) {
      this.#giveBack(slots)
      throw error
    }
    return permitOf(slots)
  }

  #giveBack(slots: readonly ConcurrencySlot[]): void {
    const now = this.#clock.monotonic()
    for (const slot of slots) slot.settle({ type: 'withdrawn' }, now)
  }

  readonly #refusal = (limit: ConcurrencyLimit, info: AttemptInfo, why: NoPlace): SwitchyardError => {
    const { name, retryAfterMs } = limit
    const { requestId, chain, target, provider, model } = info
    if (this.#events?.has('limit-refused')) {
      const at = this.#clock.wall()
      const quantity = 'concurrency'
      this.#events.emit('limit-refused', { at, requestId, chain, limit: name, quantity, target, retryAfterMs })
    }
    const text = `The concurrency limit "${name}" has no place: it allows ${limit.limit} at once, and ${reasons[why](limit)}.`
    const seconds = Math.ceil(retryAfterMs / 100) / 10
    return new SwitchyardError('rate-limit', `${text} Raise it, or try again in about ${seconds} s.`, {
      provider,
      model,
      code: 'concurrency-limit',
      retryAfterMs,
    })
  }
}

const reasons: Readonly<Record<NoPlace, (limit: ConcurrencyLimit) => string>> = {
  'nobody-waits': () => 'nobody may wait',
  'queue-full': ({ queued }) => `${queued} wait already`,
  'too-late': ({ queued }) => `with ${queued} that wait its turn would come too late`,
  waited: () => 'none was free in time',
  closed: () => 'nobody waits any more',
}

function standingOf({ name, limit, inFlight, queued }: ConcurrencyLimit): ConcurrencyStanding {
  return { name, limit, inFlight, queued }
}

/** Gives back all its places at once; an attempt with one place needs nothing around it. */
function permitOf(slots: readonly ConcurrencySlot[]): AdmissionPermit {
  const [only] = slots
  return slots.length === 1 && only !== undefined ? only : new Slots(slots)
}

class Slots implements AdmissionPermit {
  readonly #slots: readonly ConcurrencySlot[]

  constructor(slots: readonly ConcurrencySlot[]) {
    this.#slots = slots
  }

  sent(waitedMs: number): void {
    for (const slot of this.#slots) slot.sent(waitedMs)
  }

  firstToken(now: number): void {
    for (const slot of this.#slots) slot.firstToken(now)
  }

  settle(outcome: AttemptOutcome, now: number): void {
    for (const slot of this.#slots) slot.settle(outcome, now)
  }
}
