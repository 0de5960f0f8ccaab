import type { FinishReason } from '../contract/chunk.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { Usage } from '../contract/usage.ts'

/** How an attempt ended, told once to every step that admitted it. */
export type AttemptOutcome =
  | {
      readonly type: 'completed'
      readonly reason?: FinishReason
      readonly usage?: Usage
      readonly durationMs: number
    }
  | { readonly type: 'failed'; readonly error: SwitchyardError; readonly usage?: Usage; readonly durationMs: number }
  /** The caller left, a consumer slept, or others had used up the time; says nothing about the target. */
  | { readonly type: 'cancelled'; readonly error: SwitchyardError; readonly durationMs: number }
  /** A later step refused, or the caller left before all had agreed; nothing was sent. */
  | { readonly type: 'withdrawn' }

/** What a step knows of the attempt it is asked to admit. */
export interface AttemptInfo {
  readonly requestId: string
  readonly chain: string
  /** `provider/model`. */
  readonly target: string
  readonly provider: string
  readonly model: string
  /** 1 for a target's first attempt. */
  readonly attempt: number
  readonly operation: OperationName
  readonly request: MessageRequest | EmbeddingRequest
  readonly context: CallContext
}

export type OperationName = 'message' | 'embed' | 'count-tokens'

/** A step's yes. Settled exactly once, at the end of the attempt. */
export interface AdmissionPermit {
  /** The first block has arrived. */
  firstToken?(now: number): void
  /** Awaited before the answer's end is shown: what it throws, the caller gets instead of the end. */
  settle(outcome: AttemptOutcome, now: number): void | Promise<void>
}

/** Something an attempt must pass before it is sent: a limiter, a budget, a breaker. */
export interface AdmissionStep {
  /**
   * A permit that comes after the caller has left is settled as `withdrawn` at once. `now` is monotonic milliseconds.
   *
   * @throws {SwitchyardError} to refuse this target for this attempt; anything else ends the request.
   */
  admit(info: AttemptInfo, now: number): AdmissionPermit | Promise<AdmissionPermit>
}

const withdrawn = { type: 'withdrawn' } as const

/** The permits of one attempt, together. */
export class Admission {
  readonly #permits: AdmissionPermit[] = []
  #settled = false

  get isSettled(): boolean {
    return this.#settled
  }

  /** What comes after the settlement is given back. */
  add(permit: AdmissionPermit, now: number): void {
    this.#permits.push(permit)
    if (this.#settled) giveBack(() => permit.settle(withdrawn, now))
  }

  /** Gives back every permit: nothing was sent. */
  withdraw(now: number): void {
    giveBack(() => this.settle(withdrawn, now))
  }

  firstToken(now: number): void {
    for (const permit of this.#permits) permit.firstToken?.(now)
  }

  /** Settles every permit, once, whatever one of them throws; then throws the first of that. */
  settle(outcome: AttemptOutcome, now: number): void | Promise<void> {
    if (this.#settled) return
    this.#settled = true
    const pending: Promise<void>[] = []
    let failure: { readonly error: unknown } | undefined
    for (const permit of this.#permits) {
      try {
        const settling = permit.settle(outcome, now)
        if (settling !== undefined) pending.push(settling)
      } catch (error) {
        failure ??= { error }
      }
    }
    if (pending.length > 0) return settleAll(pending, failure)
    if (failure !== undefined) throw failure.error
  }
}

async function settleAll(pending: Promise<void>[], failure: { readonly error: unknown } | undefined): Promise<void> {
  let first = failure
  for (const result of await Promise.allSettled(pending)) {
    if (result.status === 'rejected') first ??= { error: result.reason }
  }
  if (first !== undefined) throw first.error
}

// the refusal is what counts, not how it was taken
function giveBack(settle: () => void | Promise<void>): void {
  try {
    const settling = settle()
    if (settling !== undefined) settling.catch(() => undefined)
  } catch {
    // as above
  }
}

/**
 * Passes every step in order; a refusal gives back what earlier steps took, and so does settling the
 * admission before its time. A promise only where a step gives one.
 */
export function admit(
  admission: Admission,
  steps: readonly AdmissionStep[],
  info: AttemptInfo,
  clock: { monotonic(): number },
): undefined | Promise<void> {
  for (let at = 0; at < steps.length; at++) {
    try {
      const permit = (steps[at] as AdmissionStep).admit(info, clock.monotonic())
      if (permit instanceof Promise) return admitRest(admission, permit, steps, at + 1, info, clock)
      admission.add(permit, clock.monotonic())
    } catch (error) {
      admission.withdraw(clock.monotonic())
      throw error
    }
  }
  return undefined
}

async function admitRest(
  admission: Admission,
  first: Promise<AdmissionPermit>,
  steps: readonly AdmissionStep[],
  from: number,
  info: AttemptInfo,
  clock: { monotonic(): number },
): Promise<void> {
  try {
    admission.add(await first, clock.monotonic())
    for (let at = from; at < steps.length && !admission.isSettled; at++) {
      admission.add(await (steps[at] as AdmissionStep).admit(info, clock.monotonic()), clock.monotonic())
    }
  } catch (error) {
    admission.withdraw(clock.monotonic())
    throw error
  }
}
