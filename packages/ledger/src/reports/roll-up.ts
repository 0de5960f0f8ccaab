import { type Selectable, sql, type Transaction } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import { insertRows, rowsOfJson } from '../database/rows-of-json.ts'
import type { LedgerDatabase } from '../schema.ts'
import { readRawAttempts, readRawRequests } from './raw-entries.ts'
import { addRollup, rollupSums } from './rollup-row.ts'
import {
  attemptDimension,
  coarseDimension,
  dimensionKey,
  dimensionRow,
  requestDimension,
  type UsageDimension,
} from './usage-dimension.ts'
import { coarseSpanNumbers, type Span, spanNumbers, startOf } from './usage-spans.ts'
import { UsageSums } from './usage-sums.ts'
import type { RollupTable } from './usage-tables.ts'

export type Rollable = Pick<LedgerConnections, 'dialect' | 'writing'>

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
export async function rollUp(ledger: Rollable, options: RollUpOptions = {}): Promise<number> {
  const { batch = 500, signal } = options
  let total = 0
  for (;;) {
    signal?.throwIfAborted()
    const { attempts, requests } = await ledger.writing
      .transaction()
      .execute(transaction => rollUpBatch(ledger, transaction, batch))
    total += attempts + requests
    if (attempts < batch && requests < batch) return total
  }
}

async function rollUpBatch(
  ledger: Rollable,
  database: Transaction<LedgerDatabase>,
  batch: number,
): Promise<{ readonly attempts: number; readonly requests: number }> {
  await lockState(database)
  const attempts = await readRawAttempts(database, { rolledUp: false, limit: batch })
  const requests = await readRawRequests(database, { rolledUp: false, limit: batch })
  const cells = new Cells()
  for (const row of attempts) cells.add(attemptDimension(row), Number(row.at), sums => sums.addAttempt(row))
  for (const row of requests) cells.add(requestDimension(row), Number(row.at), sums => sums.addRequest(row))
  await writeCells(ledger, database, cells)
  await mark(ledger, database, 'ledger_attempts', attempts)
  await mark(ledger, database, 'ledger_requests', requests)
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
  { dialect }: Rollable,
  transaction: Transaction<LedgerDatabase>,
  table: 'ledger_attempts' | 'ledger_requests',
  rows: readonly { readonly id: string }[],
): Promise<void> {
  if (rows.length === 0) return
  const ids = rowsOfJson(
    dialect,
    table,
    ['id'],
    rows.map(({ id }) => ({ id })),
  )
  await sql`
    update ${sql.table(table)} set rolled_up = 1 where id in (select id from ${ids} as rolled)
  `.execute(transaction)
}

interface Cell {
  readonly span: number
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
    this.#addTo(dimension, at, spanNumbers, addTo)
    this.#addTo(coarseDimension(dimension), at, coarseSpanNumbers, addTo)
  }

  #addTo(
    dimension: UsageDimension,
    at: number,
    numbers: Partial<Record<Span, number>>,
    addTo: (sums: UsageSums) => void,
  ): void {
    const key = dimensionKey(dimension)
    this.dimensions.set(key, dimension)
    for (const [span, number] of Object.entries(numbers)) {
      const startsAt = startOf(span as Span, at)
      const place = `${number} ${startsAt} ${key}`
      let cell = this.#cells.get(place)
      if (cell === undefined) {
        cell = { span: number, startsAt, dimension: key, sums: new UsageSums() }
        this.#cells.set(place, cell)
      }
      addTo(cell.sums)
    }
  }
}

async function writeCells(ledger: Rollable, transaction: Transaction<LedgerDatabase>, cells: Cells): Promise<void> {
  const ids = await dimensionIds(ledger, transaction, cells.dimensions)
  const added = cells.all.map(({ span, startsAt, dimension, sums }) => {
    const place = { span: BigInt(span), starts_at: BigInt(startsAt), dimension: ids.get(dimension) as bigint }
    return { place, sums }
  })
  if (added.length === 0) return
  const places = added.map(({ place }) => place)
  const asked = rowsOfJson(ledger.dialect, 'usage_rollups', ['span', 'starts_at', 'dimension'], places)
  const { rows } = await sql<Selectable<RollupTable>>`
    select r.* from ${asked} as asked join usage_rollups r
    on r.span = asked.span and r.starts_at = asked.starts_at and r.dimension = asked.dimension
  `.execute(transaction)
  const known = new Map(rows.map(row => [placeKey(row), row]))
  const values = added.map(({ place, sums }) => {
    const before = known.get(placeKey(place))
    if (before !== undefined) addRollup(sums, before)
    return { ...place, ...rollupSums(sums) }
  })
  await sql`
    ${insertRows(ledger.dialect, 'usage_rollups', values)} on conflict (span, starts_at, dimension) do update set ${replaced}
  `.execute(transaction)
}

function placeKey({ span, starts_at, dimension }: Pick<Selectable<RollupTable>, 'span' | 'starts_at' | 'dimension'>) {
  return `${span} ${starts_at} ${dimension}`
}

const replaced = sql.join(
  Object.keys(rollupSums(new UsageSums())).map(name => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`),
)

async function dimensionIds(
  { dialect }: Rollable,
  transaction: Transaction<LedgerDatabase>,
  dimensions: ReadonlyMap<string, UsageDimension>,
): Promise<ReadonlyMap<string, bigint>> {
  const keys = [...dimensions.keys()].map(key => ({ key }))
  if (keys.length === 0) return new Map()
  const asked = rowsOfJson(dialect, 'usage_dimensions', ['key'], keys)
  const { rows: known } = await sql<{ readonly key: string; readonly id: bigint }>`
    select d.key, d.id from ${asked} as asked join usage_dimensions d on d.key = asked.key
  `.execute(transaction)
  const ids = new Map(known.map(({ key, id }) => [key, id]))
  const added = [...dimensions].filter(([key]) => !ids.has(key))
  if (added.length === 0) return ids
  const { last } = await transaction
    .selectFrom('usage_dimensions')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow()
  const rows = added.map(([, dimension], at) => ({ id: (last ?? 0n) + BigInt(at + 1), ...dimensionRow(dimension) }))
  await insertRows(dialect, 'usage_dimensions', rows).execute(transaction)
  for (const { key, id } of rows) ids.set(key, id)
  return ids
}
