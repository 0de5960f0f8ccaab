import { errorRule } from '../contract/error-table.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import type { ConcurrencyLimit } from './concurrency-limit.ts'

/** One place of a limit, held until the attempt has ended. */
export class ConcurrencySlot {
  readonly #limit: ConcurrencyLimit
  /** How many held one when it was taken, itself included. */
  readonly #inFlight: number
  readonly #takenAt: number
  #sentAt: number
  #answered = false
  #settled = false

  constructor(limit: ConcurrencyLimit, now: number) {
    this.#limit = limit
    this.#inFlight = limit.inFlight
    this.#takenAt = now
    this.#sentAt = now
  }

  sent(waitedMs: number): void {
    this.#sentAt += waitedMs
  }

  firstToken(now: number): void {
    if (this.#answered || this.#settled) return
    this.#answered = true
    const { adaptive } = this.#limit
    if (adaptive === undefined) return
    adaptive.answered(now - this.#sentAt, this.#inFlight)
    this.#limit.serve()
  }

  settle(outcome: AttemptOutcome, now: number): void {
    if (this.#settled) return
    // an answer without a first token of its own, such as embeddings, had it now
    if (outcome.type === 'completed') this.firstToken(now)
    this.#settled = true
    if (outcome.type === 'failed' && isOverload(outcome.error)) this.#limit.adaptive?.overloaded(this.#sentAt, now)
    this.#limit.release(outcome.type === 'withdrawn' ? undefined : now - this.#takenAt)
  }
}

/** It had too much to do. What breaks for other reasons, and whoever leaves, says nothing of that. */
function isOverload(error: SwitchyardError): boolean {
  if (error.kind === 'overloaded' || error.kind === 'rate-limit') return true
  return error.kind === 'timeout' && errorRule(error).health === 'model'
}
