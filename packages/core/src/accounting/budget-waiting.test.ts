import { describe, expect, it } from 'vitest'
import type { AdmissionPermit } from '../engine/admission.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { books, completed } from './accounting.fixture.ts'
import { createMemoryLedger } from './memory-ledger.ts'

const waiting = { limit: 100n, maxWaitMs: 5_000 }

describe('where only the reservations of others stand in the way', () => {
  it('a call waits for them, first come first served', async () => {
    const { admit, clock } = books({ budgets: [waiting] })
    const holding = await admit(100)
    const served: number[] = []
    const permits: AdmissionPermit[] = []
    const waiters = [60, 50, 30].map(async bound => {
      permits.push(await admit(bound))
      served.push(bound)
    })
    await clock.advance(1_000)
    expect(served).toEqual([])
    await holding.settle(completed(10), clock.monotonic())
    await clock.advance(0)
    // 30 would fit, but 50 was first
    expect(served).toEqual([60])
    await permits[0]?.settle(completed(5), clock.monotonic())
    await clock.advance(0)
    expect(served).toEqual([60, 50, 30])
    await Promise.all(waiters)
  })

  it('a call waits no longer than it may, and says so', async () => {
    const { admit, clock, accounting } = books({ budgets: [waiting] })
    await admit(100)
    const began = clock.monotonic()
    let waited = 0
    const refused = expect(
      Promise.resolve(admit(10)).finally(() => (waited = clock.monotonic() - began)),
    ).rejects.toMatchObject({ kind: 'budget-exceeded', retryAfterMs: 1_000 })
    await clock.runAll()
    await refused
    expect(waited).toBe(5_000)
    expect(await accounting.budgets()).toMatchObject([{ reserved: 100n }])
  })

  it('a call leaves at its deadline, or at once when its caller does, with nothing reserved', async () => {
    const { admit, clock, accounting } = books({ budgets: [waiting] })
    const holding = await admit(100)
    const controller = new AbortController()
    const leaving = admit(10, { context: { signal: controller.signal } })
    const late = admit(10, { context: { deadline: clock.monotonic() + 200 } })
    const ends = Promise.allSettled([leaving, late])
    await clock.advance(100)
    controller.abort()
    await expect(leaving).rejects.toMatchObject({ kind: 'aborted' })
    await clock.advance(100)
    await expect(late).rejects.toMatchObject({ kind: 'budget-exceeded' })
    await ends
    await holding.settle({ type: 'withdrawn' }, clock.monotonic())
    await clock.runAll()
    expect(await accounting.budgets()).toMatchObject([{ reserved: 0n, left: 100n }])
  })

  it('a call sees what another process settles, without asking all the time', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    let asked = 0
    const counting = {
      ...books({ store }).store,
      takeSlab: (ask: Parameters<typeof store.takeSlab>[0]) => {
        asked++
        return store.takeSlab(ask)
      },
    }
    const other = books({ store, clock, budgets: [waiting] })
    const here = books({ store: counting, clock, budgets: [waiting] })
    const holding = await other.admit(100)
    const permit = Promise.resolve(here.admit(10))
    const another = Promise.resolve(here.admit(10))
    await clock.advance(2_000)
    expect(asked).toBeLessThanOrEqual(21)
    await holding.settle(completed(20), clock.monotonic())
    await clock.advance(150)
    await expect(Promise.all([permit, another])).resolves.toBeDefined()
  })

  it('a call waits in one budget without holding another up', async () => {
    const { admit, clock } = books({
      budgets: [waiting, { limit: 1_000n, maxWaitMs: 5_000 }],
      holdings: [
        { scope: { type: 'tag', name: 'small' }, name: 'budget0' },
        { scope: { type: 'all' }, name: 'budget1' },
      ],
    })
    await admit(100, { context: { tags: ['small'] } })
    const waiter = Promise.resolve(admit(10, { context: { tags: ['small'] } }))
    waiter.catch(() => undefined)
    await clock.advance(10)
    await expect(Promise.resolve(admit(500))).resolves.toBeDefined()
    await clock.runAll()
    await expect(waiter).rejects.toMatchObject({ kind: 'budget-exceeded' })
  })

  it('a call that waited in vain says how it stands by then', async () => {
    const { admit, clock } = books({ budgets: [waiting] })
    const [one] = [await admit(50), await admit(50)]
    const refused = expect(admit(60)).rejects.toThrow(/has 0\.00000000003 USD .*hold 0\.00000000005 USD/)
    await clock.advance(1_000)
    await one?.settle(completed(20), clock.monotonic())
    await clock.runAll()
    await refused
  })

  it('a call that could never be met does not wait', async () => {
    const { admit, clock, spend } = books({ budgets: [waiting] })
    await spend(50, 50)
    const began = clock.monotonic()
    await expect(admit(51)).rejects.toMatchObject({ kind: 'budget-exceeded' })
    expect(clock.monotonic()).toBe(began)
  })

  it('those who wait are told when the accounts are closed', async () => {
    const { admit, clock, accounting } = books({ budgets: [waiting] })
    await admit(100)
    const waiter = expect(admit(10)).rejects.toMatchObject({ kind: 'unavailable', code: 'ledger' })
    await clock.advance(10)
    await accounting.dispose()
    await waiter
    expect(clock.pending).toBe(0)
  })

  it('the next window has room for those who wait', async () => {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1, 23, 59, 59) })
    const { admit } = books({ clock, budgets: [waiting] })
    await admit(100)
    const permit = Promise.resolve(admit(10))
    await clock.advance(1_200)
    await expect(permit).resolves.toBeDefined()
  })

  it('a thousand wait, who came first, and one more is refused at once', async () => {
    const { admit, clock } = books({ budgets: [waiting] })
    const holding = await admit(100)
    const ends: string[] = []
    const calls = Array.from({ length: 1_003 }, (_, at) =>
      Promise.resolve(admit(1)).then(
        permit => {
          ends.push(`${at} admitted`)
          return permit.settle(completed(0), clock.monotonic())
        },
        () => void ends.push(`${at} refused`),
      ),
    )
    await clock.advance(10)
    expect(ends).toEqual(['1000 refused', '1001 refused', '1002 refused'])
    await holding.settle(completed(0), clock.monotonic())
    await clock.runAll()
    await Promise.all(calls)
    expect(ends.filter(end => end.endsWith('admitted'))).toHaveLength(1_000)
  })

  it('a call that waits in one budget keeps nothing of another from other processes', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    const budgets = [{ limit: 100n }, { limit: 100n, maxWaitMs: 60_000 }]
    const holdings = [
      { scope: { type: 'all' }, name: 'budget0' },
      { scope: { type: 'tag', name: 'both' }, name: 'budget1' },
    ] as const
    const [here, other] = [1, 2].map(() => books({ store, clock, budgets, holdings }))
    await store.takeSlab({ budget: 'budget1', window: Date.UTC(2026, 0, 1), limit: 100n, least: 100n, most: 100n })
    const waiter = expect(here?.admit(60, { context: { tags: ['both'] } })).rejects.toMatchObject({ code: 'budget' })
    await clock.advance(1_000)
    await expect(other?.admit(100)).resolves.toBeDefined()
    await clock.advance(60_000)
    await waiter
  })

  it('two calls that hold what the other waits for are both served', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    const budgets = [1, 2].map(() => ({ limit: 100n, maxWaitMs: 10_000 }))
    const names = ['budget0', 'budget1']
    const turned = [names, names.toReversed()].map(order =>
      books({ store, clock, budgets, holdings: order.map(name => ({ scope: { type: 'all' }, name })) }),
    )
    const served = turned.map(async here => {
      const permit = await here.admit(60)
      await clock.turn()
      await permit.settle(completed(10), clock.monotonic())
    })
    await clock.advance(5_000)
    await expect(Promise.all(served)).resolves.toBeDefined()
  })
})
