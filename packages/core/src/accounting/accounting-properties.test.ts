import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { attemptOf, books, completed } from './accounting.fixture.ts'
import type { BudgetDefinition } from './budget-definition.ts'
import { budgetWindows } from './budget-window.ts'
import type { LedgerRecord, LedgerStore } from './ledger-store.ts'
import { createMemoryLedger } from './memory-ledger.ts'

const minute = 60_000
// attempts run around the end of an hour
const beginning = Date.UTC(2026, 0, 1, 0, 59, 30)
const hourly = budgetWindows('hour')

interface Plan {
  readonly limits: readonly bigint[]
  readonly maxWaitMs: number
  readonly processes: number
  readonly attempts: readonly AttemptPlan[]
  /** Milliseconds that the store takes to do what it is asked and to say so, in turn. */
  readonly delays: readonly number[]
  /** Which commits fail, in turn, and whether they were done all the same. */
  readonly failures: readonly ('no' | 'before' | 'after')[]
}

interface AttemptPlan {
  readonly process: number
  readonly startsAt: number
  readonly durationMs: number
  readonly bound: number
  /** Of the bound, in percent. */
  readonly bill: number
  readonly end: 'completed' | 'cut' | 'refused' | 'withdrawn'
  readonly tags: readonly string[]
  readonly abortsAfter: number | undefined
}

const attemptPlan: fc.Arbitrary<AttemptPlan> = fc.record({
  process: fc.nat(2),
  startsAt: fc.integer({ min: 0, max: minute }),
  durationMs: fc.integer({ min: 0, max: 20_000 }),
  bound: fc.integer({ min: 0, max: 400 }),
  bill: fc.integer({ min: 0, max: 100 }),
  end: fc.constantFrom('completed', 'completed', 'completed', 'cut', 'refused', 'withdrawn'),
  tags: fc.subarray(['0', '1', '2'], { minLength: 1 }),
  abortsAfter: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined, freq: 3 }),
})

const plan = (failing: boolean, overrun: boolean): fc.Arbitrary<Plan> =>
  fc.record({
    limits: fc.array(fc.bigInt(100n, 5_000n), { minLength: 1, maxLength: 3 }),
    maxWaitMs: fc.constantFrom(0, 3_000),
    processes: fc.integer({ min: 1, max: 3 }),
    attempts: fc.array(overrun ? attemptPlan.map(one => ({ ...one, bill: one.bill * 3 })) : attemptPlan, {
      minLength: 1,
      maxLength: 60,
    }),
    delays: fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 }),
    failures: failing
      ? fc.array(fc.constantFrom('no', 'no', 'before', 'after'), { minLength: 1, maxLength: 20 })
      : fc.constant(['no'] as const),
  })

interface Window {
  readonly limit: bigint
  held: bigint
  spent: bigint
}

/** Runs the plan, watching that no window ever has more held and spent than its limit. */
async function run(plan: Plan, mayOverrun = false) {
  const clock = new VirtualClock({ wall: beginning })
  const ledger = createMemoryLedger()
  const windows = new Map<string, Window>()
  const recorded = new Map<string, LedgerRecord>()
  const unrecorded = new Set<string>()
  const names = plan.limits.map((_, at) => `budget${at}`)
  const windowOf = (at: number, wall: number): Window => {
    const window = hourly(wall).startsAt
    const key = `${at} ${window}`
    const known = windows.get(key) ?? { limit: plan.limits[at] as bigint, held: 0n, spent: 0n }
    windows.set(key, known)
    return known
  }
  const keys = () =>
    [...windows.keys()].map(key => {
      const [at, window] = key.split(' ').map(Number)
      return { budget: names[at as number] as string, window: window as number }
    })
  const overspent: string[] = []
  let turn = 0
  const later = () =>
    new Promise<void>(resolve => clock.timer(plan.delays[turn++ % plan.delays.length] as number, resolve))
  const slow = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    await later()
    const answer = await work()
    for (const state of await ledger.budgets(keys())) {
      const limit = plan.limits[names.indexOf(state.budget)] as bigint
      const total = state.settled + state.reserved + state.charged
      if (!mayOverrun && total > limit) overspent.push(`${total} of ${limit} in ${state.budget}`)
    }
    await later()
    return answer
  }
  let commits = 0
  const store: LedgerStore = {
    takeSlab: ask => slow(() => ledger.takeSlab(ask)),
    closeSlab: slab => slow(() => ledger.closeSlab(slab)),
    budgets: asked => slow(() => ledger.budgets(asked)),
    alertOnce: (window, threshold) => slow(() => ledger.alertOnce(window, threshold)),
    commit: record => {
      const failure = plan.failures[commits++ % plan.failures.length]
      return slow(async () => {
        if (failure !== 'before') {
          await ledger.commit(record)
          if (record.attempt) recorded.set(record.attempt.id, record)
        }
        if (failure !== 'no') throw new Error('lost')
      })
    },
  }
  const budgets = plan.limits.map(
    (limit, at): BudgetDefinition => ({ name: names[at] as string, limit, window: 'hour', maxWaitMs: plan.maxWaitMs }),
  )
  const holdings = names.map((name, at) => ({ scope: { type: 'tag' as const, name: String(at) }, name }))
  const processes = Array.from({ length: plan.processes }, () => books({ store, clock, budgets, holdings }))
  let [admitted, refused, left] = [0, 0, 0]
  const attempt = async (asked: AttemptPlan): Promise<void> => {
    await new Promise<void>(resolve => clock.timer(asked.startsAt, resolve))
    const { accounting } = processes[asked.process % plan.processes] as (typeof processes)[number]
    const tags = asked.tags.filter(tag => Number(tag) < names.length)
    const controller = new AbortController()
    const info = attemptOf(asked.bound, { context: { tags, signal: controller.signal } })
    if (asked.abortsAfter !== undefined) clock.timer(asked.abortsAfter, () => controller.abort())
    const admitting = (async () => accounting.step.admit(info, clock.monotonic()))()
    const permit = await admitting.catch((error: unknown) => {
      if (!(error instanceof SwitchyardError)) throw error
      if (error.kind === 'aborted') left++
      else refused++
      return undefined
    })
    if (permit === undefined) return
    admitted++
    const mine = tags.map(tag => windowOf(Number(tag), clock.wall()))
    const bound = BigInt(asked.bound)
    for (const window of mine) {
      window.held += bound
      if (!mayOverrun) expect(window.held + window.spent <= window.limit, 'held and spent').toBe(true)
    }
    await new Promise<void>(resolve => clock.timer(asked.durationMs, resolve))
    const error = new SwitchyardError('network', 'Cut.')
    const bill = Math.floor((asked.bound * asked.bill) / 100)
    const cost = { completed: bill, cut: asked.bound, refused: 0, withdrawn: 0 }[asked.end]
    for (const window of mine) {
      window.held -= bound
      window.spent += BigInt(cost)
    }
    const unfinished = { type: 'failed', error, durationMs: asked.durationMs } as const
    const outcome = {
      completed: completed(bill),
      cut: { ...unfinished, bill: 'unknown' } as const,
      refused: { ...unfinished, bill: 'nothing' } as const,
      withdrawn: { type: 'withdrawn' } as const,
    }[asked.end]
    try {
      await permit.settle(outcome, clock.monotonic())
      if (asked.end !== 'withdrawn') expect(recorded.has(info.id), 'settled, so recorded').toBe(true)
    } catch (failure) {
      expect(failure).toMatchObject({ kind: 'unavailable', code: 'ledger' })
      unrecorded.add(info.id)
    }
  }
  const ending = Promise.all(plan.attempts.map(attempt))
  ending.catch(() => undefined)
  await clock.runAll(20_000)
  await ending
  const disposing = Promise.all(processes.map(({ accounting }) => accounting.dispose()))
  await clock.runAll()
  await disposing
  expect(overspent).toEqual([])
  return { clock, ledger, windows, keys, recorded, unrecorded, admitted, refused, left }
}

describe('budgets, whatever their store takes to answer', () => {
  it('are never overspent by attempts of several processes, and nothing stays reserved', async () => {
    await fc.assert(
      fc.asyncProperty(plan(false, false), async plan => {
        const { clock, ledger, keys, windows, recorded, admitted, refused, left } = await run(plan)
        expect(admitted + refused + left).toBe(plan.attempts.length)
        expect(clock.pending).toBe(0)
        const states = await ledger.budgets(keys())
        for (const [at, window] of [...windows.values()].entries()) {
          expect(window.held).toBe(0n)
          expect(states[at]).toMatchObject({ settled: window.spent, reserved: 0n, charged: 0n })
        }
        for (const { attempt, charges } of recorded.values()) {
          expect(charges.every(charge => charge.amount === attempt?.cost)).toBe(true)
        }
      }),
      { numRuns: 150, interruptAfterTimeLimit: 20_000 },
    )
  }, 60_000)

  it('are not overspent where commits fail, done or not: what was not confirmed stays reserved', async () => {
    await fc.assert(
      fc.asyncProperty(plan(true, false), async plan => {
        const { ledger, keys, windows } = await run(plan)
        const states = await ledger.budgets(keys())
        for (const [at, window] of [...windows.values()].entries()) {
          const state = states[at]
          if (state === undefined) throw new Error('A window is missing.')
          expect(state.settled + state.reserved >= window.spent, 'nothing that was spent is free').toBe(true)
        }
      }),
      { numRuns: 150, interruptAfterTimeLimit: 20_000 },
    )
  }, 60_000)

  it('tell the truth of bills above the bound, and leave nothing reserved', async () => {
    await fc.assert(
      fc.asyncProperty(plan(false, true), async plan => {
        const { ledger, keys, windows } = await run(plan, true)
        const states = await ledger.budgets(keys())
        for (const [at, window] of [...windows.values()].entries()) {
          expect(states[at]).toMatchObject({ settled: window.spent, reserved: 0n, charged: 0n })
        }
      }),
      { numRuns: 100, interruptAfterTimeLimit: 20_000 },
    )
  }, 60_000)
})
