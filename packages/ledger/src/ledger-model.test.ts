import type { LedgerStore, MemoryLedger, SlabAsk, WindowKey } from '@switchyard/core'
import { createMemoryLedger } from '@switchyard/core/accounting'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attemptEntry, type DatabaseName, expireBehind, newPlace, open } from './ledgers.fixture.ts'

interface Slabs {
  readonly model: string
  readonly real: string
}

interface World {
  readonly model: MemoryLedger
  readonly stores: readonly LedgerStore[]
  readonly run: string
  readonly limit: bigint
  readonly slabs: Slabs[]
  readonly expire: (slab: string) => Promise<void>
}

/** What one step does to the model and to a store; both must answer the same. */
type Step =
  | { readonly type: 'take'; readonly window: WindowKey; readonly least: bigint; readonly more: bigint }
  | { readonly type: 'commit'; readonly entries: readonly Entry[] }
  | { readonly type: 'close' | 'expire'; readonly slab: number }
  | { readonly type: 'alert'; readonly window: WindowKey; readonly threshold: string }

interface Entry {
  readonly id: number
  readonly window: WindowKey
  readonly amount: bigint
  readonly uses: readonly { readonly slab: number; readonly amount: bigint }[]
}

const window = fc.record({ budget: fc.constantFrom('team', 'web'), window: fc.constantFrom(0, 3_600_000) })
const amount = fc.bigInt({ min: 0n, max: 60n })
const slab = fc.nat(30)
const entry = fc.record({
  // few ids, so that many come again
  id: fc.nat(15),
  window,
  amount,
  uses: fc.array(fc.record({ slab, amount }), { maxLength: 3 }),
})
const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('take' as const), window, least: fc.bigInt({ min: 1n, max: 40n }), more: amount }),
    fc.record({ type: fc.constant('commit' as const), entries: fc.array(entry, { minLength: 1, maxLength: 4 }) }),
    fc.record({ type: fc.constantFrom('close' as const, 'expire' as const), slab }),
    fc.record({ type: fc.constant('alert' as const), window, threshold: fc.constantFrom('0.8', '1') }),
  ),
  { minLength: 5, maxLength: 40 },
)

const windows: readonly WindowKey[] = ['team', 'web'].flatMap(budget => [
  { budget, window: 0 },
  { budget, window: 3_600_000 },
])

describe.each<DatabaseName>(['SQLite', 'PostgreSQL'])('whatever is asked of %s, in whatever order', database => {
  it('stands as the model does, and never above the limit by what was granted', { timeout: 60_000 }, async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const first = await open(place)
    const stores = place.url === undefined ? [first] : [first, await open({ url: place.url })]
    let runs = 0
    await fc.assert(
      fc.asyncProperty(steps, fc.bigInt({ min: 50n, max: 400n }), async (taken, limit) => {
        const world: World = {
          model: createMemoryLedger(),
          stores,
          run: `run-${++runs}`,
          limit,
          slabs: [],
          expire: slab => expireBehind(place, slab),
        }
        for (const [index, step] of taken.entries()) {
          await take(step, world, stores[index % stores.length] as LedgerStore)
          const keys = windows.map(key => named(world, key))
          const expected = await world.model.budgets(keys)
          // one after another: who reads while another marks what expired sees what was before
          for (const reader of stores) expect(await reader.budgets(keys)).toEqual(expected)
        }
      }),
      { numRuns: 40 },
    )
  })
})

async function take(step: Step, world: World, store: LedgerStore): Promise<void> {
  const { model, slabs } = world
  if (step.type === 'take') {
    const { least, more } = step
    const ask: SlabAsk = { ...named(world, step.window), limit: world.limit, least, most: least + more }
    const [expected, found] = await Promise.all([model.takeSlab(ask), store.takeSlab(ask)])
    if (expected.granted && found.granted) slabs.push({ model: expected.slab, real: found.slab })
    expect({ ...found, slab: undefined }).toEqual({ ...expected, slab: undefined })
  } else if (step.type === 'commit') {
    const records = step.entries.map(told => [record(world, told, 'model'), record(world, told, 'real')] as const)
    for (const [expected] of records) await model.commit(expected)
    await Promise.all(records.map(([, found]) => store.commit(found)))
  } else if (step.type === 'alert') {
    const key = named(world, step.window)
    expect(await store.alertOnce(key, step.threshold)).toBe(await model.alertOnce(key, step.threshold))
  } else {
    const slab = slabs[step.slab]
    if (slab === undefined) return
    if (step.type === 'close') {
      await model.closeSlab(slab.model)
      await store.closeSlab(slab.real)
    } else {
      model.expireSlab(slab.model)
      await world.expire(slab.real)
    }
  }
}

function record(world: World, { id, window, amount, uses }: Entry, side: keyof Slabs) {
  const held = uses.flatMap(({ slab, amount }) => {
    const ids = world.slabs[slab]
    return ids === undefined ? [] : [{ slab: ids[side], amount }]
  })
  const charges = [{ ...named(world, window), amount, slabs: held }]
  return { attempt: attemptEntry({ id: `${world.run} ${id}`, cost: amount }), charges }
}

function named({ run }: World, { budget, window }: WindowKey): WindowKey {
  return { budget: `${run} ${budget}`, window }
}
