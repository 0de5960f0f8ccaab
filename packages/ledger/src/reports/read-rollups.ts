import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import { addedUp, type RollupSums, sumsOf } from './rollup-row.ts'
import { dimensionOf, type UsageDimension } from './usage-dimension.ts'
import { type Facet, rollupNumber, type UsageAttribute } from './usage-facets.ts'
import { hourMs, inSpans, nextStartOf, type Span, type SpanRange, type TimeRange } from './usage-spans.ts'
import type { UsageSums } from './usage-sums.ts'

/** Which rows of roll-ups count, and what is asked of them. */
export interface RollupChoice {
  readonly facet: Facet
  /** Ids of the dimensions that count; without it all do. */
  readonly only?: readonly bigint[]
  /** What the answer's dimensions must know, beside what figures are made of. */
  readonly by: readonly UsageAttribute[]
}

/** What figures are made of, whatever they are grouped by. */
export type FigureDimension = Pick<UsageDimension, 'source' | 'outcome' | 'errorKind' | 'costIs'>

/** Sums of whole hours; of each dimension the choice's attributes alone are known. */
export async function readRollups(
  database: Kysely<LedgerDatabase>,
  choice: RollupChoice,
  hours: TimeRange,
): Promise<readonly { readonly dimension: UsageDimension; readonly sums: UsageSums }[]> {
  if (choice.only?.length === 0) return []
  const columns = [...figureColumns, ...choice.by.map(attribute => columnOf[attribute])].map(name =>
    sql.ref(`d.${name}`),
  )
  const { rows } = await sql<Partial<DimensionRow> & FigureRow & RollupSums>`
    select ${sql.join(columns)}, ${addedUp} from ${rollups} where ${chosen(choice, inSpans(hours))}
    group by ${sql.join(columns)}
  `.execute(database)
  return rows.map(row => ({ dimension: dimensionOf({ ...nothingElse, ...row }), sums: sumsOf(row) }))
}

/** Whole hours, and which day they are of: `offsetMs` ahead of UTC, or this one. */
export type HoursOfDays = TimeRange & ({ readonly offsetMs: number } | { readonly day: number })

/** Sums of whole hours, by day. */
export async function readDailyRollups(
  database: Kysely<LedgerDatabase>,
  choice: RollupChoice,
  hours: readonly HoursOfDays[],
): Promise<readonly { readonly day: number; readonly dimension: FigureDimension; readonly sums: UsageSums }[]> {
  if (choice.only?.length === 0) return []
  const parts = hours.flatMap(range => dailyPart(range, choice))
  const found = []
  // as many as a statement of SQLite may hold
  for (let at = 0; at < parts.length; at += 100) {
    const statement = sql.join(parts.slice(at, at + 100), sql` union all `)
    const { rows } = await sql<{ readonly day: bigint } & FigureRow & RollupSums>`${statement}`.execute(database)
    for (const row of rows) {
      found.push({ day: Number(row.day), dimension: dimensionOf({ ...nothingElse, ...row }), sums: sumsOf(row) })
    }
  }
  return found
}

const figureColumns = ['source', 'outcome', 'error_kind', 'cost_is'] as const
const columnOf = {
  model: 'target',
  provider: 'provider',
  key: 'principal',
  chain: 'chains',
  tag: 'tags',
} as const satisfies Record<UsageAttribute, string>

type DimensionRow = Parameters<typeof dimensionOf>[0]
type FigureRow = Pick<DimensionRow, (typeof figureColumns)[number]>

const nothingElse = { target: null, provider: null, principal: null, chains: '[]', tags: '[]', operation: '' }
const rollups = sql`usage_rollups r join usage_dimensions d on d.id = r.dimension`

function dailyPart(range: HoursOfDays, choice: RollupChoice): readonly RawBuilder<unknown>[] {
  const day =
    'day' in range
      ? sql`cast(${sql.lit(range.day)} as bigint)`
      : sql`((r.starts_at + ${sql.lit(range.offsetMs)}) / 86400000)`
  // days of UTC serve no other zone, and months hold too many
  const hours = [{ ...range, span: 'hour' as const }]
  const ranges = 'day' in range || range.offsetMs !== 0 ? hours : inDays(range)
  const figures = sql.join(figureColumns.map(name => sql.ref(`d.${name}`)))
  return ranges.map(
    each => sql`
      select ${day} as day, ${figures}, ${addedUp} from ${rollups} where ${chosen(choice, [each])}
      group by 1, 2, 3, 4, 5
    `,
  )
}

function inDays(range: TimeRange): readonly SpanRange[] {
  return inSpans(range).map(({ span, from, to }) => ({ span: span === 'month' ? 'day' : span, from, to }))
}

function chosen({ facet, only }: RollupChoice, ranges: readonly SpanRange[]): RawBuilder<unknown> {
  const spans = ranges.map(range => {
    const number = sql.lit(rollupNumber(facet, range.span))
    return sql`(r.span = ${number} and ${only === undefined ? during(range) : duringEach(range)})`
  })
  const inTime = sql`(${sql.join(spans, sql` or `)})`
  if (only === undefined) return inTime
  // ids are numbers of our own making, and more than a statement takes parameters
  return sql`${inTime} and r.dimension in (${sql.raw(only.join(', '))})`
}

const mostMoments = 100

// named one by one they are found by the key, whatever else happened meanwhile
function duringEach(range: SpanRange): RawBuilder<unknown> {
  const moments: number[] = []
  for (let at = range.from; at < range.to; at = after(range.span, at)) {
    if (moments.push(at) > mostMoments) return during(range)
  }
  return sql`r.starts_at in (${sql.raw(moments.join(', '))})`
}

function during({ from, to }: TimeRange): RawBuilder<unknown> {
  return sql`r.starts_at >= ${sql.lit(from)} and r.starts_at < ${sql.lit(to)}`
}

function after(span: Span, at: number): number {
  return span === 'hour' ? at + hourMs : nextStartOf(span, at + 1)
}
