import { SwitchyardError } from '../contract/errors.ts'
import { formatMoney, type Money } from '../money/money.ts'
import { type BudgetWindow, type BudgetWindowName, budgetWindows } from './budget-window.ts'

/** So much money for so long. */
export interface BudgetDefinition {
  /** The same in all processes that share it. */
  readonly name: string
  /** For each window. */
  readonly limit: Money
  readonly window: BudgetWindowName
  /** IANA name of the zone whose calendar counts; default `UTC`. */
  readonly timeZone?: string
  /** A `soft` budget only tells; default `hard`. */
  readonly kind?: 'hard' | 'soft'
  /** Shares of the limit, from 0 to 1, that are told when they are used up; default 0.8 and 1. */
  readonly alertAt?: readonly number[]
  /** What happens where too little is left: `clamp` shortens answers to it, as far as that makes sense; default `refuse`. */
  readonly onLow?: 'refuse' | 'clamp'
  /** How long a call may wait, in milliseconds, where only the reservations of others stand in its way; default 0. */
  readonly maxWaitMs?: number
}

/** A budget with its defaults. */
export interface Budget extends Required<BudgetDefinition> {
  readonly windowAt: (at: number) => BudgetWindow
  /** A moment as its calendar writes it: `2026-12-01 00:00`. */
  readonly dateOf: (at: number) => string
}

// pico-USD are kept in 64 bits, and what is beyond a limit must be, too
const largestLimit = 9_000_000_000_000_000_000n

/** @throws {SwitchyardError} `invalid-request`, naming the budget and what is wrong with it. */
export function budgetOf(definition: BudgetDefinition): Budget {
  const { name, limit, window, timeZone = 'UTC' } = definition
  const { kind = 'hard', alertAt = [0.8, 1], onLow = 'refuse', maxWaitMs = 0 } = definition
  const refuse = (what: string, param: string): never => {
    throw new SwitchyardError('invalid-request', `The budget "${name}" ${what}`, { param: `budgets.${name}.${param}` })
  }
  if (limit <= 0n || limit > largestLimit) {
    refuse(`needs a limit above 0 USD and up to ${formatMoney(largestLimit)}.`, 'limit')
  }
  if (!alertAt.every(share => share > 0 && share <= 1)) refuse('has alerts that are no shares from 0 to 1.', 'alertAt')
  if (!(maxWaitMs >= 0 && maxWaitMs < 2 ** 31)) {
    refuse(`may make calls wait for milliseconds from 0, not ${maxWaitMs}.`, 'maxWaitMs')
  }
  const windowAt = budgetWindows(window, timeZone)
  let format: Intl.DateTimeFormat | undefined
  const dateOf = (at: number): string => {
    format ??= new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    return format.format(at)
  }
  return { name, limit, window, timeZone, kind, alertAt, onLow, maxWaitMs, windowAt, dateOf }
}
