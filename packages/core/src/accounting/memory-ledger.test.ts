import { describe, expect, it } from 'vitest'
import type { LedgerRecord, SlabAsk } from './ledger-store.ts'
import { createMemoryLedger } from './memory-ledger.ts'

const ask: SlabAsk = { budget: 'team', window: 0, limit: 100n, least: 40n, most: 40n }
const key = { budget: 'team', window: 0 }

describe('a slab of the ledger in memory', () => {
  it('that expires counts as charged until it is closed, and one that nobody knows is none', async () => {
    const ledger = createMemoryLedger()
    const [kept, silent] = [await ledger.takeSlab(ask), await ledger.takeSlab(ask)]
    if (!kept.granted || !silent.granted) throw new Error('Both fit.')
    ledger.expireSlab(silent.slab)
    ledger.expireSlab('unknown')
    expect(await ledger.budgets([key])).toMatchObject([{ reserved: 40n, charged: 40n }])
    await ledger.closeSlab(silent.slab)
    expect(await ledger.budgets([key])).toMatchObject([{ reserved: 40n, charged: 0n }])
  })
})

describe('the memory of the ledger in memory', () => {
  it('of records is as long as was asked for', async () => {
    const ledger = createMemoryLedger({ records: 2 })
    const record = (id: string) =>
      ({ attempt: { id }, charges: [{ ...key, amount: 1n, slabs: [] }] }) as unknown as LedgerRecord
    for (const id of ['a', 'b', 'b', 'c', 'b', 'a']) await ledger.commit(record(id))
    expect(await ledger.budgets([key])).toMatchObject([{ settled: 4n }])
  })

  it('of windows is long enough for what ends late, and no longer', async () => {
    const ledger = createMemoryLedger()
    for (let window = 0; window < 30; window++) {
      await ledger.commit({ charges: [{ budget: 'team', window, amount: 1n, slabs: [] }] })
    }
    const states = await ledger.budgets([29, 6, 0].map(window => ({ budget: 'team', window })))
    expect(states.map(state => state.settled)).toEqual([1n, 1n, 0n])
  })

  it('takes no more of a slab than it has', async () => {
    const ledger = createMemoryLedger()
    const taken = await ledger.takeSlab(ask)
    if (!taken.granted) throw new Error('It fits.')
    await ledger.commit({ charges: [{ ...key, amount: 90n, slabs: [{ slab: taken.slab, amount: 90n }] }] })
    expect(await ledger.budgets([key])).toMatchObject([{ settled: 90n, reserved: 0n }])
  })
})
