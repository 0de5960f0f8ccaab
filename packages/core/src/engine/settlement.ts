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
  let failure: Thrown | undefined
  let pending: Promise<unknown>[] | undefined
  if (outcome.type === 'completed') {
    attempt.target.retryBudget.deposit()
    attempt.race?.answered()
  }
  try {
    const told = attempt.admission.settle(outcome, now)
    if (told !== undefined) pending = [told]
  } catch (error) {
    failure = { error }
  }
  try {
    const told = request && attempt.call.record(request, attempt.target.key)
    if (told !== undefined) pending = [...(pending ?? []), told]
  } catch (error) {
    failure ??= { error }
  }
  // the answer's end tells what every attempt is billed at
  const { settling } = attempt.call
  if (settling !== undefined) pending = [...(pending ?? []), settling]
  if (pending === undefined) end(attempt, failure, done, failed)
  else void endLater(attempt, failure, done, failed, pending)
}

interface Thrown {
  readonly error: unknown
}

async function endLater(
  attempt: Attempt,
  thrown: Thrown | undefined,
  done: () => void,
  failed: (error: SwitchyardError) => void,
  pending: readonly Promise<unknown>[],
): Promise<void> {
  let failure = thrown
  for (const result of await Promise.allSettled(pending))
    if (result.status === 'rejected') failure ??= { error: result.reason }
  end(attempt, failure, done, failed)
}

function end(
  attempt: Attempt,
  failure: Thrown | undefined,
  done: () => void,
  failed: (error: SwitchyardError) => void,
): void {
  if (failure === undefined) done()
  else failed(settlementError(failure.error, attempt))
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
  const { billed } = attempt.call
  const own = ownBill(attempt, nested, usage)
  return billed.length === 0 ? own : [...billed, ...own]
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
