import type { CircuitOutcome } from './circuit-state.ts'

/** Who gave a permit, and hears what becomes of it. */
export interface PermitOwner {
  firstToken(permit: Permit, now: number): void
  settle(permit: Permit, now: number, outcome: CircuitOutcome): void
}

/** Leave for one call. It must be settled, once; what comes after that says nothing. */
export class Permit {
  readonly admitted = true
  /** Counts the circuit's changes of state; what a permit of an earlier one tells is ignored. */
  readonly generation: number
  readonly admittedAt: number
  readonly #owner: PermitOwner
  // NaN until it came
  #firstTokenAt = Number.NaN
  #settled = false

  constructor(owner: PermitOwner, generation: number, admittedAt: number) {
    this.generation = generation
    this.admittedAt = admittedAt
    this.#owner = owner
  }

  /** From being let through to the first token, in milliseconds; `NaN` before it. */
  get latencyMs(): number {
    return this.#firstTokenAt - this.admittedAt
  }

  /** The first block of the answer has come. */
  firstToken(now: number): void {
    if (this.#settled || !Number.isNaN(this.#firstTokenAt)) return
    this.#firstTokenAt = now
    this.#owner.firstToken(this, now)
  }

  /** The call is over: of a stream, at its end. A success that told no first token has it now. */
  settle(now: number, outcome: CircuitOutcome): void {
    if (this.#settled) return
    if (outcome.type === 'success') this.firstToken(now)
    this.#settled = true
    this.#owner.settle(this, now, outcome)
  }
}

/** Takes a permit out of a list; `false` where it is not in it. */
export function take(permits: Permit[], permit: Permit): boolean {
  const at = permits.indexOf(permit)
  if (at >= 0) permits.splice(at, 1)
  return at >= 0
}
