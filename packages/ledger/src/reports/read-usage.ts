import type { Kysely } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import { type RawAttempt, type RawRequest, readRawAttempts, readRawRequests } from './raw-entries.ts'
import { type ChosenDimensions, type HoursOfDays, readDailyRollups, readRollups } from './read-rollups.ts'
import { attemptDimension, dimensionOf, requestDimension, type UsageDimension } from './usage-dimension.ts'
import { matches, type UsageQuestion } from './usage-question.ts'
import { nextStartOf, spanNumbers, startOf, type TimeRange } from './usage-spans.ts'
import { UsageSums } from './usage-sums.ts'
import { UsageTally } from './usage-tally.ts'
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
    const chosen = await this.#dimensions()
    await this.#readTotals(range, rawSince, chosen)
    if (this.#question.by.includes('day')) await this.#readDays(range, rawSince, chosen)
    // those that no roll-up has yet
    await this.#readRaw(false, range, entry => {
      this.#tally.add(entry.dimension, entry.sums)
      this.#tally.addToDay(this.#question.zone.dayOf(entry.at), entry.dimension, entry.sums)
    })
    return this.#tally
  }

  async #readTotals(range: TimeRange, rawSince: number, chosen: ChosenDimensions): Promise<void> {
    const { hours, edges, rounded } = wholeHours(range, rawSince)
    if (rounded) this.#tally.note(roundedNote(rawSince))
    for (const { dimension, sums } of await readRollups(this.#database, chosen, hours ? [hours] : [])) {
      this.#tally.add(dimension, sums)
    }
    for (const edge of edges) {
      await this.#readRaw(true, edge, ({ dimension, sums }) => this.#tally.add(dimension, sums))
    }
  }

  async #readDays(range: TimeRange, rawSince: number, chosen: ChosenDimensions): Promise<void> {
    const { zone } = this.#question
    const hoursOfDays: HoursOfDays[] = []
    for (const day of zone.within(range)) {
      const { hours, edges, rounded } = wholeHours(day, rawSince)
      if (rounded) this.#tally.note(roundedNote(rawSince))
      if (hours !== undefined) addHours(hoursOfDays, hours, day.day, zone.offsetAt(day.from), zone.offsetAt(day.to - 1))
      for (const edge of edges) {
        await this.#readRaw(true, edge, ({ dimension, sums }) => this.#tally.addToDay(day.day, dimension, sums))
      }
    }
    for (const { day, dimension, sums } of await readDailyRollups(this.#database, chosen, hoursOfDays)) {
      this.#tally.addToDay(day, dimension, sums)
    }
  }

  /** The question's range, as far as there can be entries in it. */
  async #knownRange(): Promise<TimeRange | undefined> {
    const months = await this.#database
      .selectFrom('usage_rollups')
      .where('span', '=', BigInt(spanNumbers.month))
      .select(({ fn }) => [fn.min('starts_at').as('first'), fn.max('starts_at').as('last')])
      .executeTakeFirstOrThrow()
    const moments: number[] = []
    for (const at of [months.first, months.last]) if (at !== null) moments.push(Number(at))
    for (const table of ['ledger_attempts', 'ledger_requests'] as const) {
      const raw = await this.#database
        .selectFrom(table)
        .select(({ fn }) => [fn.min('at').as('first'), fn.max('at').as('last')])
        .executeTakeFirstOrThrow()
      for (const at of [raw.first, raw.last]) if (at !== null) moments.push(Number(at))
    }
    if (moments.length === 0) return undefined
    // whole months: what is known must not cut an hour that the question leaves whole
    const first = startOf('month', Math.min(...moments))
    const last = nextStartOf('month', Math.max(...moments) + 1)
    const { from = first, to = last } = this.#question.range
    const range = { from: Math.max(from, first), to: Math.min(to, last) }
    return range.from < range.to ? range : undefined
  }

  async #dimensions(): Promise<ChosenDimensions> {
    const { filter } = this.#question
    const rows = await this.#database.selectFrom('usage_dimensions').selectAll().execute()
    const ids = new Map<bigint, UsageDimension>()
    for (const row of rows) {
      const dimension = dimensionOf(row)
      if (matches(filter, dimension)) ids.set(row.id, dimension)
    }
    return { all: ids.size === rows.length, ids }
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
