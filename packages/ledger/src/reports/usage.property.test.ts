import type { AttemptEntry, RequestEntry } from '@switchyard/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptRow, RequestRow } from '../schema.ts'
import { attemptRow, requestRow } from '../store/entry-rows.ts'
import { anyEntry, busyMoment, isAttempt } from './entries.fixture.ts'
import {
  forgetEverything,
  insertEntries,
  noPostgres,
  openTestPostgres,
  openTestSqlite,
} from './report-databases.fixture.ts'
import { deleteOldEntries } from './retention.ts'
import { rollUp } from './roll-up.ts'
import { usage } from './usage.ts'
import { attemptDimension, requestDimension } from './usage-dimension.ts'
import { groupings, matches, usageQuestion } from './usage-question.ts'
import type { UsageFilter, UsageOptions, UsageReport } from './usage-report.ts'
import { UsageSums } from './usage-sums.ts'
import { UsageTally } from './usage-tally.ts'

const later = Date.UTC(2026, 1, 10)

type Entry = AttemptEntry | RequestEntry

/** The report, entry by entry. */
function counted(entries: readonly Entry[], filter: UsageFilter, options: UsageOptions): UsageReport {
  const question = usageQuestion(filter, options)
  const tally = new UsageTally(question)
  for (const entry of entries) {
    if (entry.at < (question.range.from ?? 0) || entry.at >= (question.range.to ?? Number.POSITIVE_INFINITY)) continue
    const sums = new UsageSums()
    const isSent = isAttempt(entry)
    const dimension = isSent
      ? attemptDimension(attemptRow(entry) as unknown as AttemptRow)
      : requestDimension(requestRow(entry) as unknown as RequestRow)
    if (!matches(question.filter, dimension)) continue
    if (isSent) sums.addAttempt(attemptRow(entry) as unknown as AttemptRow)
    else sums.addRequest(requestRow(entry) as unknown as RequestRow)
    tally.add(dimension, sums)
    tally.addToDay(question.zone.dayOf(entry.at), dimension, sums)
  }
  return tally.report()
}

const anyMoment = fc.oneof(fc.constant(undefined), busyMoment)
const anyFilter = fc
  .record(
    {
      key: fc.constantFrom('web', 'it"s'),
      chain: fc.constantFrom('fast', 'inner'),
      model: fc.constantFrom('openai/gpt', 'groq/openai/oss'),
      provider: fc.constantFrom('openai', 'groq'),
      tag: fc.constantFrom('night', 'a,b', 'none'),
    },
    { requiredKeys: [] },
  )
  .chain(filter =>
    fc.tuple(anyMoment, anyMoment).map(([one, other]): UsageFilter => {
      const [first, last] = one !== undefined && other !== undefined && one > other ? [other, one] : [one, other]
      return {
        ...filter,
        ...(first !== undefined && { from: first }),
        ...(last !== undefined && last !== first && { to: last }),
      }
    }),
  )
const anyQuestion = fc.record({
  type: fc.constant('ask' as const),
  filter: fc.oneof(fc.constant<UsageFilter>({}), anyFilter),
  by: fc.oneof(fc.constant(groupings), fc.subarray([...groupings])),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Auckland'),
})
const anyStep = fc.oneof(
  fc.record({
    type: fc.constant('record' as const),
    entries: fc.array(anyEntry(), { minLength: 1, maxLength: 30 }),
  }),
  fc.record({
    type: fc.constant('roll-up' as const),
    batch: fc.integer({ min: 1, max: 20 }),
    processes: fc.integer({ min: 1, max: 2 }),
  }),
  // what is older than all that is asked for by moments within hours
  fc.record({ type: fc.constant('delete' as const) }),
  anyQuestion,
)

const databases = [
  { name: 'SQLite', open: openTestSqlite, skip: undefined },
  { name: 'PostgreSQL', open: openTestPostgres, skip: noPostgres },
]

describe.each(databases)('usage in $name', ({ open, skip }) => {
  it.skipIf(skip)(
    'is what its entries add up to, whenever they came and whatever was rolled up',
    { timeout: 300_000 },
    async () => {
      await using database = await open()
      const { connections } = database
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 3, maxLength: 15 }), anyQuestion, async (steps, last) => {
          await forgetEverything(connections)
          const entries: Entry[] = []
          let cutHours = true
          for (const step of [...steps, last]) {
            if (step.type === 'record') {
              entries.push(...step.entries)
              await insertEntries(connections, {
                attempts: step.entries.filter(isAttempt),
                requests: step.entries.filter((entry): entry is RequestEntry => !isAttempt(entry)),
              })
            } else if (step.type === 'roll-up') {
              const passes = Array.from({ length: step.processes }, () => rollUp(connections, { batch: step.batch }))
              await Promise.all(passes)
            } else if (step.type === 'delete') {
              await deleteOldEntries(connections, { before: later, batch: 7 })
              cutHours = false
            } else {
              const { filter, timeZone } = cutHours ? step : { filter: wholeHours(step.filter), timeZone: 'UTC' }
              const options = { timeZone, by: step.by }
              expect(await usage(connections.reading, filter, options)).toEqual(counted(entries, filter, options))
            }
          }
        }),
        { numRuns: 30 },
      )
    },
  )
})

function wholeHours({ from: first, to: last, ...rest }: UsageFilter): UsageFilter {
  const whole = (at: number | string) => Math.floor(Number(at) / 3_600_000) * 3_600_000
  const start = first === undefined ? undefined : whole(first)
  const end = last === undefined ? undefined : whole(last)
  return {
    ...rest,
    ...(start !== undefined && { from: start }),
    ...(end !== undefined && end !== start && { to: end }),
  }
}
