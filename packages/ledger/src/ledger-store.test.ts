import type { LedgerStore } from '@switchyard/core'
import { createMemoryLedger } from '@switchyard/core/accounting'
import { ledgerStoreChecks } from '@switchyard/core/testing'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { expireBehind, newPlace, type OnEnd, open } from './ledgers.fixture.ts'

interface Bench {
  readonly store: LedgerStore
  another(): LedgerStore
  expire(slab: string): Promise<void>
}

const benches: Readonly<Record<string, (onEnd: OnEnd) => Promise<Bench | undefined>>> = {
  async memory() {
    const store = createMemoryLedger()
    return { store, another: () => store, expire: async slab => store.expireSlab(slab) }
  },
  async SQLite(onEnd) {
    const place = await newPlace('SQLite', onEnd)
    if (place === undefined) return undefined
    const store = await open(place, onEnd)
    return { store, another: () => store, expire: slab => expireBehind(place, slab) }
  },
  async PostgreSQL(onEnd) {
    const place = await newPlace('PostgreSQL', onEnd)
    if (place?.url === undefined) return undefined
    const [store, other] = [await open(place, onEnd), await open({ url: place.url }, onEnd)]
    return { store, another: () => other, expire: slab => expireBehind(place, slab) }
  },
}

// one store for all checks of a kind: each has names of its own
for (const [name, openBench] of Object.entries(benches)) {
  describe(`the ledger in ${name}`, () => {
    const ends: (() => unknown)[] = []
    let bench: Bench | undefined
    let names = 0
    beforeAll(async () => {
      bench = await openBench(end => ends.push(end))
    })
    afterAll(async () => {
      for (const end of ends.reverse()) await end()
    })
    for (const check of ledgerStoreChecks) {
      it(check.name, async context => {
        if (bench === undefined) return context.skip('no PostgreSQL')
        await check.run({ ...bench, name: () => `name-${++names}` })
      })
    }
  })
}
