import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { attemptOf, books, completed, pricing } from './accounting.fixture.ts'
import { createAccounting } from './accounting.ts'
import { createMemoryLedger } from './memory-ledger.ts'

/** Small calls one after another, each in one of the processes, until all of them are refused. */
async function spendAll(processes: number, limit: bigint, bound: number, bill: number, next: (call: number) => number) {
  const clock = new VirtualClock()
  const store = createMemoryLedger()
  const all = Array.from({ length: processes }, () => books({ store, clock, budgets: [{ limit }] }))
  const refused = new Set<number>()
  for (let call = 0; refused.size < processes; call++) {
    const at = next(call) % processes
    await all[at]?.spend(bound, bill).then(
      () => refused.clear(),
      () => refused.add(at),
    )
    await clock.advance(0)
  }
  const [state] = await store.budgets([{ budget: 'budget0', window: Date.UTC(2026, 0, 1) }])
  return Number(((state?.settled ?? 0n) * 1_000n) / limit) / 1_000
}

describe('a budget is usable', () => {
  it.each([
    ['calls that cost their bound', 100_000n, 500, 500],
    ['calls that cost a twentieth of it', 100_000n, 2_000, 100],
    ['calls of a thousandth of it', 100_000n, 100, 30],
  ])('to 95% at least by %s', async (_, limit, bound, bill) => {
    expect(await spendAll(1, limit, bound, bill, () => 0)).toBeGreaterThanOrEqual(0.95)
  })

  it.each([
    ['in turn', (call: number) => call],
    ['one for long, and then the others', (call: number) => Math.floor(call / 40)],
    ['anyhow', (call: number) => (call * 7_919 + 13) % 11],
  ])('to 95% at least by four processes, %s', async (_, next) => {
    expect(await spendAll(4, 100_000n, 1_000, 300, next)).toBeGreaterThanOrEqual(0.95)
    expect(await spendAll(4, 100_000n, 1_000, 1_000, next)).toBeGreaterThanOrEqual(0.95)
  })

  it('by the others, as soon as one has not used its part for a second', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    const [one, other] = [1, 2].map(() => books({ store, clock, budgets: [{ limit: 1_000_000n }] }))
    await one?.spend(10, 10)
    expect(await other?.accounting.budgets()).not.toMatchObject([{ left: 999_990n }])
    expect(await one?.accounting.budgets()).toMatchObject([{ left: 999_990n }])
    await clock.advance(2_000)
    expect(await other?.accounting.budgets()).toMatchObject([{ left: 999_990n }])
    expect(clock.pending).toBe(0)
  })

  it('with few slabs: calls at the same moment share one, and what is often used grows', async () => {
    const asked: bigint[] = []
    const inner = createMemoryLedger()
    const store = {
      ...books({ store: inner }).store,
      takeSlab: (ask: Parameters<typeof inner.takeSlab>[0]) => {
        asked.push(ask.most)
        return inner.takeSlab(ask)
      },
    }
    const { admit, clock } = books({ store, budgets: [{ limit: 1_000_000n }] })
    const permits = await Promise.all(Array.from({ length: 50 }, () => admit(10)))
    expect(asked).toEqual([500n])
    for (const permit of permits) await permit.settle(completed(10), clock.monotonic())
    for (let call = 0; call < 500; call++) await (await admit(10)).settle(completed(10), clock.monotonic())
    expect(asked.length).toBeLessThan(12)
    expect(asked.at(-1)).toBeGreaterThan(500n)
  })
})

describe('a budget whose calls are large', () => {
  const counting = () => {
    const inner = createMemoryLedger()
    const asked: string[] = []
    const store = new Proxy(inner, {
      get: (target, name: keyof typeof inner) => {
        asked.push(name)
        return target[name].bind(target)
      },
    })
    return { store, times: (name: string) => asked.filter(one => one === name).length }
  }

  it('takes a slab for several of them while there is plenty', async () => {
    const { store, times } = counting()
    const here = books({ store, budgets: [{ limit: 10_000n }] })
    for (let call = 0; call < 20; call++) await here.spend(300, 30)
    expect(times('takeSlab')).toBeLessThanOrEqual(4)
    expect(times('closeSlab')).toBeLessThanOrEqual(4)
  })

  it('leaves others what it does not hold as soon as there is little', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    const [one, other] = [1, 2].map(() => books({ store, clock, budgets: [{ limit: 1_000n }] }))
    await one?.spend(300, 30)
    await clock.advance(0)
    await expect(other?.admit(970)).resolves.toBeDefined()
  })

  it('takes no more for a moment than what one of them holds', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    const [one, other] = [1, 2].map(() => books({ store, clock, budgets: [{ limit: 10_000n }] }))
    await one?.spend(300, 0)
    await clock.advance(0)
    await expect(other?.admit(9_400)).resolves.toBeDefined()
    await clock.advance(2_000)
    await expect(other?.admit(600)).resolves.toBeDefined()
  })
})

describe('what many calls at once needed', () => {
  it('is given back as soon as they have ended', async () => {
    const clock = new VirtualClock()
    const store = createMemoryLedger()
    const [one, other] = [1, 2].map(() => books({ store, clock, budgets: [{ limit: 10_000n }] }))
    const permits = await Promise.all(Array.from({ length: 20 }, () => one?.admit(50)))
    for (const permit of permits) await permit?.settle(completed(0), clock.monotonic())
    await clock.advance(0)
    await expect(other?.admit(9_900)).resolves.toBeDefined()
  })
})

describe('a call that wants more than can be counted', () => {
  it('is refused alone: the store is asked for nothing that it cannot hold, and its neighbours pass', async () => {
    const inner = createMemoryLedger()
    const takeSlab = (ask: Parameters<typeof inner.takeSlab>[0]) => {
      for (const amount of [ask.least, ask.most, ask.limit]) if (amount >= 2n ** 63n) throw new RangeError('64 bits')
      return inner.takeSlab(ask)
    }
    const dear: typeof pricing = {
      ...pricing,
      estimate: (...asked) => {
        const { bound, ...rest } = pricing.estimate(...asked)
        return { ...rest, ...(bound !== undefined && { bound: bound * 1_000_000n }) }
      },
    }
    const store = { ...books({ store: inner }).store, takeSlab }
    const here = books({ store, pricing: dear, budgets: [{ limit: 10n ** 13n }] })
    const [first, giant, last] = await Promise.allSettled([
      here.admit(1),
      here.admit(Number.MAX_SAFE_INTEGER),
      here.admit(2),
    ])
    expect([first?.status, last?.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(giant).toMatchObject({ reason: { kind: 'budget-exceeded', code: 'budget' } })
  })
})

describe('a call that is above the whole budget', () => {
  it('is refused where nothing of it is used, with nothing taken', async () => {
    const here = books({ budgets: [{ limit: 100n, maxWaitMs: 5_000 }] })
    await expect(here.admit(101)).rejects.toMatchObject({ code: 'budget' })
    expect(await here.accounting.budgets()).toMatchObject([{ left: 100n, reserved: 0n }])
    await expect(here.admit(100)).resolves.toBeDefined()
  })
})

describe('an attempt in several budgets', () => {
  it('has their slabs asked for at the same time, and what it leaves in vain is given back', async () => {
    const clock = new VirtualClock()
    const inner = createMemoryLedger()
    const takeSlab = async (ask: Parameters<typeof inner.takeSlab>[0]) => {
      await new Promise<void>(resolve => clock.timer(100, resolve))
      return inner.takeSlab(ask)
    }
    const store = { ...books({ store: inner }).store, takeSlab }
    const here = books({ store, clock, budgets: [{ limit: 1_000n }, { limit: 500n }, { limit: 2_000n }] })
    const permit = Promise.resolve(here.admit(100))
    await clock.advance(110)
    await expect(permit).resolves.toBeDefined()
    const refused = expect(here.admit(600)).rejects.toThrow('budget1')
    await clock.advance(210)
    await refused
    await clock.advance(0)
    const keys = [0, 1, 2].map(at => ({ budget: `budget${at}`, window: Date.UTC(2026, 0, 1) }))
    for (const { reserved } of await inner.budgets(keys)) expect(reserved <= 200n).toBe(true)
  })
})

describe('what ends late', () => {
  it('is charged to the window that it began in, and gives back there', async () => {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1, 23, 59) })
    const store = createMemoryLedger()
    const { admit, accounting } = books({ store, clock, budgets: [{ limit: 100n }] })
    const permit = await admit(80)
    await clock.advance(120_000)
    await admit(90)
    await permit.settle(completed(30), clock.monotonic())
    await clock.advance(0)
    const days = [1, 2].map(day => ({ budget: 'budget0', window: Date.UTC(2026, 0, day) }))
    expect(await store.budgets(days)).toMatchObject([
      { settled: 30n, reserved: 0n },
      { settled: 0n, reserved: 90n },
    ])
    expect(await accounting.budgets()).toMatchObject([{ left: 10n }])
  })

  it('is charged after the accounts were closed, too, and nothing stays reserved', async () => {
    const store = createMemoryLedger()
    const { admit, accounting, clock } = books({ store, budgets: [{ limit: 100n }] })
    const permit = await admit(80)
    await accounting.dispose()
    await accounting[Symbol.asyncDispose]()
    expect(() => admit(1)).toThrow('The accounts were closed.')
    await permit.settle(completed(30), clock.monotonic())
    await clock.advance(0)
    expect(await store.budgets([{ budget: 'budget0', window: Date.UTC(2026, 0, 1) }])).toMatchObject([
      { settled: 30n, reserved: 0n },
    ])
    expect(clock.pending).toBe(0)
  })
})

describe('a window that ends while a slab is asked for', () => {
  function slowly(store = createMemoryLedger()) {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1, 23, 59, 59) })
    const takeSlab = async (ask: Parameters<typeof store.takeSlab>[0]) => {
      const answer = await store.takeSlab(ask)
      await new Promise<void>(resolve => clock.timer(2_000, resolve))
      return answer
    }
    const { admit } = books({ store: { ...books({ store }).store, takeSlab }, clock, budgets: [{ limit: 100n }] })
    return { store, clock, admit }
  }

  it('takes another in the new one, and gives the old one back', async () => {
    const { store, clock, admit } = slowly()
    const permit = Promise.resolve(admit(80))
    await clock.advance(5_000)
    await permit
    const days = [1, 2].map(day => ({ budget: 'budget0', window: Date.UTC(2026, 0, day) }))
    expect(await store.budgets(days)).toMatchObject([{ reserved: 0n }, { reserved: 80n }])
  })

  it('gives back what is granted after others have moved on to the new one', async () => {
    const { store, clock, admit } = slowly()
    const controller = new AbortController()
    const left = expect(admit(80, { context: { signal: controller.signal } })).rejects.toMatchObject({
      kind: 'aborted',
    })
    controller.abort()
    await left
    await clock.advance(1_500)
    await expect(Promise.resolve(admit(0))).resolves.toBeDefined()
    await clock.advance(500)
    const yesterday = [{ budget: 'budget0', window: Date.UTC(2026, 0, 1) }]
    expect(await store.budgets(yesterday)).toMatchObject([{ reserved: 0n }])
  })

  it('refuses nobody for what was left in the old one', async () => {
    const { store, clock, admit } = slowly()
    await store.commit({ charges: [{ budget: 'budget0', window: Date.UTC(2026, 0, 1), amount: 90n, slabs: [] }] })
    const permit = Promise.resolve(admit(80))
    await clock.advance(5_000)
    await expect(permit).resolves.toBeDefined()
  })
})

describe('a slab on its way back', () => {
  it('is waited for before a call is refused for the want of it', async () => {
    const clock = new VirtualClock()
    const inner = createMemoryLedger()
    const closeSlab = async (slab: string) => {
      await new Promise<void>(resolve => clock.timer(50, resolve))
      return inner.closeSlab(slab)
    }
    const here = books({ store: { ...books({ store: inner }).store, closeSlab }, clock, budgets: [{ limit: 100n }] })
    await here.spend(60, 10)
    const permit = Promise.resolve(here.admit(85))
    const refused = expect(here.admit(95)).rejects.toMatchObject({ kind: 'budget-exceeded' })
    await clock.advance(100)
    await expect(permit).resolves.toBeDefined()
    await refused
  })
})

describe('a slab that came back before the answer', () => {
  it('is asked for again: a refusal from before it came is no refusal', async () => {
    const clock = new VirtualClock()
    const inner = createMemoryLedger()
    const later = (ms: number) => new Promise<void>(resolve => clock.timer(ms, resolve))
    const closeSlab = async (slab: string) => {
      await later(20)
      return inner.closeSlab(slab)
    }
    const takeSlab = async (ask: Parameters<typeof inner.takeSlab>[0]) => {
      const answer = await inner.takeSlab(ask)
      await later(50)
      return answer
    }
    const store = { ...books({ store: inner }).store, takeSlab, closeSlab }
    const here = books({ store, clock, budgets: [{ limit: 100n }] })
    const first = Promise.resolve(here.admit(60))
    await clock.advance(50)
    await (await first).settle(completed(10), clock.monotonic())
    const permit = Promise.resolve(here.admit(85))
    await clock.advance(200)
    await expect(permit).resolves.toBeDefined()
  })
})

describe('accounts that are closed while a slab is asked for', () => {
  it('give it back before they are done', async () => {
    const clock = new VirtualClock()
    const inner = createMemoryLedger()
    const takeSlab = async (ask: Parameters<typeof inner.takeSlab>[0]) => {
      await new Promise<void>(resolve => clock.timer(500, resolve))
      return inner.takeSlab(ask)
    }
    const here = books({ store: { ...books({ store: inner }).store, takeSlab }, clock, budgets: [{ limit: 100n }] })
    const refused = expect(here.admit(10)).rejects.toMatchObject({ kind: 'unavailable' })
    const disposing = here.accounting.dispose()
    await clock.advance(500)
    await Promise.all([refused, disposing])
    expect(await inner.budgets([{ budget: 'budget0', window: Date.UTC(2026, 0, 1) }])).toMatchObject([{ reserved: 0n }])
  })
})

describe('accounts that tell nobody', () => {
  it('ask the ledger for nothing but what they need', async () => {
    const inner = createMemoryLedger()
    const asked: string[] = []
    const store = new Proxy(inner, {
      get: (target, name: keyof typeof inner) => {
        asked.push(name)
        return target[name].bind(target)
      },
    })
    const accounting = createAccounting({
      pricing,
      store,
      budgets: [{ name: 'team', limit: 100n, window: 'total' }],
      holdings: [{ scope: { type: 'all' }, name: 'team' }],
    })
    const permit = await accounting.step.admit(attemptOf(90), 0)
    await permit.settle(completed(500), 1)
    await accounting.dispose()
    expect(new Set(asked)).toEqual(new Set(['takeSlab', 'commit', 'closeSlab']))
    expect(await inner.budgets([{ budget: 'team', window: 0 }])).toMatchObject([{ settled: 500n, reserved: 0n }])
  })
})
