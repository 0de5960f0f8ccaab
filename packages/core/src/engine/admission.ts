import type { FinishReason } from '../contract/chunk.ts'
import type { EmbeddingRequest } from '../contract/embedding.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { RateLimits } from '../contract/rate-limits.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { PartialResponse } from '../contract/response.ts'
import type { BilledAttempt, Usage } from '../contract/usage.ts'

/** How an attempt ended, told once to every step that admitted it. */
export type AttemptOutcome =
  | {
      readonly type: 'completed'
      readonly reason?: FinishReason
      readonly usage?: Usage
      readonly durationMs: number
      readonly pace?: AttemptPace
    }
  | (Unfinished & { readonly type: 'failed' })
  /** The caller left, a consumer slept, or others had used up the time; says nothing about the target. */
  | (Unfinished & { readonly type: 'cancelled' })
  /** A later step refused, or the caller left before all had agreed; nothing was sent. */
  | { readonly type: 'withdrawn' }

interface Unfinished {
  readonly error: SwitchyardError
  /** The provider refused, or never got the request, and bills nothing; or nobody knows what it bills. */
  readonly bill: 'nothing' | 'unknown'
  /** What had arrived until then; put together when it is asked for. */
  readonly partial?: () => PartialResponse
  readonly durationMs: number
  readonly pace?: AttemptPace
}

/** How a stream came, in milliseconds; absent for what is answered in one piece. */
export interface AttemptPace {
  /** The longest that a read after the first token had to wait. */
  readonly longestSilenceMs: number
  /** How long nobody asked for more. */
  readonly pausedMs: number
}

export type UnfinishedOutcome = Extract<AttemptOutcome, Unfinished>

/** What a step knows of the attempt it is asked to admit. */
export interface AttemptInfo {
  /** Names this attempt among all attempts of all processes. */
  readonly id: string
  /** Names the request of the outermost chain, unlike `requestId`, which callers may use twice. */
  readonly callId: string
  readonly requestId: string
  readonly chain: string
  /** The chains it came through, outermost first; the last is `chain`. */
  readonly chains: readonly string[]
  /** The target is a chain, whose own targets are admitted by its own steps. */
  readonly nested: boolean
  /** `provider/model`. */
  readonly target: string
  readonly provider: string
  readonly model: string
  /** 1 for a target's first attempt. */
  readonly attempt: number
  readonly operation: OperationName
  /** As the target gets it, its defaults filled in. */
  readonly request: MessageRequest | EmbeddingRequest
  /** The caller's, with the moment at which the call must be over, and a signal that ends with the call. */
  readonly context: CallContext
}

export type OperationName = 'message' | 'embed' | 'count-tokens'

/** A step's yes. Settled exactly once, at the end of the attempt. */
export interface AdmissionPermit {
  /** Asks for a shorter answer than the request allows. Read once, when all have agreed. */
  readonly clamp?: AnswerClamp | undefined
  /**
   * Later steps have agreed too, `waitedMs` after this one, and it is sent now. Told only where one took time.
   *
   * @throws {SwitchyardError} where that was too long, as `admit` does.
   */
  sent?(waitedMs: number): void
  /** The first block has arrived. */
  firstToken?(now: number): void
  /** What the provider told of its own limits. */
  rateLimits?(limits: RateLimits, now: number): void
  /** Awaited before the answer's end is shown: what it throws, the caller gets instead of the end. */
  settle(outcome: AttemptOutcome, now: number): void | Promise<void>
  /** What the attempt is charged at. Read after it is settled. */
  readonly charge?: AttemptCharge | undefined
}

export interface AnswerClamp {
  readonly maxOutputTokens: number
  /** Why, for the answer's warnings. */
  readonly message: string
}

/** As `BilledAttempt` tells it. */
export type AttemptCharge = Required<Pick<BilledAttempt, 'cost'>> & Pick<BilledAttempt, 'isBound'>

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
  readonly #since: number[] = []
  #settled = false

  get isSettled(): boolean {
    return this.#settled
  }

  /** The shortest answer that a step asks for. */
  get clamp(): AnswerClamp | undefined {
    let shortest: AnswerClamp | undefined
    for (const { clamp } of this.#permits) {
      if (clamp !== undefined && clamp.maxOutputTokens < (shortest?.maxOutputTokens ?? Number.POSITIVE_INFINITY)) {
        shortest = clamp
      }
    }
    return shortest
  }

  /** What the attempt is charged at, once it is settled. */
  get charge(): AttemptCharge | undefined {
    for (const permit of this.#permits) {
      const { charge } = permit
      if (charge !== undefined) return charge
    }
    return undefined
  }

  /** What comes after the settlement is given back. */
  add(permit: AdmissionPermit, now: number): void {
    this.#permits.push(permit)
    this.#since.push(now)
    if (this.#settled) giveBack(() => permit.settle(withdrawn, now))
  }

  /** Gives back every permit: nothing was sent. */
  withdraw(now: number): void {
    giveBack(() => this.settle(withdrawn, now))
  }

  sent(now: number): void {
    for (const [at, permit] of this.#permits.entries()) permit.sent?.(now - (this.#since[at] as number))
  }

  firstToken(now: number): void {
    for (const permit of this.#permits) permit.firstToken?.(now)
  }

  rateLimits(limits: RateLimits, now: number): void {
    for (const permit of this.#permits) permit.rateLimits?.(limits, now)
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
