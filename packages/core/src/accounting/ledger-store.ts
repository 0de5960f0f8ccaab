import type { FinishReason } from '../contract/chunk.ts'
import type { ErrorKind } from '../contract/error-table.ts'
import type { Usage } from '../contract/usage.ts'
import type { OperationName } from '../engine/admission.ts'
import type { Money } from '../money/money.ts'

/**
 * Where budgets and what was used are kept, for all processes together. All that it confirms survives a crash.
 * Moments are milliseconds since 1970.
 */
export interface LedgerStore {
  /**
   * Takes money out of a window of a budget, for this process alone to reserve from: in one atomic step, so that
   * settled + reserved + charged never exceeds the limit.
   */
  takeSlab(ask: SlabAsk): Promise<SlabAnswer>
  /** Gives back what of a slab is neither reserved nor charged; of an expired slab too. Idempotent by `slab`. */
  closeSlab(slab: string): Promise<void>
  /**
   * Records what happened, with what it does to budgets, durably, all or nothing, and once: an id that was
   * recorded before is ignored, its charges with it.
   */
  commit(record: LedgerRecord): Promise<void>
  /** Where windows stand, in the order asked; a window that nobody used yet stands at nothing. */
  budgets(windows: readonly WindowKey[]): Promise<readonly WindowState[]>
  /** Whether this threshold of a window is crossed for the first time, by anyone: `true` once. */
  alertOnce(window: WindowKey, threshold: string): Promise<boolean>
}

/** A budget's name, and when the window begins (0 of a budget without an end). */
export interface WindowKey {
  readonly budget: string
  readonly window: number
}

export interface WindowState extends WindowKey {
  /** Bills, and the bounds of attempts whose bill is unknown. */
  readonly settled: Money
  /** What processes hold to reserve from. */
  readonly reserved: Money
  /** What processes held that were not heard of in time, and may have spent. */
  readonly charged: Money
}

export interface SlabAsk extends WindowKey {
  /** Of the budget, as configured now. */
  readonly limit: Money
  /** Less is no use. */
  readonly least: Money
  /** The store grants less near the limit. */
  readonly most: Money
}

export type SlabAnswer =
  | { readonly granted: true; readonly slab: string; readonly amount: Money }
  | { readonly granted: false; readonly state: WindowState }

/** What is recorded in one step: an attempt, the request that ended with it, and what it takes from budgets. */
export interface LedgerRecord {
  readonly attempt?: AttemptEntry
  readonly request?: RequestEntry
  readonly charges: readonly BudgetCharge[]
}

/** What one attempt takes from one budget. */
export interface BudgetCharge extends WindowKey {
  readonly amount: Money
  /** The slabs it was reserved from, and how much of each it uses up; the rest, `amount` less their sum, was not reserved. */
  readonly slabs: readonly { readonly slab: string; readonly amount: Money }[]
}

interface LedgerEntry {
  /** Unique among all entries of all processes: records are told apart by it. */
  readonly id: string
  readonly requestId: string
  /** When it began. */
  readonly at: number
  readonly chain: string
  readonly operation: OperationName
  readonly principal?: string
  readonly tags: readonly string[]
  readonly outcome: 'completed' | 'failed' | 'cancelled'
  readonly errorKind?: ErrorKind
  readonly finishReason?: FinishReason
  readonly latencyMs: number
  /** From its beginning. */
  readonly firstTokenMs?: number
}

/** One attempt that was sent. */
export interface AttemptEntry extends LedgerEntry {
  /** The `id` of its request's entry. */
  readonly callId: string
  /** The chains it came through, outermost first. */
  readonly chains: readonly string[]
  readonly provider: string
  /** The provider's own name of it. */
  readonly model: string
  /** `provider/model`. */
  readonly target: string
  /** 1 for a target's first. */
  readonly attempt: number
  readonly status?: number
  /** Absent where the provider never said. */
  readonly usage?: Usage
  readonly cost: Money
  /**
   * `bill`: what was used, at its price. `bound`: nobody knows, so it is the most that it can be. `nothing`: the
   * provider bills none. `unknown`: no price is known, and `cost` is what is known of it.
   */
  readonly costIs: 'bill' | 'bound' | 'nothing' | 'unknown'
  /** A guess, made of what was seen, where `costIs` is not `bill`. */
  readonly estimate?: Money
}

/** One request of a caller. */
export interface RequestEntry extends LedgerEntry {
  /** What was asked for: a chain's name or `provider/model`. */
  readonly model?: string
  /** `provider/model` that answered. */
  readonly target?: string
  readonly attempts: number
  /** What was asked, redacted; only where that is wanted. */
  readonly prompt?: string
}
