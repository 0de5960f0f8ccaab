import { describe, expect, it } from 'vitest'
import { books, pricing } from './accounting.fixture.ts'
import { createAccounting } from './accounting.ts'
import type { BudgetDefinition } from './budget-definition.ts'
import { createMemoryLedger } from './memory-ledger.ts'

const definition = (more: Partial<BudgetDefinition>) =>
  createAccounting({
    pricing,
    store: createMemoryLedger(),
    budgets: [{ name: 'team', limit: 1n, window: 'day', ...more }],
  })

describe('a budget that cannot be', () => {
  it.each([
    [{ limit: 0n }, 'The budget "team" needs a limit above 0 USD and up to 9000000 USD.'],
    [{ limit: 9_000_001n * 10n ** 12n }, 'up to 9000000 USD.'],
    [{ alertAt: [0.5, 80] }, 'The budget "team" has alerts that are no shares from 0 to 1.'],
    [{ maxWaitMs: -1 }, 'The budget "team" may make calls wait for milliseconds from 0, not -1.'],
    [{ maxWaitMs: Number.POSITIVE_INFINITY }, 'not Infinity.'],
    [{ timeZone: 'Mars/Olympus' }, '"Mars/Olympus" is no time zone'],
  ])('is refused by name: %o', (more, message) => {
    expect(() => definition(more as Partial<BudgetDefinition>)).toThrow(message)
  })

  it('is refused where another has its name', () => {
    const budgets = [1n, 2n].map(limit => ({ name: 'team', limit, window: 'day' }) as const)
    expect(() => createAccounting({ pricing, store: createMemoryLedger(), budgets })).toThrow('the same name')
  })

  it('is refused where somebody holds one that is not defined', () => {
    const holdings = [{ scope: { type: 'all' }, name: 'nobody' }] as const
    expect(() => createAccounting({ pricing, store: createMemoryLedger(), holdings })).toThrow('no budget "nobody"')
  })
})

describe('budgets hold', () => {
  it('for those who hold them, each once, and what holds for an attempt can be read', async () => {
    const here = books({
      budgets: [{ limit: 100n }, { limit: 200n }, { limit: 300n, window: 'total' }],
      holdings: [
        { scope: { type: 'chain', name: 'chain' }, name: 'budget1' },
        { scope: { type: 'key', name: 'web' }, name: 'budget0' },
        { scope: { type: 'all' }, name: 'budget1' },
        { scope: { type: 'model', name: 'lab/tiny' }, name: 'budget2' },
        { scope: { type: 'provider', name: 'other' }, name: 'budget0' },
      ],
    })
    await here.spend(10, 5)
    const attempt = { chains: ['chain'], provider: 'lab', target: 'lab/tiny', context: {} }
    expect(await here.accounting.budgets(attempt)).toMatchObject([
      { name: 'budget1', settled: 5n },
      { name: 'budget2', settled: 5n, startsAt: 0 },
    ])
    const all = await here.accounting.budgets()
    expect(all.map(({ name, settled }) => [name, settled])).toEqual([
      ['budget0', 0n],
      ['budget1', 5n],
      ['budget2', 5n],
    ])
    expect(all[2]).not.toHaveProperty('renewsAt')
  })

  it('or refuse, with nothing taken from the others', async () => {
    const here = books({ budgets: [{ limit: 1_000n }, { limit: 100n, window: 'total' }] })
    await expect(here.admit(200)).rejects.toThrow(/"budget1".*It never renews\. Raise its limit, or state/)
    await here.clock.runAll()
    expect(await here.accounting.budgets()).toMatchObject([{ left: 1_000n }, { left: 100n }])
  })

  it('and say when to come again only where that is soon', async () => {
    const here = books({ budgets: [{ limit: 100n, window: 'hour' }] })
    await here.spend(90, 90)
    const refused = async () => Promise.resolve(here.admit(20)).catch((error: unknown) => error)
    expect(await refused()).not.toHaveProperty('retryAfterMs')
    await here.clock.advance(3_590_000)
    expect(await refused()).toMatchObject({ retryAfterMs: 10_000 })
    expect(await Promise.resolve(here.admit(200)).catch((error: unknown) => error)).not.toHaveProperty('retryAfterMs')
  })
})
