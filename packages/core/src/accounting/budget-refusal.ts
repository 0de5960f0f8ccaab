import { SwitchyardError } from '../contract/errors.ts'
import { formatMoney, type Money } from '../money/money.ts'
import type { Budget } from './budget-definition.ts'
import type { WindowState } from './ledger-store.ts'

// who is refused for what others hold may try again so soon, and for an empty window where it renews within so long
const settlesSoonMs = 1_000
const renewsSoonMs = 60_000

/** What a budget says to an attempt that it has too little for. `left` is what the attempt could have had. */
export function budgetRefusal(
  budget: Budget,
  state: WindowState,
  asked: { readonly target: string; readonly bound: Money },
  left: Money,
  now: number,
): SwitchyardError {
  const { name, limit, timeZone } = budget
  const { endsAt } = budget.windowAt(now)
  const held = limit - state.settled - state.charged - left
  const isHeldOnly = state.settled + state.charged + asked.bound <= limit
  const renewal = Number.isFinite(endsAt) ? `It renews on ${budget.dateOf(endsAt)} (${timeZone}).` : 'It never renews.'
  const others = held > 0n ? ` (attempts under way hold ${formatMoney(held)})` : ''
  const cure = isHeldOnly ? 'Try again when those have ended' : 'Raise its limit'
  const message =
    `The budget "${name}" has ${formatMoney(left)} of ${formatMoney(limit)} left${others}, ` +
    `and an attempt at ${asked.target} may cost up to ${formatMoney(asked.bound)}. ${renewal} ` +
    `${cure}, or state a lower maxOutputTokens.`
  const retryAfterMs = isHeldOnly ? settlesSoonMs : endsAt - now
  return new SwitchyardError('budget-exceeded', message, {
    code: 'budget',
    ...((isHeldOnly || (retryAfterMs <= renewsSoonMs && asked.bound <= limit)) && { retryAfterMs }),
  })
}

/** The error where nobody can say what an attempt may cost, and a hard budget wants to know. */
export function unboundedRefusal(
  budget: Budget,
  target: string,
  unbounded: readonly string[],
  isPriceUnknown: boolean,
): SwitchyardError {
  const message =
    `The budget "${budget.name}" wants to know what an attempt at ${target} may cost at most, and nobody can say: ` +
    `${unbounded.join('; ')}. Set models.${target}.price, give the request maxOutputTokens, or allow it a maxCost.`
  return new SwitchyardError('budget-exceeded', message, { code: isPriceUnknown ? 'unknown-price' : 'unbounded' })
}
