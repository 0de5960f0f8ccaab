import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newDirectory } from '../ledgers.fixture.ts'
import { openSqlite } from './sqlite.ts'
import { SqliteThread } from './sqlite-thread.ts'

function newThread(file = join(newDirectory(), 'test.db'), busyTimeoutMs = 1000) {
  const workers: Worker[] = []
  const thread = new SqliteThread({ file, readOnly: false, busyTimeoutMs }, worker => workers.push(worker))
  onTestFinished(() => thread.close())
  const run = (text: string, ...parameters: (number | bigint | string)[]) =>
    thread.run({ sql: text, parameterSets: [parameters] })
  // as memory that ran out would end it
  const kill = async () => workers.at(-1)?.terminate()
  return { thread, file, run, kill }
}

describe('a SQLite thread', () => {
  it('makes what is committed durable at once, and lets others read meanwhile', async () => {
    const { run } = newThread()
    expect((await run('pragma synchronous')).rows).toEqual([{ synchronous: 2n }])
    expect((await run('pragma fullfsync')).rows).toEqual([{ fullfsync: 1n }])
    expect((await run('pragma journal_mode')).rows).toEqual([{ journal_mode: 'wal' }])
    expect((await run('pragma foreign_keys')).rows).toEqual([{ foreign_keys: 1n }])
  })

  it('reads 64-bit integers exactly, and counts what it changed', async () => {
    const { thread, run } = newThread()
    await run('create table t (id integer)')
    const sets = [[2n ** 63n - 1n], [-(2n ** 63n)], [7]]
    expect(await thread.run({ sql: 'insert into t values (?) returning id', parameterSets: sets })).toEqual({
      rows: [{ id: 2n ** 63n - 1n }, { id: -(2n ** 63n) }, { id: 7n }],
      changes: 3n,
    })
    expect((await run('update t set id = 1 where id < ?', 10n)).changes).toBe(2n)
  })

  it('tells what SQLite refused, and goes on', async () => {
    const { run } = newThread()
    await expect(run('select * from nowhere')).rejects.toMatchObject({
      resultCode: 1,
      message: 'no such table: nowhere',
    })
    await run('create table t (id integer primary key)')
    await run('insert into t values (1)')
    await expect(run('insert into t values (1)')).rejects.toMatchObject({ resultCode: 1555 })
    expect((await run('select count(*) as n from t')).rows).toEqual([{ n: 1n }])
  })

  it('gives up waiting for who holds the file, in time', async () => {
    const { file, run } = newThread()
    await run('create table t (id integer)')
    await run('begin immediate')
    const { run: other } = newThread(file, 20)
    await expect(other('insert into t values (1)')).rejects.toMatchObject({ resultCode: 5 })
    await run('rollback')
    await other('insert into t values (1)')
  })

  it('is refused once closed', async () => {
    const { thread, run } = newThread()
    await run('select 1')
    await Promise.all([thread.close(), thread.close()])
    await expect(run('select 1')).rejects.toThrow('was closed')
  })

  it('that died is followed by another, but never in the middle of a transaction', async () => {
    const { thread, run, kill } = newThread()
    await run('create table t (id integer)')
    const generation = thread.generation()
    await thread.run({ sql: 'begin', parameterSets: [[]] }, generation)
    const insert = { sql: 'insert into t values (1)', parameterSets: [[]] }
    await thread.run(insert, generation)
    await kill()
    await expect(thread.run(insert, generation)).rejects.toThrow('ended within a transaction')
    expect((await run('select count(*) as n from t')).rows).toEqual([{ n: 0n }])
  })

  it('that dies fails what it was asked', async () => {
    const { file, run: holds } = newThread()
    await holds('begin immediate')
    const { run, kill } = newThread(file)
    const waiting = expect(run('begin immediate')).rejects.toThrow("The database's thread ended.")
    await kill()
    await waiting
  })
})

describe('transactions of the embedded database', () => {
  it('come one after another, and leave nothing when they fail', async () => {
    const database = openSqlite({ file: join(newDirectory(), 'test.db'), wall: () => 0, timeoutMs: 1000 })
    onTestFinished(() => database.dispose())
    const { writing, reading } = database
    await sql`create table t (id integer)`.execute(writing)
    const failing = writing.transaction().execute(async transaction => {
      await sql`insert into t values (1)`.execute(transaction)
      await sql`insert into t values (2)`.execute(transaction)
      throw new Error('no')
    })
    const beside = sql`insert into t values (3)`.execute(writing)
    await expect(failing).rejects.toThrow('no')
    await beside
    expect((await sql`select id from t`.execute(reading)).rows).toEqual([{ id: 3n }])
  })
})

describe('the built package', () => {
  it('finds its thread beside it', async context => {
    const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url))
    if (!existsSync(built)) return context.skip('not built')
    const script = `
      const { openLedger } = await import(${JSON.stringify(built)})
      const ledger = await openLedger({ dataDirectory: ${JSON.stringify(newDirectory())} })
      console.log((await ledger.budgets([{ budget: 'team', window: 0 }]))[0].settled)
      await ledger.dispose()`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    expect(stdout).toBe('0n\n')
  })
})
