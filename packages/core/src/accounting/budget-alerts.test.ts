import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { type Books, books } from './accounting.fixture.ts'
import { createMemoryLedger } from './memory-ledger.ts'

const alerts = ({ events }: Books) => events.filter(({ name }) => name === 'budget-alert').map(({ event }) => event)

describe('a threshold of a budget', () => {
  it('is told once when it is crossed, with where the budget stands', async () => {
    const here = books({ budgets: [{ limit: 100n }] })
    for (const bill of [50, 25, 10, 5, 10]) {
      await here.spend(bill, bill)
      await here.clock.advance(2_000)
    }
    expect(alerts(here)).toEqual([
      {
        at: Date.UTC(2026, 0, 1) + 4_000,
        budget: 'budget0',
        limit: '0.0000000001 USD',
        settled: '0.000000000085 USD',
        threshold: 0.8,
        renewsAt: Date.UTC(2026, 0, 2),
      },
      expect.objectContaining({ threshold: 1, settled: '0.0000000001 USD' }),
    ])
  })

  it('is told once among all processes, and again in the next window', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    const all = [1, 2].map(() => books({ store, clock, budgets: [{ limit: 100n, alertAt: [0.5] }] }))
    for (let day = 0; day < 2; day++) {
      for (const here of all) await here.spend(40, 40)
      await clock.advance(24 * 3_600_000)
      for (const here of all) await here.spend(5, 5)
      await clock.advance(2_000)
      expect(all.flatMap(alerts)).toHaveLength(day + 1)
    }
  })

  it('of a soft budget is told too, and of a total', async () => {
    const here = books({ budgets: [{ limit: 100n, kind: 'soft', window: 'total', alertAt: [1] }] })
    await here.spend(500, 500)
    await here.clock.runAll()
    expect(alerts(here)).toMatchObject([{ threshold: 1 }])
    expect(alerts(here)[0]).not.toHaveProperty('renewsAt')
  })

  it('is looked for once in a while, not with every call, and a last time at the end', async () => {
    const inner = createMemoryLedger()
    let looks = 0
    const budgets = (windows: Parameters<typeof inner.budgets>[0]) => {
      looks++
      return inner.budgets(windows)
    }
    const here = books({ store: { ...books({ store: inner }).store, budgets }, budgets: [{ limit: 1_000n }] })
    for (let call = 0; call < 90; call++) await here.spend(10, 10)
    await here.clock.advance(0)
    expect(looks).toBe(1)
    expect(alerts(here)).toEqual([])
    await here.accounting.dispose()
    expect(looks).toBe(2)
    expect(alerts(here)).toMatchObject([{ threshold: 0.8 }])
    expect(here.clock.pending).toBe(0)
  })

  it('that could not be looked for is looked for after the next call', async () => {
    const inner = createMemoryLedger()
    let failures = 1
    const budgets = (windows: Parameters<typeof inner.budgets>[0]) =>
      failures-- > 0 ? Promise.reject(new Error('gone')) : inner.budgets(windows)
    const here = books({ store: { ...books({ store: inner }).store, budgets }, budgets: [{ limit: 100n }] })
    await here.spend(90, 90)
    await here.clock.runAll()
    expect(alerts(here)).toEqual([])
    await here.spend(1, 1)
    await here.clock.runAll()
    expect(alerts(here)).toMatchObject([{ threshold: 0.8 }])
  })
})
