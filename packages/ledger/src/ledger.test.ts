import { readdirSync } from 'node:fs'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import {
  attemptEntry,
  charging,
  type DatabaseName,
  expireBehind,
  look,
  newPlace,
  open,
  requestEntry,
  until,
} from './ledgers.fixture.ts'

const window = { budget: 'team', window: 0 }

describe.each<DatabaseName>(['SQLite', 'PostgreSQL'])('the ledger in %s', database => {
  it('tells all of an entry again: usage, text of any kind, and nothing that was not said', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    const request = requestEntry({
      requestId: 'chosen by a client',
      principal: 'web',
      tags: ['a', 'ü "quoted"'],
      model: 'fast',
      target: 'lab/tiny',
      attempts: 2,
      finishReason: 'stop',
      firstTokenMs: 3.125,
      prompt: 'What is it like?',
    })
    const failed = attemptEntry({
      callId: request.id,
      requestId: request.requestId,
      outcome: 'failed',
      errorKind: 'overloaded',
      status: 529,
      cost: 2n ** 62n,
      costIs: 'bound',
      estimate: 12n,
    })
    const completed = attemptEntry({
      callId: request.id,
      requestId: request.requestId,
      at: failed.at + 10,
      attempt: 2,
      usage: {
        input: { uncached: 10, cacheRead: 2, cacheWrite: { '5m': 3, '1h': 4 } },
        output: { text: 5, reasoning: 6 },
        units: { searches: 2 },
        raw: { prompt_tokens: 19 },
      },
    })
    await ledger.commit({ attempt: failed, charges: [] })
    await ledger.commit({ attempt: completed, request, charges: [] })
    expect(await ledger.entry(request.requestId)).toEqual([{ request, attempts: [failed, completed] }])
    expect((await look(place, sql`select input_cache_write from ledger_attempts where status is null`))[0]).toEqual({
      input_cache_write: 7n,
    })
  })

  it('keeps requests apart that clients gave one id, and attempts whose request never ended', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    const requestId = 'again'
    const requests = [requestEntry({ requestId, at: 1 }), requestEntry({ requestId, at: 2 })]
    for (const request of requests) {
      const attempt = attemptEntry({ requestId, callId: request.id })
      await ledger.commit({ attempt, request, charges: [] })
    }
    const orphan = attemptEntry({ requestId, callId: 'died' })
    await ledger.commit({ attempt: orphan, charges: [] })
    const found = await ledger.entry(requestId)
    expect(found.map(({ request }) => request?.id)).toEqual([requests[0]?.id, requests[1]?.id, undefined])
    expect(found.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1])
    expect(await ledger.entry('unheard of')).toEqual([])
  })

  it('takes text that a database would choke on, and request ids of any length', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    const requestId = `${'long '.repeat(5000)}\0`
    await ledger.commit({ request: requestEntry({ requestId, prompt: 'nul \0, half \ud83d, whole 😀' }), charges: [] })
    const [entry] = await ledger.entry(requestId)
    expect(entry?.request?.prompt).toBe('nul \ufffd, half \ufffd, whole 😀')
  })

  it('reports by tags that hold what a database would choke on', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    await ledger.commit({ attempt: attemptEntry({ tags: ['nul \0', 'half \ud83d'] }), charges: [] })
    const { by } = await ledger.usage({}, { by: ['tag'] })
    expect(by.tag?.map(({ name }) => name).sort()).toEqual(['half \ufffd', 'nul \ufffd'])
  })

  it('keeps a record whose raw usage is no JSON, without that', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    const endless: Record<string, unknown> = { tokens: 3 }
    endless.self = endless
    for (const raw of [{ tokens: 3n }, endless]) {
      const kept = { input: { uncached: 3, cacheRead: 0, cacheWrite: {} }, output: { text: 1, reasoning: 0 } }
      // a provider in plain JavaScript may say anything
      const attempt = attemptEntry({ usage: { ...kept, raw: raw as never } })
      await ledger.commit({ attempt, charges: [] })
      const [entry] = await ledger.entry(attempt.requestId)
      expect(entry?.attempts).toEqual([{ ...attempt, usage: kept }])
    }
    expect(ledger.isAway).toBe(false)
  })

  it('writes what many ask for at once in few transactions', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    const count = 1000
    await Promise.all(Array.from({ length: count }, () => ledger.commit(charging('team', 3n))))
    expect((await ledger.budgets([window]))[0]?.settled).toBe(3n * BigInt(count))
    if (database === 'SQLite') return
    const transactions = sql<{ n: bigint }>`select count(distinct xmin::text) as n from ledger_attempts`
    expect((await look(place, transactions))[0]?.n).toBeLessThanOrEqual(3n)
  })

  it('fails one record that does not fit, and takes those beside it', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    await ledger.commit(charging('full', 2n ** 63n - 1n))
    const outcomes = await Promise.allSettled([
      ledger.commit(charging('team', 1n)),
      ledger.commit(charging('full', 1n)),
      ledger.commit(charging('team', 2n)),
      ledger.commit(charging('team', 4n)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({
      reason: {
        kind: 'invalid-request',
        message: expect.stringMatching(/^The ledger cannot record record attempt-\d+: /),
      },
    })
    expect((await ledger.budgets([window]))[0]?.settled).toBe(7n)
    expect(ledger.isAway).toBe(false)
  })

  it('keeps the slabs of those who live, and charges those of a process that died', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ask = { ...window, limit: 1000n, least: 100n, most: 100n }
    const dying = await open(place)
    await dying.takeSlab(ask)
    await dying.dispose()
    const ledger = await open({ ...place, leaseMs: 1500 })
    const kept = await ledger.takeSlab(ask)
    if (!kept.granted) throw new Error('refused')
    const { slab } = kept
    const [died] = await look(place, sql<{ id: string }>`select id from budget_slabs where id <> ${slab}`)
    if (place.url !== undefined) await expireBehind(place, died?.id as string)
    const lease = async () =>
      (await look(place, sql<{ ends: bigint }>`select expires_at as ends from budget_slabs where id = ${slab}`))[0]
        ?.ends ?? 0n
    const before = await lease()
    // nobody asks for anything: the heartbeat does it
    const standing = sql<{ reserved: bigint; charged: bigint }>`select reserved, charged from budget_windows`
    await until(async () => (await look(place, standing))[0]?.charged === 100n)
    await until(async () => (await lease()) > before)
    expect(await look(place, standing)).toEqual([{ reserved: 100n, charged: 100n }])
  })

  it('goes through the same slabs and windows from two sides without a deadlock', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const errors: Error[] = []
    const first = await open({ ...place, leaseMs: 50, maxBatch: 5, onError: error => errors.push(error) })
    const second = place.url === undefined ? first : await open({ url: place.url, leaseMs: 50, maxBatch: 5 })
    const budgets = ['a', 'b', 'c', 'd']
    const slabs: { budget: string; slab: string }[] = []
    for (const budget of budgets)
      for (let count = 0; count < 3; count += 1) {
        const taken = await first.takeSlab({ budget, window: 0, limit: 10n ** 9n, least: 1000n, most: 1000n })
        if (taken.granted) slabs.push({ budget, slab: taken.slab })
      }
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => {
        const turned = [...slabs.slice(index % slabs.length), ...slabs.slice(0, index % slabs.length)]
        const charges = turned.map(({ budget, slab }) => ({
          budget,
          window: 0,
          amount: 1n,
          slabs: [{ slab, amount: 1n }],
        }))
        return (index % 2 === 0 ? first : second).commit({ attempt: attemptEntry(), charges })
      }),
    )
    for (const { slab } of slabs) await second.closeSlab(slab)
    const standings = await first.budgets(budgets.map(budget => ({ budget, window: 0 })))
    expect(standings).toEqual(budgets.map(budget => ({ budget, window: 0, settled: 600n, reserved: 0n, charged: 0n })))
    expect(errors).toEqual([])
    if (place.url === undefined) return
    await Promise.all([first.dispose(), second.dispose()])
    const deadlocks = sql`select deadlocks from pg_stat_database where datname = current_database()`
    expect(await look(place, deadlocks)).toEqual([{ deadlocks: 0n }])
  })

  it('waits for what is under way when it is disposed, and takes nothing after', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    const committing = Promise.all(Array.from({ length: 50 }, () => ledger.commit(charging('team', 1n))))
    await Promise.all([ledger.dispose(), ledger.dispose()])
    await committing
    await expect(ledger.commit(charging('team', 1n))).rejects.toMatchObject({ kind: 'unavailable' })
    const next = await open(place)
    expect((await next.budgets([window]))[0]?.settled).toBe(50n)
  })

  it('goes on as it did when it is asked something wrong', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const failures: Error[] = []
    const ledger = await open({ ...place, onError: error => failures.push(error) })
    await expect(ledger.usage({ from: 'yesterday' })).rejects.toMatchObject({ kind: 'invalid-request', param: 'from' })
    expect(ledger.isAway).toBe(false)
    expect(failures).toEqual([])
    await expect(ledger.usage()).resolves.toBeDefined()
  })

  it('says where it is', async context => {
    const place = await newPlace(database)
    if (place === undefined) return context.skip('no PostgreSQL')
    const ledger = await open(place)
    if (place.url === undefined) expect(ledger.place).toBe(`${place.dataDirectory}/ledger.db`)
    else expect(ledger.place).toMatch(/^PostgreSQL at [^@]+:\d+\/switchyard_test_/)
    const { dataDirectory } = place
    expect(readdirSync(dataDirectory as string)).toContain('ledger.journal')
  })
})

describe('a ledger without a place', () => {
  it('is refused, and told what it needs', async () => {
    await expect(open({})).rejects.toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('a `url` of PostgreSQL, or a `dataDirectory`'),
    })
  })
})
