import type { Money } from '../money/money.ts'
import type { Budget } from './budget-definition.ts'
import type { WindowState } from './ledger-store.ts'

/** Where a budget stands in its present window. */
export interface BudgetStanding {
  readonly name: string
  readonly kind: 'hard' | 'soft'
  readonly limit: Money
  /** Bills, and the bounds of attempts whose bill is unknown. */
  readonly settled: Money
  /** For attempts under way, and what other processes hold to reserve from. */
  readonly reserved: Money
  /** What processes held that were not heard of in time, and may have spent. */
  readonly charged: Money
  /** What may still be reserved; 0 where more was spent than the limit. */
  readonly left: Money
  /** How much of the limit is settled or charged: 1 is all, and it may be more. */
  readonly usedShare: number
  /** Milliseconds since 1970. */
  readonly startsAt: number
  /** Milliseconds since 1970; absent where it never does. */
  readonly renewsAt?: number
}

/** `free` is what this process has of it that nobody reserved. */
export function budgetStanding(
  { name, kind, limit, windowAt }: Budget,
  state: Omit<WindowState, 'budget' | 'window'> = { settled: 0n, reserved: 0n, charged: 0n },
  at: number,
  free: Money,
): BudgetStanding {
  const { startsAt, endsAt } = windowAt(at)
  const { settled, charged } = state
  const reserved = state.reserved > free ? state.reserved - free : 0n
  const left = limit - settled - charged - reserved
  return {
    name,
    kind,
    limit,
    settled,
    reserved,
    charged,
    left: left > 0n ? left : 0n,
    usedShare: Number(((settled + charged) * 1_000_000n) / limit) / 1_000_000,
    startsAt,
    ...(Number.isFinite(endsAt) && { renewsAt: endsAt }),
  }
}
