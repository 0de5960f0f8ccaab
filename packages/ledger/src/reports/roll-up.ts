import { type Kysely, sql, type Transaction } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import { readRawAttempts, readRawRequests } from './raw-entries.ts'
import { addRollup, rollupSums } from './rollup-row.ts'
import {
  attemptDimension,
  dimensionKey,
  dimensionRow,
  requestDimension,
  type UsageDimension,
} from './usage-dimension.ts'
import { type Span, spans, startOf } from './usage-spans.ts'
import { UsageSums } from './usage-sums.ts'

const everySpan = ['hour', 'day', 'month'] as const satisfies readonly Span[]

export interface RollUpOptions {
  /** Entries in one transaction, of each kind. Default 500. */
  readonly batch?: number
  readonly signal?: AbortSignal
}

/**
 * Adds entries that are in no roll-up yet to theirs, however late they came. Each is added once, whatever dies and
 * however many processes do this: an entry is marked in the transaction that adds it, and one runs at a time.
 *
 * @returns How many entries were added.
 */
export async function rollUp(database: Kysely<LedgerDatabase>, options: RollUpOptions = {}): Promise<number> {
  const { batch = 500, signal } = options
  let total = 0
  for (;;) {
    signal?.throwIfAborted()
    const { attempts, requests } = await database.transaction().execute(transaction => rollUpBatch(transaction, batch))
    total += attempts + requests
    if (attempts < batch && requests < batch) return total
  }
}

async function rollUpBatch(
  database: Transaction<LedgerDatabase>,
  batch: number,
): Promise<{ readonly attempts: number; readonly requests: number }> {
  await lockState(database)
  const attempts = await readRawAttempts(database, { rolledUp: false, limit: batch })
  const requests = await readRawRequests(database, { rolledUp: false, limit: batch })
  const cells = new Cells()
  for (const row of attempts) cells.add(attemptDimension(row), Number(row.at), sums => sums.addAttempt(row))
  for (const row of requests) cells.add(requestDimension(row), Number(row.at), sums => sums.addRequest(row))
  await writeCells(database, cells)
  await mark(database, 'ledger_attempts', attempts)
  await mark(database, 'ledger_requests', requests)
  return { attempts: attempts.length, requests: requests.length }
}

/** Until the end of the transaction nobody else rolls up or deletes. */
export async function lockState(database: Transaction<LedgerDatabase>): Promise<void> {
  await database
    .updateTable('usage_state')
    .set(({ ref }) => ({ raw_since: ref('raw_since') }))
    .execute()
}

async function mark(
  database: Transaction<LedgerDatabase>,
  table: 'ledger_attempts' | 'ledger_requests',
  rows: readonly { readonly id: string }[],
): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map(row => row.id)
  await database.updateTable(table).set({ rolled_up: 1n }).where('id', 'in', ids).execute()
}

interface Cell {
  readonly span: Span
  readonly startsAt: number
  readonly dimension: string
  readonly sums: UsageSums
}

/** What a batch adds, by row of the roll-ups. */
class Cells {
  readonly dimensions = new Map<string, UsageDimension>()
  readonly #cells = new Map<string, Cell>()

  get all(): readonly Cell[] {
    return [...this.#cells.values()]
  }

  add(dimension: UsageDimension, at: number, addTo: (sums: UsageSums) => void): void {
    const key = dimensionKey(dimension)
    this.dimensions.set(key, dimension)
    for (const span of everySpan) {
      const startsAt = startOf(span, at)
      const place = `${span} ${startsAt} ${key}`
      let cell = this.#cells.get(place)
      if (cell === undefined) {
        cell = { span, startsAt, dimension: key, sums: new UsageSums() }
        this.#cells.set(place, cell)
      }
      addTo(cell.sums)
    }
  }
}

async function writeCells(database: Transaction<LedgerDatabase>, cells: Cells): Promise<void> {
  const ids = await dimensionIds(database, cells.dimensions)
  const placed = cells.all.map(cell => ({ ...cell, id: ids.get(cell.dimension) as bigint }))
  // within what both databases take as parameters of one statement
  for (let at = 0; at < placed.length; at += 500) {
    const some = placed.slice(at, at + 500)
    const places = some.map(({ span, startsAt, id }) => sql.raw(`(${spans[span]}, ${startsAt}, ${id})`))
    const { rows } = await sql<{ span: bigint; starts_at: bigint; dimension: bigint } & ReturnType<typeof rollupSums>>`
      select * from usage_rollups where (span, starts_at, dimension) in (values ${sql.join(places)})
    `.execute(database)
    const known = new Map(rows.map(row => [`${row.span} ${row.starts_at} ${row.dimension}`, row]))
    const values = some.map(({ span, startsAt, id, sums }) => {
      const before = known.get(`${spans[span]} ${startsAt} ${id}`)
      if (before !== undefined) addRollup(sums, before)
      return { span: spans[span], starts_at: startsAt, dimension: id, ...rollupSums(sums) }
    })
    await database
      .insertInto('usage_rollups')
      .values(values)
      .onConflict(conflict =>
        conflict.columns(['span', 'starts_at', 'dimension']).doUpdateSet(({ ref }) => ({
          entries: ref('excluded.entries'),
          cost_milli: ref('excluded.cost_milli'),
          cost_pico: ref('excluded.cost_pico'),
          estimate_milli: ref('excluded.estimate_milli'),
          estimate_pico: ref('excluded.estimate_pico'),
          input_uncached: ref('excluded.input_uncached'),
          input_cache_read: ref('excluded.input_cache_read'),
          cache_writes: ref('excluded.cache_writes'),
          output_text: ref('excluded.output_text'),
          output_reasoning: ref('excluded.output_reasoning'),
          latencies: ref('excluded.latencies'),
          first_tokens: ref('excluded.first_tokens'),
        })),
      )
      .execute()
  }
}

async function dimensionIds(
  database: Transaction<LedgerDatabase>,
  dimensions: ReadonlyMap<string, UsageDimension>,
): Promise<ReadonlyMap<string, bigint>> {
  if (dimensions.size === 0) return new Map()
  const keys = [...dimensions.keys()]
  const known = await database.selectFrom('usage_dimensions').select(['key', 'id']).where('key', 'in', keys).execute()
  const ids = new Map(known.map(({ key, id }) => [key, id]))
  const added = [...dimensions].filter(([key]) => !ids.has(key))
  if (added.length === 0) return ids
  const { last } = await database
    .selectFrom('usage_dimensions')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  const rows = added.map(([, dimension], at) => ({ id: (last ?? 0n) + BigInt(at + 1), ...dimensionRow(dimension) }))
  await database.insertInto('usage_dimensions').values(rows).execute()
  for (const { key, id } of rows) ids.set(key, id)
  return ids
}
