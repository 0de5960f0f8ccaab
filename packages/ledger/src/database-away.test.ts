import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { flakyWay } from './database/flaky-way.fixture.ts'
import { journalHeader, journalLine } from './journal/journal-lines.ts'
import { attemptEntry, charging, look, newDirectory, newPlace, open, until } from './ledgers.fixture.ts'
import { type OpenLedgerOptions, openLedger } from './open-ledger.ts'

const window = { budget: 'team', window: 0 }
const ask = { ...window, limit: 1000n, least: 100n, most: 100n }

async function openByFlakyWay(options: Partial<OpenLedgerOptions> = {}) {
  const place = await newPlace('PostgreSQL')
  if (place?.url === undefined) return undefined
  const way = await flakyWay(place.url)
  const errors: Error[] = []
  const { dataDirectory } = place
  const settings: OpenLedgerOptions = {
    url: way.url,
    ...(dataDirectory !== undefined && { dataDirectory }),
    timeoutMs: 400,
    onError: error => errors.push(error),
    ...options,
  }
  const ledger = await open(settings)
  return { place: { url: place.url }, directory: dataDirectory as string, way, ledger, errors, settings }
}

describe('a ledger whose database went away', () => {
  it('keeps what is recorded in its journal, refuses slabs, and takes all over once the database is back', async context => {
    const bench = await openByFlakyWay()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { place, directory, way, ledger, errors } = bench
    const taken = await ledger.takeSlab(ask)
    if (!taken.granted) throw new Error('refused')
    const slabs = [{ slab: taken.slab, amount: 60n }]
    way.cut()
    await ledger.commit(charging('team', 60n, slabs))
    await ledger.commit(charging('team', 5n))
    await ledger.closeSlab(taken.slab)
    expect(ledger.isAway).toBe(true)
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('The ledger waits: PostgreSQL at 127.0.0.1'),
    ])
    for (const refused of [() => ledger.takeSlab(ask), () => ledger.budgets([window]), () => ledger.entry('x')])
      await expect(refused()).rejects.toMatchObject({ kind: 'unavailable', code: 'ledger' })
    expect(readFileSync(join(directory, 'ledger.journal'), 'utf8').split('\n')).toHaveLength(1 + 3 + 1)
    way.mend()
    await until(() => !ledger.isAway)
    expect(await ledger.budgets([window])).toEqual([{ ...window, settled: 65n, reserved: 0n, charged: 0n }])
    await until(() => statSync(join(directory, 'ledger.journal')).size === journalHeader.length)
    expect(await look(place, sql`select count(*) as entries from ledger_attempts`)).toEqual([{ entries: 2n }])
  })

  it('answers in bounded time when the database is silent, and counts nothing twice', async context => {
    const bench = await openByFlakyWay()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { way, ledger } = bench
    await ledger.commit(charging('team', 1n))
    way.stall()
    await Promise.all([ledger.commit(charging('team', 10n)), ledger.commit(charging('team', 20n))])
    await expect(ledger.takeSlab(ask)).rejects.toMatchObject({ kind: 'unavailable' })
    way.mend()
    await until(() => !ledger.isAway)
    expect((await ledger.budgets([window]))[0]?.settled).toBe(31n)
  })

  it('counts once what the database took, though its answer never came', async context => {
    const bench = await openByFlakyWay()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { place, way, ledger } = bench
    const record = charging('team', 10n)
    way.deafen()
    const committing = ledger.commit(record)
    await committing
    way.mend()
    await until(() => !ledger.isAway)
    expect((await ledger.budgets([window]))[0]?.settled).toBe(10n)
    expect(await look(place, sql`select count(*) as entries from ledger_attempts`)).toEqual([{ entries: 1n }])
  })

  it('refuses to record without a data directory, and says why', async context => {
    const place = await newPlace('PostgreSQL')
    if (place?.url === undefined) return context.skip('no PostgreSQL')
    const way = await flakyWay(place.url)
    const ledger = await open({ url: way.url, timeoutMs: 400 })
    way.cut()
    await expect(ledger.commit(charging('team', 10n))).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('no data directory for a journal'),
    })
    way.mend()
    await until(() => !ledger.isAway)
    await ledger.commit(charging('team', 10n))
  })

  it('refuses to record once its journal is full, and records again when the database is back', async context => {
    const bench = await openByFlakyWay({ maxJournalBytes: 1500 })
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { way, ledger } = bench
    way.cut()
    const outcomes = await Promise.allSettled(
      [1n, 2n, 4n, 8n, 16n].map(amount => ledger.commit(charging('team', amount))),
    )
    const kept = outcomes.filter(({ status }) => status === 'fulfilled').length
    expect(kept).toBeGreaterThan(0)
    expect(outcomes.at(-1)).toMatchObject({
      reason: { kind: 'unavailable', message: expect.stringContaining('is full (1500 bytes)') },
    })
    way.mend()
    await until(() => !ledger.isAway)
    await ledger.commit(charging('team', 32n))
    expect((await ledger.budgets([window]))[0]?.settled).toBe(2n ** BigInt(kept) - 1n + 32n)
  })

  it('leaves its journal to the next process, which writes it before anything else', async context => {
    const bench = await openByFlakyWay()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { way, ledger, settings } = bench
    way.cut()
    await ledger.commit(charging('team', 10n))
    await ledger.dispose()
    await expect(openLedger(settings)).rejects.toMatchObject({ kind: 'unavailable' })
    way.mend()
    const next = await open(settings)
    expect((await next.budgets([window]))[0]?.settled).toBe(10n)
  })

  it('is not opened, in bounded time, where the server says nothing', async context => {
    const bench = await openByFlakyWay()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { way, ledger, settings } = bench
    await ledger.dispose()
    way.stall()
    await expect(openLedger(settings)).rejects.toMatchObject({ kind: 'unavailable', code: 'ledger' })
  })

  it('outlives one broken connection without a word to anybody', async context => {
    const bench = await openByFlakyWay()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { place, ledger, errors } = bench
    await ledger.commit(charging('team', 1n))
    const endOthers = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    await look(place, endOthers)
    await ledger.commit(charging('team', 2n))
    await look(place, endOthers)
    expect((await ledger.takeSlab(ask)).granted).toBe(true)
    expect(errors).toEqual([])
    expect((await ledger.budgets([window]))[0]?.settled).toBe(3n)
  })

  it('is disposed in bounded time while the database is silent', async context => {
    const bench = await openByFlakyWay()
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { way, ledger } = bench
    await ledger.commit(charging('team', 1n))
    way.stall()
    await ledger.dispose()
    await expect(ledger.commit(charging('team', 1n))).rejects.toThrow('disposed')
  })

  it('gives back what was granted without its knowing', async context => {
    const bench = await openByFlakyWay({ leaseMs: 1500 })
    if (bench === undefined) return context.skip('no PostgreSQL')
    const { place, way, ledger } = bench
    const taken = async () =>
      (await look(place, sql<{ taken: bigint }>`select reserved + charged as taken from budget_windows`))[0]?.taken
    await ledger.takeSlab(ask)
    way.deafen()
    await expect(ledger.takeSlab(ask)).rejects.toMatchObject({ kind: 'unavailable' })
    expect(await taken()).toBe(200n)
    way.mend()
    await until(async () => (await taken()) === 100n)
  })
})

describe('a journal that an earlier process left', () => {
  it('is taken over but for what the database refuses, which is kept beside it', async () => {
    const directory = newDirectory()
    const good = charging('team', 5n)
    const tooMuch = charging('team', 2n ** 70n)
    const lines = [good, tooMuch, charging('team', 6n)].map(record => journalLine({ type: 'record', record }))
    writeFileSync(join(directory, 'ledger.journal'), [journalHeader, ...lines].join(''))
    const errors: string[] = []
    const ledger = await open({ dataDirectory: directory, onError: error => errors.push(error.message) })
    expect((await ledger.budgets([window]))[0]?.settled).toBe(11n)
    expect(readFileSync(join(directory, 'ledger.refused'), 'utf8')).toBe(lines[1])
    expect(errors).toEqual([expect.stringContaining(`record ${tooMuch.attempt.id} of its journal, and keeps it in`)])
    expect(statSync(join(directory, 'ledger.journal')).size).toBe(journalHeader.length)
  })

  it('counts once where the database has it already', async () => {
    const directory = newDirectory()
    const record = charging('team', 5n)
    const first = await open({ dataDirectory: directory })
    await first.commit(record)
    await first.dispose()
    writeFileSync(join(directory, 'ledger.journal'), `${journalHeader}${journalLine({ type: 'record', record })}`)
    const next = await open({ dataDirectory: directory })
    expect((await next.budgets([window]))[0]?.settled).toBe(5n)
  })
})

describe('reports that take long', () => {
  it('keep nobody from budgets, nor make the database seem away', async context => {
    const place = await newPlace('PostgreSQL')
    if (place?.url === undefined) return context.skip('no PostgreSQL')
    const ledger = await open({ url: place.url, timeoutMs: 300, leaseMs: 300 })
    const errors: unknown[] = []
    const other = new pg.Client(place.url)
    await other.connect()
    onTestFinished(() => other.end())
    await other.query('begin; lock table ledger_requests in access exclusive mode')
    const slow = Array.from({ length: 4 }, () => ledger.entry('any').catch((error: unknown) => void errors.push(error)))
    // of the four two wait for the table, and two for a connection, which they give up waiting for
    await until(() => errors.length > 0)
    expect(errors[0]).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('is busy') })
    expect(ledger.isAway).toBe(false)
    expect(await ledger.budgets([window])).toEqual([{ ...window, settled: 0n, reserved: 0n, charged: 0n }])
    await other.query('rollback')
    await Promise.all(slow)
  })
})

describe('an embedded database that another program holds', () => {
  it('lets records wait in the journal until it is free', async () => {
    const directory = newDirectory()
    const ledger = await open({ dataDirectory: directory, timeoutMs: 50 })
    const other = new DatabaseSync(join(directory, 'ledger.db'))
    onTestFinished(() => other.close())
    other.exec('begin immediate')
    await ledger.commit(charging('team', 5n))
    expect(ledger.isAway).toBe(true)
    other.exec('rollback')
    await until(() => !ledger.isAway)
    expect((await ledger.budgets([window]))[0]?.settled).toBe(5n)
  })
})

describe('a password of the database', () => {
  const secret = 'correct-horse'

  it.each([
    ['a port where nothing listens', `postgres://user:${secret}@127.0.0.1:1/ledger`],
    ['a host that does not exist', `postgres://user:${secret}@ledger.invalid/ledger`],
    ['another protocol', `mysql://user:${secret}@127.0.0.1/ledger`],
    ['a text that is no URL', `user:${secret}@127.0.0.1`],
    ['a password that is not encoded', `postgres://user:1/${secret}@127.0.0.1/ledger`],
    ['another one', `postgres://user:1#${secret}@127.0.0.1/ledger`],
    ['a URL that cannot be read', `postgres://user:${secret}@[::bad/ledger`],
  ])('is in no error where the URL names %s', async (_, url) => {
    const error: unknown = await openLedger({ url, dataDirectory: newDirectory(), timeoutMs: 500 }).catch(
      caught => caught,
    )
    expect(error).toMatchObject({ kind: expect.stringMatching(/^(unavailable|invalid-request)$/) })
    const { stack, cause } = error as Error
    expect(`${stack} ${String(cause)} ${JSON.stringify(error)}`).not.toContain(secret)
  })
})

describe('a record that no database could keep', () => {
  it('is refused at once by what is wrong with it', async () => {
    const ledger = await open({ dataDirectory: newDirectory() })
    await expect(ledger.commit({ attempt: attemptEntry({ cost: -1n }), charges: [] })).rejects.toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('attempt.cost must be from 0 to'),
    })
    await expect(ledger.commit({ charges: [] })).rejects.toThrow('needs an attempt or a request')
    await expect(ledger.takeSlab({ ...ask, most: 2n ** 64n })).rejects.toThrow('most must be from 0 to')
  })
})
