import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { AttemptRow, LedgerDatabase, RequestRow } from '../schema.ts'
import type { TimeRange } from './usage-spans.ts'

export interface RawEntries {
  /** Whether those that are in the roll-ups, or those that are not. */
  readonly rolledUp: boolean
  readonly range?: Partial<TimeRange>
  /** Those behind this one, by time and id. */
  readonly after?: { readonly at: bigint; readonly id: string } | undefined
  readonly limit: number
}

const common = ['id', 'at', 'principal', 'tags', 'operation', 'target', 'outcome', 'error_kind'] as const
const latencies = ['latency_ms', 'first_token_ms'] as const
const attemptColumns = [
  ...common,
  ...latencies,
  'chains',
  'provider',
  'input_uncached',
  'input_cache_read',
  'cache_write_lifetimes',
  'output_text',
  'output_reasoning',
  'cost',
  'cost_is',
  'estimate',
] as const
const requestColumns = [...common, ...latencies, 'chain'] as const

export type RawAttempt = Pick<AttemptRow, (typeof attemptColumns)[number]>
export type RawRequest = Pick<RequestRow, (typeof requestColumns)[number]>

/** Attempts in the order of time, as far as roll-ups are made of them. */
export async function readRawAttempts(
  database: Kysely<LedgerDatabase>,
  entries: RawEntries,
): Promise<readonly RawAttempt[]> {
  const from = sql<RawAttempt>`select ${columns(attemptColumns)} from ledger_attempts`
  return (await sql<RawAttempt>`${from} ${chosen(entries)}`.execute(database)).rows
}

/** Requests in the order of time, as far as roll-ups are made of them. */
export async function readRawRequests(
  database: Kysely<LedgerDatabase>,
  entries: RawEntries,
): Promise<readonly RawRequest[]> {
  const from = sql<RawRequest>`select ${columns(requestColumns)} from ledger_requests`
  return (await sql<RawRequest>`${from} ${chosen(entries)}`.execute(database)).rows
}

function columns(names: readonly string[]): RawBuilder<unknown> {
  return sql.join(names.map(name => sql.ref(name)))
}

function chosen({ rolledUp, range, after, limit }: RawEntries): RawBuilder<unknown> {
  // a literal: SQLite takes the index of what is not rolled up only for one
  const conditions = [sql`rolled_up = ${sql.lit(rolledUp ? 1 : 0)}`]
  if (range?.from !== undefined) conditions.push(sql`at >= ${range.from}`)
  if (range?.to !== undefined) conditions.push(sql`at < ${range.to}`)
  if (after !== undefined) conditions.push(sql`(at, id) > (${after.at}, ${after.id})`)
  return sql`where ${sql.join(conditions, sql` and `)} order by at, id limit ${limit}`
}
