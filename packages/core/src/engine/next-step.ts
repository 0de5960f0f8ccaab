import type { Random } from '../clock/clock.ts'
import { errorRule } from '../contract/error-table.ts'
import type { SwitchyardError } from '../contract/errors.ts'
import { type Attempt, endedByItself } from './attempt.ts'
import type { Operation } from './operation.ts'
import { patienceMs, retryDelay } from './retry-policy.ts'
import type { Target } from './target.ts'
import type { TargetOrder } from './target-order.ts'

export type Step =
  | { readonly next: 'retry'; readonly delayMs: number }
  | { readonly next: 'target' }
  | { readonly next: 'fail' }

/** How a request is asked. */
type Asked = Pick<Operation<unknown>, 'isUnaltered' | 'mayAskOtherwise'>

/** Whether another target may be asked after such a failure. */
export function mayMoveOn(attempt: Attempt, error: SwitchyardError, asked: Asked, order: TargetOrder): boolean {
  if (errorRule(error).next) return true
  if (error.kind !== 'invalid-request' || !order.hasSeveral) return false
  // a target may refuse what we made of the request; another gets it as it was
  return error.altered === true || attempt.admission.clamp !== undefined || !asked.isUnaltered(attempt.target)
}

/** What follows a failed attempt at the current target. A retry has its token. */
export function nextStep(
  attempt: Attempt,
  error: SwitchyardError,
  asked: Asked,
  order: TargetOrder,
  now: number,
  random: Random,
): Step {
  const { target, number } = attempt
  const rule = errorRule(error)
  const otherwise: Step = mayMoveOn(attempt, error, asked, order) ? { next: 'target' } : { next: 'fail' }
  // what it refused cost nothing, and its policy speaks of the same request again
  if (asked.mayAskOtherwise?.(target, error) && target.retryBudget.withdraw()) return { next: 'retry', delayMs: 0 }
  // a chain whose limits let nothing out has told how long they last: whoever wants to wait says so there; that we lost
  // our patience with it says nothing of them
  const keptIn =
    target.breaker === undefined && error.kind !== 'timeout' && error.attempts.every(({ sent }) => sent === false)
  if (rule.retry === 'no' || keptIn || error.code === endedByItself || number >= target.retry.attempts) return otherwise
  const others = order.left.some(other => !isAway(other, now))
  if (rule.retry === 'last-resort' && others) return otherwise
  const delayMs = retryDelay(target.retry, number, error.retryAfterMs, random)
  if (delayMs === undefined || (others && delayMs > patienceMs) || now + delayMs >= attempt.call.deadline)
    return otherwise
  // its circuit, opened by this very failure, would refuse
  if (target.retryAfterMs(now) > delayMs) return otherwise
  return target.retryBudget.withdraw() ? { next: 'retry', delayMs } : otherwise
}

/** Whether anybody could be asked after an attempt at the current target: that one once more, or one that is left. */
export function hasMore({ call, target, number }: Attempt, order: TargetOrder, now: number): boolean {
  if (call.allowance.left <= 0) return false
  // a nested chain has asked again itself
  const again = target.breaker !== undefined && number < target.retry.attempts && !target.retryBudget.isSpent
  return (again && !isAway(target, now)) || order.left.some(other => !isAway(other, now))
}

function isAway(target: Target, now: number): boolean {
  return target.retryAfterMs(now) > 0
}
