import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { type DatabaseName, look, newPlace, open } from './ledgers.fixture.ts'
import { migrations } from './migrations/index.ts'
import { ledgerMigrations, migrateLedger, openLedger } from './open-ledger.ts'

const names = Object.keys(migrations)

describe.each<DatabaseName>(['SQLite', 'PostgreSQL'])('migrations of %s', database => {
  it('are run once, and say so', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    expect(await migrateLedger(place)).toEqual(names)
    expect(await migrateLedger(place)).toEqual([])
    const status = await ledgerMigrations(place)
    expect(status.map(({ name }) => name)).toEqual(names)
    for (const { executedAt } of status) expect(executedAt).toBeInstanceOf(Date)
  })

  it('are told of without being run', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    expect(await ledgerMigrations(place)).toEqual(names.map(name => ({ name })))
    expect(await migrateLedger(place)).toEqual(names)
  })

  it('leave nothing where one of them breaks off, so that the next start can run it', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    // a name of somebody else's, which the first migration wants late
    await look(place, sql`create table budget_alerts (mine integer)`)
    await expect(migrateLedger(place)).rejects.toMatchObject({
      message: expect.stringMatching(/"?budget_alerts"? already exists/),
    })
    await look(place, sql`drop table budget_alerts`)
    expect(await migrateLedger(place)).toEqual(names)
  })

  it('refuse a database of a newer version, and leave it as it is', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    await migrateLedger(place)
    const newer = new Date().toISOString()
    await look(place, sql`insert into ledger_migrations (name, "timestamp") values ('9999-from-tomorrow', ${newer})`)
    for (const attempt of [openLedger, migrateLedger, ledgerMigrations])
      await expect(attempt(place)).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'newer-ledger',
        message: expect.stringMatching(/newer version of Switchyard \(9999-from-tomorrow\)/),
      })
  })
})

describe('several processes that start at once on one PostgreSQL', () => {
  it('run each migration once, and all of them open', async context => {
    const place = await newPlace('PostgreSQL')
    if (place?.url === undefined) return context.skip('no PostgreSQL')
    const { url } = place
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => open({ url })))
    const run = await look(place, sql<{ name: string }>`select name from ledger_migrations order by name`)
    expect(run.map(({ name }) => name)).toEqual(names)
    const ask = { budget: 'team', window: 0, limit: 1000n, least: 10n, most: 10n }
    await Promise.all(ledgers.map(ledger => ledger.takeSlab(ask)))
    expect((await ledgers[0]?.budgets([ask]))?.[0]?.reserved).toBe(80n)
  })

  it('do so as processes of their own, too', async context => {
    const place = await newPlace('PostgreSQL')
    if (place?.url === undefined) return context.skip('no PostgreSQL')
    const script = `
      import { migrateLedger } from ${JSON.stringify(new URL('./open-ledger.ts', import.meta.url).href)}
      console.log(JSON.stringify(await migrateLedger(${JSON.stringify({ url: place.url })})))`
    const run = promisify(execFile)
    const said = await Promise.all(
      Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', script])),
    )
    expect(said.flatMap(({ stdout }) => JSON.parse(stdout))).toEqual(names)
  })

  it('keep to the schema that their connection names, whatever lies in others', async context => {
    const place = await newPlace('PostgreSQL')
    if (place?.url === undefined) return context.skip('no PostgreSQL')
    await look(place, sql`create schema other`)
    await open(place)
    const url = new URL(place.url)
    url.searchParams.set('options', '-c search_path=other')
    const other = await open({ url: url.href })
    await other.takeSlab({ budget: 'team', window: 0, limit: 10n, least: 5n, most: 5n })
    const counts = sql<{ first: bigint; second: bigint }>`
      select (select count(*) from public.budget_slabs) as first, (select count(*) from other.budget_slabs) as second`
    expect(await look(place, counts)).toEqual([{ first: 0n, second: 1n }])
  })
})
