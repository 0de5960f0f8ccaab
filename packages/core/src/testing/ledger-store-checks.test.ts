import { describe, it } from 'vitest'
import { createMemoryLedger, type MemoryLedger } from '../accounting/memory-ledger.ts'
import { type LedgerStoreBench, ledgerStoreChecks } from './ledger-store-checks.ts'

function bench(store: MemoryLedger = createMemoryLedger()): LedgerStoreBench {
  let names = 0
  return {
    store,
    name: () => `name-${++names}`,
    expire: async slab => store.expireSlab(slab),
    another: () => store,
  }
}

describe('the ledger in memory', () => {
  it.each(ledgerStoreChecks.map(check => [check.name, check] as const))('%s', (_, check) => check.run(bench()))
})
