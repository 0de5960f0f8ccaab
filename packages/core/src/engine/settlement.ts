import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { PartialResponse } from '../contract/response.ts'
import type { BilledAttempt, Usage } from '../contract/usage.ts'
import type { AttemptOutcome, UnfinishedOutcome } from './admission.ts'
import type { Attempt } from './attempt.ts'
import type { RequestOutcome } from './request-recorder.ts'

/**
 * Tells the steps of an attempt how it ended, and the recorders how the request did, where it ends with it; then
 * `done`, or `failed` where one of them could not take it.
 */
export function settle(
  attempt: Attempt,
  outcome: AttemptOutcome,
  now: number,
  done: () => void,
  failed: (error: SwitchyardError) => void,
  request?: RequestOutcome,
): void {
  let failure: { readonly error: unknown } | undefined
  const pending: Promise<unknown>[] = []
  const tell = (telling: () => void | Promise<void>): void => {
    try {
      const told = telling()
      if (told !== undefined) pending.push(told)
    } catch (error) {
      failure ??= { error }
    }
  }
  const end = (): void => {
    if (failure === undefined) done()
    else failed(settlementError(failure.error, attempt))
  }
  if (outcome.type === 'completed') {
    attempt.target.retryBudget.deposit()
    attempt.race?.answered()
  }
  tell(() => attempt.admission.settle(outcome, now))
  if (request !== undefined) tell(() => attempt.call.record(request, attempt.target.key))
  // the answer's end tells what every attempt is billed at
  const { settling } = attempt.call
  if (settling !== undefined) pending.push(settling)
  if (pending.length === 0) {
    end()
    return
  }
  void Promise.allSettled(pending).then(results => {
    for (const result of results) if (result.status === 'rejected') failure ??= { error: result.reason }
    end()
  })
}

/** How far an attempt has come. */
export type AttemptProgress = 'unsent' | 'sent' | 'opened'

/** A failure as the steps are told it: the target's, or, where `left`, nobody's. */
export function failureOutcome(
  attempt: Attempt,
  error: SwitchyardError,
  left: boolean,
  durationMs: number,
  progress: AttemptProgress,
  partial?: () => PartialResponse,
): UnfinishedOutcome {
  const saysNothing = left || error.phase === 'consumer-idle' || timeWasSpentElsewhere(attempt, error, durationMs)
  // who refuses bills nothing; of an answer that had begun, nobody knows
  const refused = progress === 'sent' && error.status !== undefined && isRefusal(error.status)
  const bill = refused || progress === 'unsent' || error.unsent === true ? 'nothing' : 'unknown'
  return { type: saysNothing ? 'cancelled' : 'failed', error, bill, durationMs, ...(partial && { partial }) }
}

// a proxy that gave up waiting says nothing of what goes on behind it: 504, and 524 at Cloudflare
function isRefusal(status: number): boolean {
  return status >= 400 && status !== 504 && status !== 524
}

/** Whatever a request ended with as an error of ours. */
export function requestError(error: unknown): SwitchyardError {
  if (isSwitchyardError(error)) return error
  const message = 'A step of the chain threw something that is no error of ours.'
  return new SwitchyardError('unavailable', message, { cause: error })
}

/** A request that ended without an answer, as the recorders are told it. */
export function requestFailure(error: SwitchyardError, left: boolean): RequestOutcome {
  return { type: left ? 'cancelled' : 'failed', error }
}

/** Every attempt of the request that a provider may bill, the successful one last. */
export function billedAttempts(
  attempt: Attempt,
  nested: readonly BilledAttempt[] | undefined,
  usage: Usage | undefined,
): readonly BilledAttempt[] {
  return [...attempt.call.billed, ...ownBill(attempt, nested, usage)]
}

/** What an attempt that ran to its end is billed: itself, or what a nested chain says. */
export function ownBill(
  { target, admission }: Attempt,
  nested: readonly BilledAttempt[] | undefined,
  usage: Usage | undefined,
): readonly BilledAttempt[] {
  return nested ?? [{ target: target.key, ...(usage && { usage }), ...admission.charge }]
}

// a request's end is no verdict on a target that had little of its time, nor is one that the caller set
function timeWasSpentElsewhere({ call }: Attempt, error: SwitchyardError, durationMs: number): boolean {
  if (error.phase !== 'total') return false
  return call.deadlineIsCallers || durationMs * 2 < call.deadline - call.startedAt
}

function settlementError(error: unknown, { target }: Attempt): SwitchyardError {
  if (isSwitchyardError(error)) return error
  const name = error instanceof Error ? error.name : typeof error
  const message = `The answer of ${target.key} is withheld: a step that had to settle it threw an unexpected ${name}.`
  return new SwitchyardError('unavailable', message, { cause: error })
}
