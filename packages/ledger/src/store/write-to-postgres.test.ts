import { sql } from 'kysely'
import pg from 'pg'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { attemptEntry, charging, look, newPlace, open, requestEntry, until } from '../ledgers.fixture.ts'

const window = { budget: 'team', window: 0 }
const ask = { ...window, limit: 1000n, least: 100n, most: 100n }

async function ledgerWithSlab() {
  const place = await newPlace('PostgreSQL')
  if (place?.url === undefined) return undefined
  const { url } = place
  const ledger = await open({ url })
  const taken = await ledger.takeSlab(ask)
  if (!taken.granted) throw new Error('refused')
  return { url, ledger, slab: taken.slab }
}

async function rawClient(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

describe('a record with its request, and a charge on one slab', () => {
  it('is one statement to PostgreSQL', async context => {
    const bench = await ledgerWithSlab()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { ledger, slab } = bench
    await ledger.commit(charging('team', 1n))
    const queries = vi.spyOn(pg.Client.prototype, 'query')
    onTestFinished(() => queries.mockRestore())
    await ledger.commit({ ...charging('team', 40n, [{ slab, amount: 40n }]), request: requestEntry() })
    expect(queries).toHaveBeenCalledTimes(1)
    expect(await ledger.budgets([window])).toEqual([{ ...window, settled: 41n, reserved: 60n, charged: 0n }])
  })
})

describe('a commit that waits for another process at a slab', () => {
  async function meanwhile(change: string, commit: (bench: { slab: string }) => Parameters<typeof charging>) {
    const bench = await ledgerWithSlab()
    if (bench === undefined) return undefined
    const { url, ledger, slab } = bench
    const other = await rawClient(url)
    await other.query('begin')
    await other.query(change)
    const committing = ledger.commit(charging(...commit({ slab })))
    const waiting = sql`
      select 1 from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()`
    await until(async () => (await look({ url }, waiting)).length > 0)
    await other.query('commit')
    await committing
    const rows = await look({ url }, sql`select remaining, state from budget_slabs`)
    return { rows, standing: (await ledger.budgets([window]))[0] }
  }

  it('uses no more of it than the other left', async context => {
    const change = `
      with slab as (update budget_slabs set remaining = 10)
      update budget_windows set settled = 90, reserved = 10`
    const found = await meanwhile(change, ({ slab }) => ['team', 40n, [{ slab, amount: 40n }]])
    if (found === undefined) return context.skip('no PostgreSQL')
    expect(found.standing).toEqual({ ...window, settled: 130n, reserved: 0n, charged: 0n })
    expect(found.rows).toEqual([{ remaining: 0n, state: 'open' }])
  })

  it('takes what it used from what was charged, where the other found it expired', async context => {
    const change = `
      with slab as (update budget_slabs set state = 'expired')
      update budget_windows set reserved = 0, charged = 100`
    const found = await meanwhile(change, ({ slab }) => ['team', 40n, [{ slab, amount: 40n }]])
    if (found === undefined) return context.skip('no PostgreSQL')
    expect(found.standing).toEqual({ ...window, settled: 40n, reserved: 0n, charged: 60n })
    expect(found.rows).toEqual([{ remaining: 60n, state: 'expired' }])
  })

  it('uses nothing of it where the other closed it', async context => {
    const change = `
      with slab as (delete from budget_slabs)
      update budget_windows set reserved = 0`
    const found = await meanwhile(change, ({ slab }) => ['team', 40n, [{ slab, amount: 40n }]])
    if (found === undefined) return context.skip('no PostgreSQL')
    expect(found.standing).toEqual({ ...window, settled: 40n, reserved: 0n, charged: 0n })
    expect(found.rows).toEqual([])
  })
})

describe('a record that another process is recording', () => {
  it('is recorded once, its charges with it', async context => {
    const bench = await ledgerWithSlab()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { url, ledger, slab } = bench
    const attempt = attemptEntry()
    const told = charging('team', 40n, [{ slab, amount: 40n }])
    const other = await open({ url })
    await Promise.all([ledger.commit({ ...told, attempt }), other.commit({ ...told, attempt })])
    expect(await ledger.budgets([window])).toEqual([{ ...window, settled: 40n, reserved: 60n, charged: 0n }])
  })
})
