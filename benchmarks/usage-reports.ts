// a year of traffic, rolled up and asked for: node benchmarks/usage-reports.ts [--postgres 10000000] [--sqlite 1000000]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from '../packages/ledger/node_modules/kysely/dist/index.js'
import pg from '../packages/ledger/node_modules/pg/esm/index.mjs'
import type { LedgerConnections } from '../packages/ledger/src/database/connections.ts'
import { openPostgres } from '../packages/ledger/src/database/postgres.ts'
import { openSqlite } from '../packages/ledger/src/database/sqlite.ts'
import { runMigrations } from '../packages/ledger/src/migrate.ts'
import { rollUp } from '../packages/ledger/src/reports/roll-up.ts'
import { usage } from '../packages/ledger/src/reports/usage.ts'

const { values } = parseArgs({ options: { postgres: { type: 'string' }, sqlite: { type: 'string' } } })
const databaseUrl = process.env.DATABASE_URL ?? 'postgres://root@127.0.0.1:5432/test'
const yearMs = 365 * 86_400_000
const start = Date.UTC(2025, 10, 21)

if (values.sqlite !== undefined || values.postgres === undefined) await inSqlite(Number(values.sqlite ?? 1_000_000))
if (values.postgres !== undefined) await inPostgres(Number(values.postgres))

async function inSqlite(count: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'switchyard-usage-'))
  const connections = openSqlite({ file: join(directory, 'ledger.db'), wall: Date.now, timeoutMs: 600_000 })
  try {
    await measure(connections, count)
  } finally {
    await connections.dispose()
    await rm(directory, { recursive: true })
  }
}

async function inPostgres(count: number): Promise<void> {
  const name = `switchyard_usage_${process.pid}`
  await asOwner(`create database ${name}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  // for making the year; reports sort little
  url.searchParams.set('options', '-c work_mem=256MB')
  const connections = openPostgres({ url: url.href, timeoutMs: 3_600_000, readTimeoutMs: 3_600_000 })
  try {
    await measure(connections, count)
  } finally {
    await connections.dispose()
    await asOwner(`drop database ${name} with (force)`)
  }
}

async function asOwner(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function measure(connections: LedgerConnections, count: number): Promise<void> {
  console.log(`\n${connections.dialect}: ${count.toLocaleString('en')} attempts over a year, and a request for each`)
  await runMigrations(connections)
  await timed('made', () => fill(connections, count))
  await timed('rolled up by SQL', () => rollUpBySql(connections))
  await addUnrolled(connections, 20_000)
  const rolledUp = await timed('20,000 of one hour more rolled up by the pass', () =>
    rollUp(connections, { batch: 5_000 }),
  )
  if (rolledUp !== 20_000) throw new Error(`${rolledUp} entries were rolled up`)
  if (connections.dialect === 'postgres') await sql`vacuum analyze`.execute(connections.writing)
  await sizes(connections)

  const to = start + yearMs
  const all = ['model', 'provider', 'key', 'tag', 'chain'] as const
  const reports: readonly (readonly [string, Parameters<typeof usage>[1], Parameters<typeof usage>[2]])[] = [
    ['the year, totals', {}, {}],
    ['the year by model, provider, key, tag and chain', {}, { by: all }],
    ['the year by day', {}, { by: ['day'] }],
    ['the year by all of it', {}, { by: [...all, 'day'] }],
    ['the year by day in Berlin', {}, { by: ['day'], timeZone: 'Europe/Berlin' }],
    ['the year of one key by model and day', { key: 'key-3' }, { by: ['model', 'day'] }],
    ['30 days from half past, by model and day', { from: to - 30.02 * 86_400_000, to }, { by: ['model', 'day'] }],
    ['24 hours by model', { from: to - 86_400_000, to }, { by: ['model'] }],
  ]
  for (const [name, filter, options] of reports) {
    const times: number[] = []
    let requests = 0
    for (let round = 0; round < 4; round++) {
      const began = performance.now()
      requests = (await usage(connections.reading, filter, options)).total.requests.total
      times.push(performance.now() - began)
    }
    const [first = 0, ...others] = times.map(time => Math.round(time))
    console.log(`${name.padEnd(50)} first ${String(first).padStart(6)} ms, then ${others.join(', ')} ms (${requests})`)
  }
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const result = await work()
  console.log(`${name} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return result
}

async function sizes({ reading }: LedgerConnections): Promise<void> {
  for (const table of ['ledger_attempts', 'usage_rollups', 'usage_dimensions'] as const) {
    const { rows } = await sql<{ count: bigint }>`select count(*) as count from ${sql.table(table)}`.execute(reading)
    console.log(`${table.padEnd(20)} ${Number(rows[0]?.count).toLocaleString('en')} rows`)
  }
}

/** 6 models by 3 chains, 8 keys and 3 sets of tags; one in 25 fails; times are spread like those of answers. */
async function fill({ dialect, writing }: LedgerConnections, count: number): Promise<void> {
  const postgres = dialect === 'postgres'
  const n = sql.ref('n')
  const numbers = postgres
    ? sql`generate_series(1::bigint, ${sql.lit(count)}::bigint) as series(n)`
    : sql`(with recursive series(n) as (select 1 union all select n + 1 from series where n < ${sql.lit(count)}) select n from series) as series`
  // the same everywhere: chosen by the number
  const pick = (factor: number, of: number) => sql`((${n} * ${sql.lit(factor)} / 65536) % ${sql.lit(of)})`
  const one = (names: readonly string[], index: unknown) =>
    sql`case ${index} ${sql.join(
      names.map((name, at) => sql`when ${sql.lit(at)} then ${sql.lit(name)}`),
      sql` `,
    )} end`
  const model = pick(40_503, 6)
  const chain = one(['fast', 'cheap', 'night'], pick(30_011, 3))
  const key = sql`'key-' || ${pick(50_021, 8)}`
  const tags = one(['[]', '["web"]', '["batch","night"]'], pick(61_001, 3))
  const failed = sql`${pick(28_657, 25)} = 0`
  const outcome = sql`case when ${failed} then 'failed' else 'completed' end`
  const error = sql`case when ${failed} then 'overloaded' end`
  const at = sql`${sql.lit(start)} + ${n} * ${sql.lit(Math.floor(yearMs / count))}`
  const latency = sql`(200 + (${n} * 7919 % 1000) * (${n} * 104729 % 1000) / 200)`
  const id = (prefix: string) =>
    postgres ? sql`${sql.lit(prefix)} || lpad(n::text, 9, '0')` : sql`printf(${sql.lit(`${prefix}%09d`)}, n)`
  const names = ['openai/gpt', 'openai/gpt-mini', 'anthropic/claude', 'anthropic/haiku', 'gemini/flash', 'groq/oss']
  const target = one(names, model)
  const provider = one(['openai', 'openai', 'anthropic', 'anthropic', 'gemini', 'groq'], model)

  const dropped = ['at', 'request_id', 'not_rolled_up']
  if (postgres) await sql`alter table ledger_attempts drop constraint ledger_attempts_pkey`.execute(writing)
  for (const table of ['ledger_attempts', 'ledger_requests']) {
    for (const index of dropped) await sql`drop index if exists ${sql.ref(`${table}_${index}`)}`.execute(writing)
  }
  await sql`
    insert into ledger_attempts (id, request_id, at, chain, operation, principal, tags, outcome, error_kind, latency_ms,
      first_token_ms, call_id, chains, provider, model, target, attempt, input_uncached, input_cache_read,
      input_cache_write, output_text, output_reasoning, cost, cost_is, rolled_up)
    select ${id('a')}, ${id('r')}, ${at}, ${chain}, 'message', ${key}, ${tags}, ${outcome}, ${error}, ${latency},
      ${latency}, ${id('c')}, '["' || ${chain} || '"]', ${provider}, ${target}, ${target}, 1, n % 4000, n % 900,
      0, n % 700, n % 90, n % 9000 * 1000000, case when ${failed} then 'bound' else 'bill' end, 1
    from ${numbers}
  `.execute(writing)
  for (const table of ['ledger_attempts', 'ledger_requests']) {
    await sql`create index ${sql.ref(`${table}_at`)} on ${sql.table(table)} (at)`.execute(writing)
    await sql`create index ${sql.ref(`${table}_not_rolled_up`)} on ${sql.table(table)} (at, id) where rolled_up = 0`.execute(
      writing,
    )
  }
  if (postgres) await sql`alter table ledger_attempts add primary key (id)`.execute(writing)
}

/**
 * What the pass makes of the attempts, in minutes rather than the hours that a year takes. Requests have roll-ups and
 * no rows: reports do not read rows that are rolled up.
 */
async function rollUpBySql({ writing, dialect }: LedgerConnections): Promise<void> {
  if (dialect === 'postgres') await sql`alter table ledger_attempts set (autovacuum_enabled = off)`.execute(writing)
  const fields = sql`chains, target, provider, principal, tags, operation, outcome, error_kind, cost_is`
  await sql`create table seen as select ${fields}, row_number() over () as id,
    20000 + case when outcome = 'completed' then 1 else 2 end as coarse from ledger_attempts group by ${fields}`.execute(
    writing,
  )
  const columns = sql`(id, key, source, ${fields})`
  await sql`insert into usage_dimensions ${columns} select id, 'a' || id, 'attempt', ${fields} from seen`.execute(
    writing,
  )
  await sql`insert into usage_dimensions ${columns} select id + 10000, 'r' || id, 'request', ${fields} from seen`.execute(
    writing,
  )
  await sql`insert into usage_dimensions ${columns}
    select coarse, 'c' || coarse, 'attempt', '[]', null, null, null, '[]', '', outcome, error_kind, cost_is
    from seen group by coarse, outcome, error_kind, cost_is`.execute(writing)
  await sql`analyze`.execute(writing)
  const doubling = sql`case when w < 32 then 0 ${sql.join(
    [1, 2, 3, 4, 5, 6, 7].map(by => sql`when w < ${sql.lit(32 * 2 ** by)} then ${sql.lit(by)}`),
    sql` `,
  )} else 8 end`
  const key = sql`a.chains = s.chains and a.target = s.target and a.principal = s.principal and a.tags = s.tags and a.outcome = s.outcome`
  // one row for each hour, dimension and bucket: what all roll-ups are made of
  await sql`create table cells as
    select hour, dimension, bucket, sum(n) as n, sum(cost) as cost, sum(uncached) as uncached, sum(read) as read,
      sum(text) as text, sum(reasoning) as reasoning
    from (
      select hour, dimension, completed * ((${doubling}) * 16 + (w >> (${doubling}))) as bucket, 1 as n, cost, uncached,
        read, text, reasoning
      from (
        select a.at / 3600000 * 3600000 as hour, s.id as dimension, cast(floor(a.latency_ms) as bigint) as w, a.cost,
          case when a.outcome = 'completed' then 1 else null end as completed, a.input_uncached as uncached,
          a.input_cache_read as read, a.output_text as text, a.output_reasoning as reasoning
        from ledger_attempts a join seen s on ${key}
      ) as entries
    ) as buckets group by hour, dimension, bucket`.execute(writing)
  await sql`analyze`.execute(writing)
  const month =
    dialect === 'postgres'
      ? sql`cast(extract(epoch from date_trunc('month', to_timestamp(hour / 1000) at time zone 'UTC')) as bigint) * 1000`
      : sql`cast(strftime('%s', hour / 1000, 'unixepoch', 'start of month') as bigint) * 1000`
  const day = sql`hour / 86400000 * 86400000`
  const hour = sql`hour`
  const fine = sql`c.dimension`
  const coarse = sql`s.coarse`
  for (const [span, start, dimension] of [
    [0, hour, fine],
    [1, day, fine],
    [2, month, fine],
    [3, hour, coarse],
    [4, day, coarse],
  ] as const) {
    await sql`create table wider as select ${dimension} as dimension, ${start} as starts_at, bucket, sum(n) as n,
      sum(cost) as cost, sum(uncached) as uncached, sum(read) as read, sum(text) as text, sum(reasoning) as reasoning
      from cells c join seen s on s.id = c.dimension group by 1, 2, 3`.execute(writing)
    await sql`insert into usage_rollups (span, starts_at, dimension, entries, cost_milli, cost_pico, estimate_milli,
        estimate_pico, input_uncached, input_cache_read, output_text, output_reasoning, latencies, first_tokens)
      select ${sql.lit(span)}, starts_at, dimension, sum(n), cast(sum(cost) as bigint) / 1000000000,
        cast(sum(cost) as bigint) % 1000000000, 0, 0, sum(uncached), sum(read), sum(text), sum(reasoning),
        string_agg(bucket || ':' || n, ' '), string_agg(bucket || ':' || n, ' ')
      from wider group by starts_at, dimension`.execute(writing)
    await sql`drop table wider`.execute(writing)
  }
  await sql`insert into usage_rollups select span, starts_at, dimension + 10000, entries, 0, 0, 0, 0, 0, 0, 0, 0, null,
    latencies, null from usage_rollups where span < 3`.execute(writing)
  await sql`drop table cells`.execute(writing)
  await sql`drop table seen`.execute(writing)
}

/** Attempts of the year's last hour once more. */
async function addUnrolled({ writing }: LedgerConnections, count: number): Promise<void> {
  const names = sql`request_id, chain, operation, principal, tags, outcome, error_kind, latency_ms, first_token_ms,
    call_id, chains, provider, model, target, attempt, input_uncached, input_cache_read, input_cache_write, output_text,
    output_reasoning, cost, cost_is`
  const end = start + yearMs
  await sql`insert into ledger_attempts (id, at, ${names})
    select 'late-' || id, ${sql.lit(end)} - 1 - at % 3600000, ${names} from ledger_attempts limit ${sql.lit(count)}`.execute(
    writing,
  )
}
