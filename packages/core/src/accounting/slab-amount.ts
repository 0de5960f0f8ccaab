import type { Money } from '../money/money.ts'
import type { SlabAsk } from './ledger-store.ts'

/** What one slab leaves to others near the limit: it gets at most one in so many of what is left. */
const sharesOfRest = 8n

/**
 * What a store grants, where so much of the window is settled, reserved or charged: what is asked for, near the limit
 * less, and nothing where even the least does not fit. In SQL: `LEAST(most, GREATEST(least, left / 8))` if `least <= left`.
 */
export function slabAmount({ limit, least, most }: SlabAsk, used: Money): Money | undefined {
  const left = limit - used
  if (least > left) return undefined
  const share = left / sharesOfRest
  if (most <= share) return most
  return share > least ? share : least
}
