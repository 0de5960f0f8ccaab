// In process: what budgets add to an attempt where slabs have room. The ledger's own commit is in ledger.ts.
import { BudgetBook } from '../packages/core/src/accounting/budget-book.ts'
import { budgetOf } from '../packages/core/src/accounting/budget-definition.ts'
import { createAccounting, createMemoryLedger } from '../packages/core/src/accounting/index.ts'
import { Reservation } from '../packages/core/src/accounting/reservation.ts'
import {
  type AttemptInfo,
  EventHub,
  type LedgerStore,
  type Pricing,
  systemClock,
  type Usage,
} from '../packages/core/src/index.ts'

const dollar = 1_000_000_000_000n
const bound = 600_000_000n
const bill = 40_000_000n
const names = ['server', 'key', 'model']

const definitions = names.map(
  name => ({ name, limit: 1_000_000n * dollar, window: 'month', timeZone: 'Europe/Berlin' }) as const,
)
const ledger = createMemoryLedger()
const quiet: LedgerStore = {
  takeSlab: ask => ledger.takeSlab(ask),
  closeSlab: slab => ledger.closeSlab(slab),
  budgets: windows => ledger.budgets(windows),
  alertOnce: (window, threshold) => ledger.alertOnce(window, threshold),
  commit: () => done,
}
const done = Promise.resolve()

/** Reserving in so many budgets, and settling at the bill, without anything else. */
async function reserving(budgets: number): Promise<number> {
  const book = new BudgetBook(definitions.map(budgetOf), quiet, systemClock, new EventHub())
  const accounts = [...book.accounts.values()].slice(0, budgets)
  const ask = { accounts, bound, target: 'lab/tiny', requestId: 'r', shorten: () => undefined }
  // slabs grow with use, as they do in a busy process
  for (let time = 0; time < 40; time++) {
    const held = await Promise.all(Array.from({ length: 200 }, () => book.reserve(ask)))
    for (const reservation of held) reservation.release()
  }
  const calls = 500_000
  const measured = await nanoseconds(calls, async () => {
    for (let call = 0; call < calls; call++) {
      const reservation = book.reserve(ask)
      const made = reservation instanceof Reservation ? reservation : await reservation
      made.use(bill)
      made.release()
    }
  })
  await book.dispose(new Error('over') as never)
  return measured
}

const usage: Usage = { input: { uncached: 200, cacheRead: 0, cacheWrite: {} }, output: { text: 100, reasoning: 0 } }
const estimate = { bound, expected: bill, unbounded: [], inputTokens: { expected: 1 }, outputTokens: { expected: 1 } }
const price = { total: bill, subtotal: bill, unknown: [] }
const pricing: Pricing = { estimate: () => estimate, cost: () => price }

/** A whole attempt: looked up, reserved in three budgets, priced, settled, written to a ledger that does nothing. */
async function attempts(): Promise<number> {
  const holdings = names.map(name => ({ scope: { type: 'all' }, name }) as const)
  const accounting = createAccounting({ pricing, store: quiet, budgets: definitions, holdings })
  const info: AttemptInfo = {
    id: 'call.1',
    callId: 'call',
    requestId: 'r',
    chain: 'chain',
    chains: ['chain'],
    nested: false,
    target: 'lab/tiny',
    provider: 'lab',
    model: 'tiny',
    attempt: 1,
    operation: 'message',
    request: { messages: [{ role: 'user', content: 'Hello?' }] },
    context: { principal: 'web' },
  }
  const outcome = { type: 'completed', reason: 'stop', usage, durationMs: 1 } as const
  const calls = 200_000
  const measured = await nanoseconds(calls, async () => {
    for (let call = 0; call < calls; call++) {
      const permit = await accounting.step.admit(info, call)
      await permit.settle(outcome, call)
    }
  })
  await accounting.dispose()
  return measured
}

/** Of this thread's own time, so that a busy machine does not count. */
async function nanoseconds(calls: number, run: () => Promise<void>): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 7; round++) {
    const before = process.threadCpuUsage()
    await run()
    const { user, system } = process.threadCpuUsage(before)
    rounds.push(((user + system) / calls) * 1e3)
  }
  return Math.round(rounds.sort((one, other) => one - other)[3] as number)
}

console.table({
  'reserve and settle in one budget, ns': { measured: await reserving(1), 'to reach': 500 },
  'in three budgets, ns': { measured: await reserving(3) },
  'a whole attempt in three budgets, its entry made, the commit nothing, ns': { measured: await attempts() },
})
