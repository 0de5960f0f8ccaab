import { type Selectable, sql, type Transaction } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import { insertEach } from '../database/insert-each.ts'
import { insertRows, rowsOfJson } from '../database/rows-of-json.ts'
import type { LedgerDatabase } from '../schema.ts'
import { type RawAttempt, type RawEntries, type RawRequest, readRawAttempts, readRawRequests } from './raw-entries.ts'
import { RollupCells } from './rollup-cells.ts'
import { addRollup, rollupSums } from './rollup-row.ts'
import { attemptDimension, dimensionRow, requestDimension, type UsageDimension } from './usage-dimension.ts'
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
 * however many processes do this: an entry is marked in the transaction that adds it, and one runs at a time. Goes
 * through entries in the order of time once; what comes behind it meanwhile is for the next pass.
 *
 * @returns How many entries were added.
 */
export async function rollUp(ledger: Rollable, options: RollUpOptions = {}): Promise<number> {
  const { batch = 500, signal } = options
  let total = 0
  let place: Place = {}
  for (;;) {
    signal?.throwIfAborted()
    const { attempts, requests } = await ledger.writing
      .transaction()
      .execute(transaction => rollUpBatch(ledger, transaction, batch, place))
    total += attempts.length + requests.length
    if (attempts.length < batch && requests.length < batch) return total
    // what was marked lies before it: nobody steps over it again, and no pass is endless
    place = { attempts: attempts.at(-1) ?? place.attempts, requests: requests.at(-1) ?? place.requests }
  }
}

type Behind = RawEntries['after']
interface Place {
  readonly attempts?: Behind
  readonly requests?: Behind
}

async function rollUpBatch(
  ledger: Rollable,
  database: Transaction<LedgerDatabase>,
  batch: number,
  place: Place,
): Promise<{ readonly attempts: readonly RawAttempt[]; readonly requests: readonly RawRequest[] }> {
  await lockState(database)
  const fresh = { rolledUp: false, limit: batch }
  const attempts = await readRawAttempts(database, { ...fresh, after: place.attempts })
  const requests = await readRawRequests(database, { ...fresh, after: place.requests })
  const cells = new RollupCells()
  for (const row of attempts) cells.add(attemptDimension(row), Number(row.at), sums => sums.addAttempt(row))
  for (const row of requests) cells.add(requestDimension(row), Number(row.at), sums => sums.addRequest(row))
  await writeCells(ledger, database, cells)
  await mark(ledger, database, 'ledger_attempts', attempts)
  await mark(ledger, database, 'ledger_requests', requests)
  return { attempts, requests }
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
  const { numAffectedRows } = await sql`
    update ${sql.table(table)} set rolled_up = 1 where id in (select id from ${ids} as rolled)
  `.execute(transaction)
  // they would be added again by every pass
  if (numAffectedRows !== BigInt(rows.length)) throw new Error(`${table} could not be marked as rolled up`)
}

async function writeCells(
  ledger: Rollable,
  transaction: Transaction<LedgerDatabase>,
  added: RollupCells,
): Promise<void> {
  const { cells, dimensions } = added.finish()
  const ids = await dimensionIds(ledger, transaction, dimensions)
  const places = cells.map(({ number, startsAt, dimension, sums }) => {
    const place = { span: BigInt(number), starts_at: BigInt(startsAt), dimension: ids.get(dimension) as bigint }
    return { place, sums }
  })
  if (places.length === 0) return
  const asked = rowsOfJson(
    ledger.dialect,
    'usage_rollups',
    ['span', 'starts_at', 'dimension'],
    places.map(({ place }) => place),
  )
  const { rows } = await sql<Selectable<RollupTable>>`
    select r.* from ${asked} as asked cross join usage_rollups r
    where r.span = asked.span and r.starts_at = asked.starts_at and r.dimension = asked.dimension
  `.execute(transaction)
  const known = new Map(rows.map(row => [placeKey(row), row]))
  const values = places.map(({ place, sums }) => {
    const before = known.get(placeKey(place))
    if (before !== undefined) addRollup(sums, before)
    return { ...place, ...rollupSums(sums) }
  })
  const replace = `on conflict (span, starts_at, dimension) do update set ${replaced}`
  await insertEach(transaction, ledger.dialect, 'usage_rollups', values, replace)
}

function placeKey({ span, starts_at, dimension }: Pick<Selectable<RollupTable>, 'span' | 'starts_at' | 'dimension'>) {
  return `${span} ${starts_at} ${dimension}`
}

const replaced = Object.keys(rollupSums(new UsageSums()))
  .map(name => `${name} = excluded.${name}`)
  .join(', ')

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
