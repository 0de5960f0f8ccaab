import type { Usage } from '../contract/usage.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import { EventHub } from '../events/event-hub.ts'
import type { EventMap, EventName } from '../events/event-map.ts'
import type { Money } from '../money/money.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { type Accounting, type AccountingOptions, createAccounting } from './accounting.ts'
import type { BudgetDefinition } from './budget-definition.ts'
import type { LedgerRecord, LedgerStore } from './ledger-store.ts'
import { createMemoryLedger } from './memory-ledger.ts'
import type { PriceEstimate, Pricing } from './pricing.ts'

/** A token of the answer costs 1, one of the prompt nothing; the bound is `maxOutputTokens`, the bill what was used. */
export const pricing: Pricing = {
  estimate: (request): PriceEstimate => {
    const cap = 'messages' in request ? request.maxOutputTokens : request.input.length
    const tokens = { inputTokens: { expected: 0 }, outputTokens: { expected: 1, ...(cap && { most: cap }) } }
    if (cap === undefined) return { expected: 1n, unbounded: ['maxOutputTokens: state a cap'], ...tokens }
    return { expected: 1n, bound: BigInt(cap), unbounded: [], ...tokens }
  },
  cost: usage => ({ total: BigInt(usage.output.text), subtotal: BigInt(usage.output.text), unknown: [] }),
}

export function usageOf(text: number): Usage {
  return { input: { uncached: 0, cacheRead: 0, cacheWrite: {} }, output: { text, reasoning: 0 } }
}

export function completed(cost: number): AttemptOutcome {
  return { type: 'completed', reason: 'stop', usage: usageOf(cost), durationMs: 5 }
}

/** The accounts of one process, in virtual time, and what they wrote. */
export interface Books {
  readonly clock: VirtualClock
  readonly accounting: Accounting
  readonly store: LedgerStore
  readonly records: LedgerRecord[]
  readonly events: readonly { readonly name: EventName; readonly event: EventMap[EventName] }[]
  admit(bound: number, more?: Partial<AttemptInfo>): AdmissionPermit | Promise<AdmissionPermit>
  /** Admits, and settles at once at this bill. */
  spend(bound: number, bill: number, more?: Partial<AttemptInfo>): Promise<void>
}

interface BooksOptions extends Partial<Omit<AccountingOptions, 'budgets' | 'clock' | 'events'>> {
  readonly budgets?: readonly (Partial<BudgetDefinition> & { readonly limit: Money })[]
  readonly clock?: VirtualClock
}

let attempts = 0

export function books(options: BooksOptions = {}): Books {
  const { clock = new VirtualClock(), store: inner = createMemoryLedger(), budgets = [], ...rest } = options
  const events = new EventHub()
  const seen: Books['events'][number][] = []
  events.on('*', (event, name) => seen.push({ name, event }))
  const records: LedgerRecord[] = []
  const store: LedgerStore = {
    takeSlab: ask => inner.takeSlab(ask),
    closeSlab: slab => inner.closeSlab(slab),
    budgets: windows => inner.budgets(windows),
    alertOnce: (window, threshold) => inner.alertOnce(window, threshold),
    commit: async record => {
      await inner.commit(record)
      records.push(record)
    },
  }
  const definitions = budgets.map((budget, at): BudgetDefinition => ({ name: `budget${at}`, window: 'day', ...budget }))
  const accounting = createAccounting({
    pricing,
    store,
    budgets: definitions,
    holdings: definitions.map(({ name }) => ({ scope: { type: 'all' }, name })),
    ...rest,
    events,
    clock,
  })
  const admit: Books['admit'] = (bound, more) => accounting.step.admit(attemptOf(bound, more), clock.monotonic())
  return {
    clock,
    accounting,
    store,
    records,
    events: seen,
    admit,
    spend: async (bound, bill, more) => {
      const permit = await admit(bound, more)
      await permit.settle(completed(bill), clock.monotonic())
    },
  }
}

export function attemptOf(maxOutputTokens: number, more: Partial<AttemptInfo> = {}): AttemptInfo {
  const id = `call${++attempts}`
  return {
    id: `${id}.1`,
    callId: id,
    requestId: 'r',
    chain: 'chain',
    chains: ['chain'],
    nested: false,
    target: 'lab/tiny',
    provider: 'lab',
    model: 'tiny',
    attempt: 1,
    operation: 'message',
    request: { model: 'tiny', messages: [{ role: 'user', content: 'Hello?' }], maxOutputTokens },
    context: {},
    ...more,
  }
}
