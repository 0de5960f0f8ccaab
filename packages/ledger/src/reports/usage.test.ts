import { VirtualClock } from '@switchyard/core/testing'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { attempt, request } from './entries.fixture.ts'
import { insertEntries, noPostgres, openTestPostgres, openTestSqlite } from './report-databases.fixture.ts'
import { deleteOldEntries } from './retention.ts'
import { rollUp } from './roll-up.ts'
import { usage } from './usage.ts'
import { usageSummary } from './usage-summary.ts'
import { UsageUpkeep } from './usage-upkeep.ts'

const hour = 3_600_000
const at = Date.UTC(2026, 10, 21, 10)

describe.each([
  { name: 'SQLite', open: openTestSqlite, skip: undefined },
  { name: 'PostgreSQL', open: openTestPostgres, skip: noPostgres },
])('a report on $name', ({ open, skip }) => {
  it.skipIf(skip)('tells what an accountant would', async () => {
    await using database = await open()
    const { connections } = database
    const usageParts = {
      input: { uncached: 100, cacheRead: 40, cacheWrite: { '5m': 7 } },
      output: { text: 20, reasoning: 5 },
    }
    await insertEntries(connections, {
      attempts: [
        attempt({ at, cost: 4n, usage: usageParts, latencyMs: 10, principal: 'web' }),
        attempt({
          at,
          target: 'groq/oss',
          cost: 3n,
          costIs: 'bound',
          estimate: 1n,
          outcome: 'failed',
          errorKind: 'timeout',
          principal: 'web',
        }),
        attempt({
          at,
          cost: 0n,
          costIs: 'nothing',
          outcome: 'cancelled',
          errorKind: 'aborted',
          tags: ['night', 'night'],
        }),
      ],
      requests: [
        request({ at, target: 'openai/gpt', principal: 'web' }),
        request({ at, outcome: 'cancelled', errorKind: 'aborted', tags: ['night'] }),
      ],
    })
    const report = await usage(connections.reading, {}, { by: ['model', 'key', 'tag'] })
    expect(report.total).toMatchObject({
      requests: { total: 2, completed: 1, failed: 0, cancelled: 1 },
      attempts: { total: 3, completed: 1, failed: 1, cancelled: 1 },
      errors: { timeout: 1, aborted: 1 },
      errorRate: 0.5,
      cost: {
        total: 7n,
        bounds: { attempts: 1, cost: 3n, estimate: 1n },
        unknown: { attempts: 0, cost: 0n, estimate: 0n },
      },
      // 3.5, rounded
      averageCostPerRequest: 4n,
      tokens: {
        total: 172,
        input: { uncached: 100, cacheRead: 40, cacheWrite: { '5m': 7 } },
        output: { text: 20, reasoning: 5 },
      },
      latency: { count: 1, p50: 10, p95: 10, p99: 10 },
      firstToken: { count: 0 },
    })
    expect(report.by.model?.map(({ name, requests, cost }) => [name, requests.total, cost.total])).toEqual([
      ['openai/gpt', 1, 4n],
      ['groq/oss', 0, 3n],
      [undefined, 1, 0n],
    ])
    expect(report.by.key?.map(({ name, costShare }) => [name, costShare])).toEqual([
      ['web', 1],
      [undefined, 0],
    ])
    expect(report.by.tag?.map(({ name, attempts }) => [name, attempts.total])).toEqual([
      [undefined, 2],
      ['night', 1],
    ])
    expect(usageSummary(report)).toEqual({
      total_requests: 2,
      total_cost_usd: 7e-12,
      avg_cost_per_request: 4e-12,
      cost_by_model: { 'openai/gpt': 4e-12, 'groq/oss': 3e-12 },
    })
  })

  it.skipIf(skip)('adds up more money than 64 bits hold, in one hour too', async () => {
    await using database = await open()
    const most = 2n ** 63n - 1n
    await insertEntries(database.connections, {
      attempts: Array.from({ length: 9 }, () => attempt({ at, cost: most })),
    })
    expect((await usage(database.connections.reading)).total.cost.total).toBe(9n * most)
    await rollUp(database.connections, { batch: 2 })
    expect((await usage(database.connections.reading)).total.cost.total).toBe(9n * most)
  })

  it.skipIf(skip)('counts an hour that lost its entries as a whole, and says so', async () => {
    await using database = await open()
    const { connections } = database
    await insertEntries(connections, {
      attempts: [attempt({ at: at + 1, cost: 1n }), attempt({ at: at + hour, cost: 2n })],
    })
    await rollUp(connections)
    expect(await deleteOldEntries(connections, { before: at + hour + 5 })).toBe(1)
    const cut = await usage(connections.reading, { from: at - hour, to: at + hour / 2 })
    expect(cut.total.cost.total).toBe(1n)
    expect(cut.notes[0]).toContain('an hour that is cut counts where it begins')
    const whole = await usage(connections.reading, { from: at, to: at + hour })
    expect(whole).toMatchObject({ total: { cost: { total: 1n } }, notes: [] })
    expect((await usage(connections.reading, { from: at + hour, to: at + hour + 1 })).total.cost.total).toBe(2n)
  })

  it.skipIf(skip)('is of nothing where nothing was used', async () => {
    await using database = await open()
    const report = await usage(database.connections.reading, {}, { by: ['model', 'day'] })
    expect(report).toMatchObject({ total: { requests: { total: 0 }, cost: { total: 0n } }, by: { model: [], day: [] } })
    expect(report.total.averageCostPerRequest).toBeUndefined()
    expect(usageSummary(report)).toEqual({
      total_requests: 0,
      total_cost_usd: 0,
      avg_cost_per_request: 0,
      cost_by_model: {},
    })
  })

  it.skipIf(skip)('never loses what old entries cost: they go only when they are rolled up', async () => {
    await using database = await open()
    const { connections } = database
    await insertEntries(connections, { attempts: [attempt({ at, cost: 5n })] })
    expect(await deleteOldEntries(connections, { before: at + 2 * hour })).toBe(0)
    await rollUp(connections)
    expect(await deleteOldEntries(connections, { before: at + 2 * hour })).toBe(1)
    expect((await usage(connections.reading)).total.cost.total).toBe(5n)
  })

  it.skipIf(skip)('fails rather than adding for ever what cannot be marked', async () => {
    await using database = await open()
    const { connections } = database
    const entries = Array.from({ length: 5 }, () => attempt({ at, cost: 1n }))
    await insertEntries(connections, { attempts: entries })
    await sql`alter table ledger_attempts rename to real_attempts`.execute(connections.writing)
    // marks fall through it
    await sql`create view ledger_attempts as select * from real_attempts`.execute(connections.writing)
    const nothing =
      connections.dialect === 'postgres'
        ? sql`create rule never as on update to ledger_attempts do instead nothing`
        : sql`create trigger never instead of update on ledger_attempts begin select 1; end`
    await nothing.execute(connections.writing)
    await expect(rollUp(connections, { batch: 2 })).rejects.toThrow('could not be marked')
    expect((await usage(connections.reading)).total.cost.total).toBe(5n)
  })

  it.skipIf(skip)('is rolled up once by a pass, however small its steps, entries of one moment too', async () => {
    await using database = await open()
    const { connections } = database
    await insertEntries(connections, {
      attempts: Array.from({ length: 7 }, (_, index) => attempt({ at: at + (index % 2), cost: 1n })),
      requests: Array.from({ length: 4 }, () => request({ at })),
    })
    expect(await rollUp(connections, { batch: 2 })).toBe(11)
    expect(await rollUp(connections, { batch: 2 })).toBe(0)
    expect((await usage(connections.reading)).total).toMatchObject({ cost: { total: 7n }, requests: { total: 4 } })
  })

  it.skipIf(skip)('is kept up by passes that go on after one that failed, and end with dispose', async () => {
    await using database = await open()
    const { connections } = database
    const clock = new VirtualClock({ wall: at + 91 * 24 * hour })
    const errors: unknown[] = []
    let isAway = true
    const flaky = {
      ...connections,
      get writing() {
        if (isAway) throw new Error('away')
        return connections.writing
      },
    }
    const upkeep = new UsageUpkeep(flaky, { clock, everyMs: 1_000, onError: error => errors.push(error) })
    await insertEntries(connections, { attempts: [attempt({ at })] })
    const left = async () => (await connections.reading.selectFrom('ledger_attempts').select('id').execute()).length
    while (errors.length === 0) await clock.advance(1_000)
    expect(await left()).toBe(1)
    isAway = false
    while ((await left()) > 0) await clock.advance(1_000)
    await upkeep.dispose()
    expect(clock.pending).toBe(0)
    expect(errors).toContainEqual(new Error('away'))
    expect((await usage(connections.reading)).total.attempts.total).toBe(1)
  })
})
