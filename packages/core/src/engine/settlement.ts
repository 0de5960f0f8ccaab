import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { BilledAttempt, Usage } from '../contract/usage.ts'
import type { AttemptOutcome } from './admission.ts'
import type { Attempt } from './attempt.ts'

/** Tells the steps of an attempt how it ended; then `done`, or `failed` where a step could not take it. */
export function settle(
  attempt: Attempt,
  outcome: AttemptOutcome,
  now: number,
  done: () => void,
  failed: (error: SwitchyardError) => void,
): void {
  const broke = (error: unknown): void => failed(settlementError(error, attempt))
  let settling: void | Promise<void>
  try {
    settling = attempt.admission.settle(outcome, now)
  } catch (error) {
    broke(error)
    return
  }
  if (settling === undefined) done()
  else settling.then(done, broke)
}

/** A failure as the steps are told it: the target's, or, where `left`, nobody's. */
export function failureOutcome(
  attempt: Attempt,
  error: SwitchyardError,
  left: boolean,
  durationMs: number,
): AttemptOutcome {
  const saysNothing = left || error.phase === 'consumer-idle' || timeWasSpentElsewhere(attempt, error, durationMs)
  return { type: saysNothing ? 'cancelled' : 'failed', error, durationMs }
}

/** Every attempt of the request that a provider may bill, the successful one last. */
export function billedAttempts(
  attempt: Attempt,
  nested: readonly BilledAttempt[] | undefined,
  usage: Usage | undefined,
): readonly BilledAttempt[] {
  const { call, target } = attempt
  return [...call.billed, ...(nested ?? [{ target: target.key, ...(usage && { usage }) }])]
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
