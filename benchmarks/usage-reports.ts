// a year of traffic, rolled up and asked for:
//   node benchmarks/usage-reports.ts [--postgres 10000000] [--sqlite 1000000] [--pass 20000]
// --filled NAME takes a database of PostgreSQL that an earlier run filled and kept (--keep)
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from '../packages/ledger/node_modules/kysely/dist/index.js'
import pg from '../packages/ledger/node_modules/pg/esm/index.mjs'
import type { LedgerConnections } from '../packages/ledger/src/database/connections.ts'
import { openPostgres } from '../packages/ledger/src/database/postgres.ts'
import { insertRows } from '../packages/ledger/src/database/rows-of-json.ts'
import { openSqlite } from '../packages/ledger/src/database/sqlite.ts'
import { runMigrations } from '../packages/ledger/src/migrate.ts'
import { rollUp } from '../packages/ledger/src/reports/roll-up.ts'
import { usage } from '../packages/ledger/src/reports/usage.ts'
import {
  attemptDimension,
  dimensionKey,
  dimensionRow,
  type UsageDimension,
} from '../packages/ledger/src/reports/usage-dimension.ts'
import { facetDimension, facets, rollupNumber } from '../packages/ledger/src/reports/usage-facets.ts'

const { values } = parseArgs({
  options: {
    postgres: { type: 'string' },
    sqlite: { type: 'string' },
    pass: { type: 'string', default: '20000' },
    filled: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const databaseUrl = process.env.DATABASE_URL ?? 'postgres://root@127.0.0.1:5432/test'
const yearMs = 365 * 86_400_000
const start = Date.UTC(2025, 10, 21)
const spans = ['hour', 'day', 'month'] as const

if (values.sqlite !== undefined || values.postgres === undefined) {
  await inSqlite(checkAgainstPass)
  await inSqlite(connections => measure(connections, Number(values.sqlite ?? 1_000_000)))
}
if (values.postgres !== undefined) {
  await inPostgres(checkAgainstPass)
  await inPostgres(connections => measure(connections, Number(values.postgres)), values.filled)
}

async function inSqlite(work: (connections: LedgerConnections) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'switchyard-usage-'))
  const connections = openSqlite({ file: join(directory, 'ledger.db'), wall: Date.now, timeoutMs: 600_000 })
  try {
    await work(connections)
  } finally {
    await connections.dispose()
    await rm(directory, { recursive: true })
  }
}

async function inPostgres(work: (connections: LedgerConnections) => Promise<void>, filled?: string): Promise<void> {
  const name = filled ?? `switchyard_usage_${process.pid}`
  if (filled === undefined) await asOwner(`create database ${name}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  const connections = openPostgres({ url: url.href, timeoutMs: 3_600_000, readTimeoutMs: 3_600_000 })
  try {
    await work(connections)
  } finally {
    await connections.dispose()
    if (values.keep && work !== checkAgainstPass) console.log(`kept database ${name}`)
    else await asOwner(`drop database ${name} with (force)`)
  }
}

async function asOwner(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** Roll-ups of a small year, made by SQL as below and by the pass: they must be the same, row by row. */
async function checkAgainstPass(connections: LedgerConnections): Promise<void> {
  const { writing, dialect } = connections
  await runMigrations(connections)
  await fill(connections, 5_000)
  await rollUpBySql(connections, false)
  const bySql = await allRollups(connections)
  await sql`delete from usage_rollups`.execute(writing)
  await sql`delete from usage_dimensions`.execute(writing)
  await sql`update ledger_attempts set rolled_up = 0`.execute(writing)
  await rollUp(connections)
  const byPass = await allRollups(connections)
  if (bySql.length !== byPass.length) throw new Error(`${bySql.length} rows by SQL, ${byPass.length} by the pass`)
  for (const [at, row] of byPass.entries()) {
    if (row !== bySql[at]) throw new Error(`by SQL  ${bySql[at]}\nby pass ${row}`)
  }
  console.log(
    `\n${dialect}: ${byPass.length} rows of roll-ups made by SQL are those that the pass makes of 5,000 attempts`,
  )
}

async function allRollups({ reading }: LedgerConnections): Promise<readonly string[]> {
  const { rows } = await sql<Record<string, unknown>>`
    select d.key as what, r.* from usage_rollups r join usage_dimensions d on d.id = r.dimension`.execute(reading)
  const inOrder = (counts: unknown) => String(counts).split(' ').sort().join(' ')
  return rows
    .map(({ dimension: _, latencies, first_tokens, ...row }) => {
      const said = { ...row, latencies: inOrder(latencies), first_tokens: inOrder(first_tokens) }
      return JSON.stringify(said, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    })
    .sort()
}

async function measure(connections: LedgerConnections, count: number): Promise<void> {
  console.log(`\n${connections.dialect}: ${count.toLocaleString('en')} attempts over a year, and a request for each`)
  const isFilled = values.filled !== undefined && connections.dialect === 'postgres'
  if (!isFilled) {
    await runMigrations(connections)
    await timed('made', () => fill(connections, count))
  }
  const { rows } = await sql`select 1 from usage_rollups limit 1`.execute(connections.reading)
  if (rows.length === 0) await timed('rolled up by SQL', () => rollUpBySql(connections, true))
  if (connections.dialect === 'postgres') await sql`vacuum analyze`.execute(connections.writing)
  await measurePass(connections, Number(values.pass))
  await sizes(connections)

  const to = start + yearMs
  const all = ['model', 'provider', 'key', 'tag', 'chain'] as const
  const reports: readonly (readonly [string, Parameters<typeof usage>[1], Parameters<typeof usage>[2]])[] = [
    ['the year, totals', {}, {}],
    ['the year by model, provider, key, tag and chain', {}, { by: all }],
    ['the year by day', {}, { by: ['day'] }],
    ['the year by all of it', {}, { by: [...all, 'day'] }],
    ['the year by day in Berlin', {}, { by: ['day'], timeZone: 'Europe/Berlin' }],
    ['the year of one key by day', { key: 'key-3' }, { by: ['day'] }],
    ['the year of one key by model and day', { key: 'key-3' }, { by: ['model', 'day'] }],
    ['the year of one key and one model by day', { key: 'key-3', model: 'provider-2/model-7' }, { by: ['day'] }],
    ['the year of one tag (2 of 5) by model', { tag: 'web' }, { by: ['model'] }],
    ['the year of one provider by key', { provider: 'provider-2' }, { by: ['key'] }],
    ['30 days from half past, by model and day', { from: to - 30.02 * 86_400_000, to }, { by: ['model', 'day'] }],
    ['24 hours by model', { from: to - 86_400_000, to }, { by: ['model'] }],
  ]
  for (const [name, filter, options] of reports) {
    const times: number[] = []
    let requests = 0
    const cpu = cpuMs(connections)
    for (let round = 0; round < 4; round++) {
      const began = performance.now()
      requests = (await usage(connections.reading, filter, options)).total.requests.total
      times.push(performance.now() - began)
    }
    const used = Math.round((cpuMs(connections) - cpu) / 4)
    const [first = 0, ...others] = times.map(time => Math.round(time))
    const said = `first ${String(first).padStart(6)} ms, then ${others.join(', ')} ms, ${used} ms CPU each`
    console.log(`${name.padEnd(50)} ${said} (${requests} requests; load ${loadavg()[0]?.toFixed(1)})`)
  }
}

/** Of this process and, where they run here, PostgreSQL's that serve it. */
function cpuMs({ dialect }: LedgerConnections): number {
  const { user, system } = process.cpuUsage()
  let ms = (user + system) / 1000
  if (dialect === 'sqlite') return ms
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      if (!/^postgres: .*(switchyard_usage|reports_year)/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) continue
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [, , , , , , , , , , , utime, stime] = stat.slice(stat.lastIndexOf(')')).split(' ')
      ms += (Number(utime) + Number(stime)) * 10
    } catch {
      // it ended
    }
  }
  return ms
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  console.log(`${name} in ${((performance.now() - began) / 1000).toFixed(1)} s, load ${loadavg()[0]?.toFixed(1)}`)
  return result
}

/** The pass, over entries that spread over an hour, beside a writer that wants in every 5 ms. */
async function measurePass(connections: LedgerConnections, count: number): Promise<void> {
  const { dialect, writing } = connections
  await addUnrolled(connections, count)
  let longest = 0
  let ended = false
  const waits: number[] = []
  const beside = (async () => {
    while (!ended) {
      const began = performance.now()
      await writing.transaction().execute(transaction => sql`select 1`.execute(transaction))
      waits.push(performance.now() - began)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  })()
  const cpu = cpuMs(connections)
  const began = performance.now()
  const done = await rollUp(connections, { batch: dialect === 'sqlite' ? 25 : 500 })
  const took = performance.now() - began
  const used = cpuMs(connections) - cpu
  ended = true
  await beside
  if (done !== count) throw new Error(`${done} entries were rolled up`)
  waits.sort((one, other) => one - other)
  longest = waits.at(-1) ?? 0
  const half = waits[Math.floor(waits.length / 2)] ?? 0
  console.log(
    `the pass: ${count} entries in ${(took / 1000).toFixed(1)} s, ${Math.round((count * 1000) / took)} a second, ` +
      `${((used * 1000) / count).toFixed(0)} us of CPU each; other writers waited ${half.toFixed(0)} ms (half of them), ` +
      `${longest.toFixed(0)} ms at most; load ${loadavg()[0]?.toFixed(1)}`,
  )
}

async function sizes({ reading }: LedgerConnections): Promise<void> {
  for (const table of ['ledger_attempts', 'usage_rollups', 'usage_dimensions'] as const) {
    const { rows } = await sql<{ count: bigint }>`select count(*) as count from ${sql.table(table)}`.execute(reading)
    console.log(`${table.padEnd(20)} ${Number(rows[0]?.count).toLocaleString('en')} rows`)
  }
}

/** Entries of the year's last hour once more: attempts and requests, half of each. */
async function addUnrolled({ writing }: LedgerConnections, count: number): Promise<void> {
  const common = 'request_id, chain, operation, principal, tags, outcome, error_kind, latency_ms, first_token_ms'
  const ofAttempts = `call_id, chains, provider, model, target, attempt, input_uncached, input_cache_read,
    input_cache_write, output_text, output_reasoning, cost, cost_is`
  const end = start + yearMs
  const at = `${end} - 1 - at % 3600000`
  const some = `from ledger_attempts order by at desc limit ${count / 2}`
  const late = `'late-' || id`
  const run = (text: string) => sql.raw(text).execute(writing)
  await run(
    `insert into ledger_requests (id, at, ${common}, target, attempts) select ${late}, ${at}, ${common}, target, 1 ${some}`,
  )
  await run(
    `insert into ledger_attempts (id, at, ${common}, ${ofAttempts}) select ${late}, ${at}, ${common}, ${ofAttempts} ${some}`,
  )
}

/**
 * 20 models of 5 providers by 50 keys (skewed: a fifth of them makes half of the traffic) and 5 sets of tags, in 4
 * chains; one in 25 fails, so there are 10,000 combinations, and as many of requests. Times are spread like answers'.
 */
async function fill({ dialect, writing }: LedgerConnections, count: number): Promise<void> {
  const postgres = dialect === 'postgres'
  const numbers = postgres
    ? `generate_series(1::bigint, ${count}::bigint) as series(n)`
    : `(with recursive series(n) as (select 1 union all select n + 1 from series where n < ${count}) select n from series) as series`
  const id = (prefix: string) => (postgres ? `'${prefix}' || lpad(n::text, 9, '0')` : `printf('${prefix}%09d', n)`)
  const failed = `(n * 28657 % 999961) % 25 = 0`
  const latency = `(n * 7919 % 1000) * (n * 104729 % 1000)`
  const spread = `(n * 104729 % 999983)`
  const run = (text: string) => sql.raw(text).execute(writing)

  const indexes = ['at', 'request_id', 'not_rolled_up']
  if (postgres) {
    await run('alter table ledger_attempts drop constraint ledger_attempts_pkey')
    await run('alter table ledger_attempts set unlogged')
    await run('alter table ledger_attempts set (autovacuum_enabled = off)')
  }
  for (const index of indexes) await run(`drop index ledger_attempts_${index}`)
  await run(`
    insert into ledger_attempts (id, request_id, at, chain, operation, principal, tags, outcome, error_kind, latency_ms,
      first_token_ms, call_id, chains, provider, model, target, attempt, input_uncached, input_cache_read,
      input_cache_write, output_text, output_reasoning, cost, cost_is, rolled_up)
    select ${id('a')}, ${id('r')}, ${start} + n * ${Math.floor(yearMs / count)}, 'chain-' || (m % 4), 'message', 'key-' || k,
      case t when 0 then '[]' when 1 then '["web"]' when 2 then '["batch","night"]' when 3 then '["team-a","web"]'
        else '["team-b"]' end,
      case when f then 'failed' else 'completed' end, case when f then 'overloaded' end, 200 + ${latency} / 200,
      case when f then null else 100 + ${latency} / 2000 end, ${id('c')}, '["chain-' || (m % 4) || '"]',
      'provider-' || (m % 5), 'model-' || m, 'provider-' || (m % 5) || '/model-' || m, 1, n % 4000, n % 900, 0, n % 700,
      n % 90, n % 9000 * 1000000, case when f then 'bound' else 'bill' end, 1
    from (select n, (n * 7919 % 1000003) % 20 as m, 50 * ${spread} * ${spread} / (cast(999983 as bigint) * 999983) as k,
      (n * 611953 % 999979) % 5 as t, ${failed} as f from ${numbers}) as numbers`)
  await index(writing, postgres)
}

async function index(writing: LedgerConnections['writing'], postgres: boolean): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(writing)
  await run('create index ledger_attempts_at on ledger_attempts (at)')
  await run('create index ledger_attempts_request_id on ledger_attempts (request_id)')
  await run('create index ledger_attempts_not_rolled_up on ledger_attempts (at, id) where rolled_up = 0')
  if (postgres) await run('alter table ledger_attempts add primary key (id)')
}

/**
 * What the pass makes of the attempts, in minutes rather than hours. Requests have roll-ups and no rows: reports do not
 * read rows that are rolled up. Hours that know more than figures are made of the last 31 days alone, as no report
 * below reads others.
 */
async function rollUpBySql({ writing, dialect }: LedgerConnections, requests: boolean): Promise<void> {
  const run = (text: string) => sql.raw(text).execute(writing)
  const attributes = 'chains, target, provider, principal, tags, operation, outcome, error_kind, cost_is'
  const { rows } = await sql<Parameters<typeof attemptDimension>[0]>`
    select distinct ${sql.raw(attributes)} from ledger_attempts`.execute(writing)
  const ids = new Map<string, { readonly id: bigint; readonly dimension: UsageDimension }>()
  const idOf = (dimension: UsageDimension): bigint => {
    const key = dimensionKey(dimension)
    const found = ids.get(key) ?? { id: BigInt(ids.size + 1), dimension }
    ids.set(key, found)
    return found.id
  }
  await run(
    `create table seen (${attributes.replaceAll(',', ' text,')} text, ${facets.map(facet => `"${facet}" bigint`)})`,
  )
  const seen = rows.map(row => ({
    ...row,
    ...Object.fromEntries(facets.map(facet => [facet, idOf(facetDimension(facet, attemptDimension(row)))])),
  }))
  await insertRows(dialect, 'seen' as 'usage_dimensions', seen).execute(writing)
  const asRequest = 1_000_000n
  const dimensions = [...ids.values()].map(({ id, dimension }) => ({ id, ...dimensionRow(dimension) }))
  await insertRows(dialect, 'usage_dimensions', dimensions).execute(writing)
  if (requests) {
    const ofRequests = [...ids.values()].map(({ id, dimension }) => {
      return { id: id + asRequest, ...dimensionRow({ ...dimension, source: 'request', costIs: null }) }
    })
    await insertRows(dialect, 'usage_dimensions', [...new Map(ofRequests.map(row => [row.key, row])).values()]).execute(
      writing,
    )
  }

  const bucket = (column: string) => {
    const ms = `cast(a.${column} as bigint)`
    const doublings = [1, 2, 3, 4, 5, 6, 7, 8].map(
      by => `when ${ms} < ${32 * 2 ** by} then ${by * 16} + (${ms} >> ${by})`,
    )
    return `case when a.outcome <> 'completed' then null when ${ms} < 32 then ${ms} ${doublings.join(' ')} end`
  }
  const month =
    dialect === 'postgres'
      ? `cast(extract(epoch from date_trunc('month', to_timestamp(a.at / 1000) at time zone 'UTC')) as bigint) * 1000`
      : `cast(strftime('%s', a.at / 1000, 'unixepoch', 'start of month') as bigint) * 1000`
  const same = attributes
    .split(', ')
    .filter(name => name !== 'error_kind' && name !== 'operation')
    .map(name => `a.${name} = s.${name}`)
  // else PostgreSQL sorts all attempts
  await run('analyze')
  await run(`create ${dialect === 'postgres' ? 'unlogged' : ''} table narrow as
    select a.at / 3600000 * 3600000 as hour, a.at / 86400000 * 86400000 as day, ${month} as month,
      ${bucket('latency_ms')} as latency, ${bucket('first_token_ms')} as first_token, a.cost, a.input_uncached as uncached,
      a.input_cache_read as cached, a.output_text as text, a.output_reasoning as reasoning,
      ${facets.map(facet => `s."${facet}"`)}
    from ledger_attempts a join seen s on ${same.join(' and ')}`)
  await run('analyze')
  const recent = start + yearMs - 31 * 86_400_000
  const chosen = `"every" in (select "every" from seen where principal = 'key-3' and target = 'provider-2/model-7')`
  const sums =
    'sum(cost) as cost, sum(uncached) as uncached, sum(cached) as cached, sum(text) as text, sum(reasoning) as reasoning'
  for (const facet of facets) {
    for (const span of spans) {
      // of a large year, what nobody asks for below is left out
      const left = requests && facet !== 'none'
      const limit =
        facet === 'every' && span === 'day' ? `where day >= ${recent} or ${chosen}` : `where hour >= ${recent}`
      const isPart = left && (span === 'hour' || (facet === 'every' && span === 'day'))
      const narrower = spans[spans.indexOf(span) - 1]
      const isWhole = narrower !== undefined && (!left || (span === 'month' && facet !== 'every'))
      await run(`create ${dialect === 'postgres' ? 'unlogged' : ''} table ${facet}_${span} as
        select ${isWhole ? 'dimension' : `"${facet}" as dimension`}, hour, day, month, latency, first_token, sum(n) as n, ${sums}
        from (select ${isWhole ? 'dimension' : `"${facet}"`}, ${isWhole ? 'n' : '1 as n'}, cost, uncached, cached, text, reasoning, latency, first_token,
            ${spans.map((each, at) => (at < spans.indexOf(span) ? `0 as ${each}` : each))}
          from ${isWhole ? `${facet}_${narrower}` : 'narrow'} ${isPart ? limit : ''}) as entries
        group by 1, 2, 3, 4, 5, 6`)
      // else PostgreSQL takes the new table for a small one
      await run(`analyze ${facet}_${span}`)
      const histogram = (column: string) => `
        select dimension, starts_at, string_agg(bucket || ':' || n, ' ') as counts from (
          select dimension, ${span} as starts_at, ${column} as bucket, cast(sum(n) as bigint) as n from ${facet}_${span}
          where ${column} is not null group by 1, 2, 3 order by 1, 2, 3
        ) as buckets group by 1, 2`
      await run(`
        insert into usage_rollups (span, starts_at, dimension, entries, cost_milli, cost_pico, estimate_milli,
          estimate_pico, input_uncached, input_cache_read, output_text, output_reasoning, latencies, first_tokens)
        select ${rollupNumber(facet, span)}, sums.starts_at, sums.dimension, n, cost / 1000000000, cost % 1000000000, 0, 0,
          uncached, cached, text, reasoning, latencies.counts, first_tokens.counts
        from (
          select dimension, ${span} as starts_at, cast(sum(n) as bigint) as n, cast(sum(cost) as bigint) as cost,
            sum(uncached) as uncached, sum(cached) as cached, sum(text) as text, sum(reasoning) as reasoning
          from ${facet}_${span} group by 1, 2
        ) as sums
        left join (${histogram('latency')}) as latencies
          on latencies.dimension = sums.dimension and latencies.starts_at = sums.starts_at
        left join (${histogram('first_token')}) as first_tokens
          on first_tokens.dimension = sums.dimension and first_tokens.starts_at = sums.starts_at`)
    }
    for (const span of spans) await run(`drop table ${facet}_${span}`)
    console.log(`  ${facet} at ${new Date().toISOString()}`)
  }
  if (requests) {
    await run(`insert into usage_rollups select span, starts_at, dimension + ${asRequest}, entries, 0, 0, 0, 0, 0, 0, 0, 0, null,
      latencies, first_tokens from usage_rollups`)
  }
  await run('drop table narrow')
  await run('drop table seen')
}
