import type { LedgerStore } from '@switchyard/core'
import { createMemoryLedger } from '@switchyard/core/accounting'
import { ledgerStoreChecks } from '@switchyard/core/testing'
import { describe, it } from 'vitest'
import { expireBehind, newPlace, open } from './ledgers.fixture.ts'

interface Bench {
  readonly store: LedgerStore
  another(): LedgerStore
  expire(slab: string): Promise<void>
}

const benches: Readonly<Record<string, () => Promise<Bench | undefined>>> = {
  async memory() {
    const store = createMemoryLedger()
    return { store, another: () => store, expire: async slab => store.expireSlab(slab) }
  },
  async SQLite() {
    const place = await newPlace('SQLite')
    if (place === undefined) return undefined
    const store = await open(place)
    return { store, another: () => store, expire: slab => expireBehind(place, slab) }
  },
  async PostgreSQL() {
    const place = await newPlace('PostgreSQL')
    if (place?.url === undefined) return undefined
    const [store, other] = [await open(place), await open({ url: place.url })]
    return { store, another: () => other, expire: slab => expireBehind(place, slab) }
  },
}

for (const [name, openBench] of Object.entries(benches)) {
  describe(`the ledger in ${name}`, () => {
    for (const check of ledgerStoreChecks) {
      it(check.name, async context => {
        const bench = await openBench()
        if (bench === undefined) return context.skip('no PostgreSQL')
        let names = 0
        await check.run({ ...bench, name: () => `name-${++names}` })
      })
    }
  })
}
