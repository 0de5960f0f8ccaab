import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import { addedUp, type RollupSums, sumsOf } from './rollup-row.ts'
import type { UsageDimension } from './usage-dimension.ts'
import { coarseSpanNumbers, inSpans, spanNumbers, type TimeRange } from './usage-spans.ts'
import type { UsageSums } from './usage-sums.ts'

/** The dimensions that count, by id; `all` where none is left out. */
export interface ChosenDimensions {
  readonly all: boolean
  readonly ids: ReadonlyMap<bigint, UsageDimension>
}

/** What figures are made of, whatever they are grouped by. */
export type FigureDimension = Pick<UsageDimension, 'source' | 'outcome' | 'errorKind' | 'costIs'>

/** Sums of whole hours, by dimension. */
export async function readRollups(
  database: Kysely<LedgerDatabase>,
  chosen: ChosenDimensions,
  hours: readonly TimeRange[],
): Promise<readonly { readonly dimension: UsageDimension; readonly sums: UsageSums }[]> {
  const ranges = hours.flatMap(inSpans)
  if (ranges.length === 0 || chosen.ids.size === 0) return []
  const { rows } = await sql<{ dimension: bigint } & RollupSums>`
    select r.dimension, ${addedUp} from usage_rollups r
    where (${sql.join(
      ranges.map(range => within(range, spanNumbers[range.span])),
      sql` or `,
    )})${ofChosen(chosen)} group by r.dimension
  `.execute(database)
  return rows.flatMap(row => {
    const dimension = chosen.ids.get(row.dimension)
    return dimension === undefined ? [] : [{ dimension, sums: sumsOf(row) }]
  })
}

/** Whole hours, and which day they are of: `offsetMs` ahead of UTC, or this one. */
export type HoursOfDays = TimeRange & ({ readonly offsetMs: number } | { readonly day: number })

/** Sums of whole hours, by day. */
export async function readDailyRollups(
  database: Kysely<LedgerDatabase>,
  chosen: ChosenDimensions,
  hours: readonly HoursOfDays[],
): Promise<readonly { readonly day: number; readonly dimension: FigureDimension; readonly sums: UsageSums }[]> {
  if (chosen.ids.size === 0) return []
  const parts = hours.flatMap(range => dailyPart(range, chosen))
  const found = []
  // as many as a statement of SQLite may hold
  for (let at = 0; at < parts.length; at += 100) {
    const statement = sql.join(parts.slice(at, at + 100), sql` union all `)
    const { rows } = await sql<FigureRow & RollupSums>`${statement}`.execute(database)
    for (const row of rows) {
      const dimension = {
        source: row.source,
        outcome: row.outcome,
        errorKind: row.error_kind,
        costIs: row.cost_is,
      }
      found.push({ day: Number(row.day), dimension, sums: sumsOf(row) })
    }
  }
  return found
}

interface FigureRow {
  readonly day: bigint
  readonly source: 'attempt' | 'request'
  readonly outcome: string
  readonly error_kind: string | null
  readonly cost_is: string | null
}

function dailyPart(range: HoursOfDays, chosen: ChosenDimensions): readonly RawBuilder<unknown>[] {
  const day =
    'day' in range
      ? sql`cast(${sql.lit(range.day)} as bigint)`
      : sql`((r.starts_at + ${sql.lit(range.offsetMs)}) / 86400000)`
  // days of UTC serve no other zone, and months hold too many
  const hours = [{ ...range, span: 'hour' as const }]
  const ranges = 'day' in range || range.offsetMs !== 0 ? hours : inDays(range)
  const numbers = chosen.all ? coarseSpanNumbers : spanNumbers
  return ranges.map(
    each => sql`
      select ${day} as day, d.source, d.outcome, d.error_kind, d.cost_is, ${addedUp}
      from usage_rollups r join usage_dimensions d on d.id = r.dimension
      where ${within(each, numbers[each.span])}${ofChosen(chosen)} group by 1, 2, 3, 4, 5
    `,
  )
}

function inDays(range: TimeRange): readonly (TimeRange & { readonly span: 'hour' | 'day' })[] {
  return inSpans(range).map(({ span, from, to }) => ({ span: span === 'month' ? 'day' : span, from, to }))
}

function within({ from, to }: TimeRange, span: number): RawBuilder<unknown> {
  return sql`(r.span = ${sql.lit(span)} and r.starts_at >= ${sql.lit(from)} and r.starts_at < ${sql.lit(to)})`
}

// ids are numbers of our own making, and more than a statement takes parameters
function ofChosen({ all, ids }: ChosenDimensions): RawBuilder<unknown> {
  return all ? sql`` : sql` and r.dimension in (${sql.raw([...ids.keys()].join(', '))})`
}
