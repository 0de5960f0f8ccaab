import { type Kysely, sql } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import { chosenDimensions } from './chosen-dimensions.ts'
import { type RawAttempt, type RawRequest, readRawAttempts, readRawRequests } from './raw-entries.ts'
import { type HoursOfDays, type RollupChoice, readDailyRollups, readRollups } from './read-rollups.ts'
import { attemptDimension, requestDimension, type UsageDimension } from './usage-dimension.ts'
import { type Facet, facetOf, rollupNumber, type UsageAttribute } from './usage-facets.ts'
import { matches, type UsageQuestion } from './usage-question.ts'
import { nextStartOf, startOf, type TimeRange } from './usage-spans.ts'
import { UsageSums } from './usage-sums.ts'
import { type UsagePart, UsageTally } from './usage-tally.ts'
import { wholeHours } from './whole-hours.ts'
import { dayName } from './zone-days.ts'

/** What the ledger knows of a question, in one moment's view of it. */
export async function readUsage(database: Kysely<LedgerDatabase>, question: UsageQuestion): Promise<UsageTally> {
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(snapshot => new UsageReader(snapshot, question).read())
}

class UsageReader {
  readonly #database: Kysely<LedgerDatabase>
  readonly #question: UsageQuestion
  readonly #tally: UsageTally

  constructor(database: Kysely<LedgerDatabase>, question: UsageQuestion) {
    this.#database = database
    this.#question = question
    this.#tally = new UsageTally(question)
  }

  async read(): Promise<UsageTally> {
    const range = await this.#knownRange()
    if (range === undefined) return this.#tally
    const state = await this.#database.selectFrom('usage_state').select('raw_since').executeTakeFirst()
    const rawSince = Number(state?.raw_since ?? 0n)
    await this.#readTotals(range, rawSince)
    if (this.#question.by.includes('day')) await this.#readDays(range, rawSince)
    // those that no roll-up has yet
    await this.#readRaw(false, range, entry => {
      this.#tally.add(entry.dimension, entry.sums)
      this.#tally.addToDay(this.#question.zone.dayOf(entry.at), entry.dimension, entry.sums)
    })
    return this.#tally
  }

  async #readTotals(range: TimeRange, rawSince: number): Promise<void> {
    const { hours, edges, rounded } = wholeHours(range, rawSince)
    if (rounded) this.#tally.note(roundedNote(rawSince))
    if (hours !== undefined) {
      for (const [facet, parts] of this.#partsByFacet()) {
        const choice = await this.#choice(
          facet,
          parts.filter(part => part !== 'total'),
        )
        for (const { dimension, sums } of await readRollups(this.#database, choice, hours)) {
          this.#tally.add(dimension, sums, parts)
        }
      }
    }
    for (const edge of edges) {
      await this.#readRaw(true, edge, ({ dimension, sums }) => this.#tally.add(dimension, sums))
    }
  }

  /** Which facet tells which part of the report. */
  #partsByFacet(): ReadonlyMap<Facet, readonly UsagePart[]> {
    const filtered = Object.keys(this.#question.filter) as UsageAttribute[]
    const parts = new Map<Facet, UsagePart[]>()
    for (const grouping of this.#question.by) {
      if (grouping === 'day') continue
      const facet = facetOf(new Set([...filtered, grouping]))
      parts.set(facet, [...(parts.get(facet) ?? []), grouping])
    }
    // each of them tells the total, that of the filter's own attributes soonest
    const facet = facetOf(new Set(filtered))
    parts.set(facet, [...(parts.get(facet) ?? []), 'total'])
    return parts
  }

  async #choice(facet: Facet, by: readonly UsageAttribute[]): Promise<RollupChoice> {
    const only = await chosenDimensions(this.#database, this.#question.filter, facet)
    return { facet, by, ...(only !== undefined && { only }) }
  }

  async #readDays(range: TimeRange, rawSince: number): Promise<void> {
    const { zone, filter } = this.#question
    const hoursOfDays: HoursOfDays[] = []
    for (const day of zone.within(range)) {
      const { hours, edges, rounded } = wholeHours(day, rawSince)
      if (rounded) this.#tally.note(roundedNote(rawSince))
      if (hours !== undefined) addHours(hoursOfDays, hours, day.day, zone.offsetAt(day.from), zone.offsetAt(day.to - 1))
      for (const edge of edges) {
        await this.#readRaw(true, edge, ({ dimension, sums }) => this.#tally.addToDay(day.day, dimension, sums))
      }
    }
    const choice = await this.#choice(facetOf(new Set(Object.keys(filter) as UsageAttribute[])), [])
    for (const { day, dimension, sums } of await readDailyRollups(this.#database, choice, hoursOfDays)) {
      this.#tally.addToDay(day, dimension, sums)
    }
  }

  /** The question's range, as far as there can be entries in it. */
  async #knownRange(): Promise<TimeRange | undefined> {
    const month = sql.lit(rollupNumber('none', 'month'))
    // one by one: SQLite looks up a least or a greatest only where it is asked for alone
    const ends = [
      sql`select min(starts_at) as at from usage_rollups where span = ${month}`,
      sql`select max(starts_at) as at from usage_rollups where span = ${month}`,
      ...['ledger_attempts', 'ledger_requests'].flatMap(table => [
        sql`select min(at) as at from ${sql.table(table)}`,
        sql`select max(at) as at from ${sql.table(table)}`,
      ]),
    ]
    const found = await sql<{ readonly at: bigint | null }>`${sql.join(ends, sql` union all `)}`.execute(this.#database)
    const moments = found.rows.flatMap(({ at }) => (at === null ? [] : [Number(at)]))
    if (moments.length === 0) return undefined
    // whole months: what is known must not cut an hour that the question leaves whole
    const first = startOf('month', Math.min(...moments))
    const last = nextStartOf('month', Math.max(...moments) + 1)
    const { from = first, to = last } = this.#question.range
    const range = { from: Math.max(from, first), to: Math.min(to, last) }
    return range.from < range.to ? range : undefined
  }

  async #readRaw(rolledUp: boolean, range: TimeRange, each: (entry: RawEntry) => void): Promise<void> {
    const { filter } = this.#question
    const entry = (dimension: UsageDimension, at: bigint, addTo: (sums: UsageSums) => void): void => {
      if (!matches(filter, dimension)) return
      const sums = new UsageSums()
      addTo(sums)
      each({ dimension, at: Number(at), sums })
    }
    await inPages<RawAttempt>(
      after => readRawAttempts(this.#database, { rolledUp, range, after, limit: page }),
      row => entry(attemptDimension(row), row.at, sums => sums.addAttempt(row)),
    )
    await inPages<RawRequest>(
      after => readRawRequests(this.#database, { rolledUp, range, after, limit: page }),
      row => entry(requestDimension(row), row.at, sums => sums.addRequest(row)),
    )
  }
}

interface RawEntry {
  readonly dimension: UsageDimension
  readonly at: number
  readonly sums: UsageSums
}

const page = 5000

async function inPages<Row extends { readonly at: bigint; readonly id: string }>(
  read: (after: Row | undefined) => Promise<readonly Row[]>,
  each: (row: Row) => void,
): Promise<void> {
  let last: Row | undefined
  for (;;) {
    const rows = await read(last)
    for (const row of rows) each(row)
    last = rows.at(-1)
    if (rows.length < page) return
  }
}

// days of the same distance to UTC, one after the other, are asked for as one
function addHours(days: HoursOfDays[], hours: TimeRange, day: number, startOffset: number, endOffset: number): void {
  if (startOffset !== endOffset) {
    days.push({ ...hours, day })
    return
  }
  const last = days.at(-1)
  const followsOn = last !== undefined && 'offsetMs' in last && last.offsetMs === startOffset && last.to === hours.from
  if (followsOn) days[days.length - 1] = { ...last, to: hours.to }
  else days.push({ ...hours, offsetMs: startOffset })
}

function roundedNote(rawSince: number): string {
  const since = dayName(Math.floor(rawSince / 86_400_000))
  return `Before ${since} (UTC) whole hours of UTC are kept, no longer single entries: an hour that is cut counts where it begins.`
}
