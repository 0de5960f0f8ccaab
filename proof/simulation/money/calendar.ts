import type { BudgetDefinition } from '@switchyard/core'

type WindowName = BudgetDefinition['window']

/** Moments at which windows end where clocks are put forward or back: what begins there began at no round hour. */
export const calendarEnds: readonly { readonly timeZone: string; readonly at: number; readonly says: string }[] = [
  { timeZone: 'Europe/Berlin', at: Date.UTC(2026, 2, 29, 22), says: 'a day of 23 hours, and its week' },
  { timeZone: 'Europe/Berlin', at: Date.UTC(2026, 9, 25, 23), says: 'a day of 25 hours, and its week' },
  { timeZone: 'Europe/Berlin', at: Date.UTC(2026, 9, 25, 1), says: 'the first of two hours with one name' },
  { timeZone: 'Europe/Berlin', at: Date.UTC(2026, 9, 31, 23), says: 'a month with an hour more' },
  { timeZone: 'America/New_York', at: Date.UTC(2026, 10, 2, 5), says: 'a day of 25 hours' },
  { timeZone: 'America/Santiago', at: Date.UTC(2026, 8, 6, 4), says: 'the day before one without a midnight' },
  {
    timeZone: 'Australia/Lord_Howe',
    at: Date.UTC(2026, 9, 3, 15, 30),
    says: 'the hour before one that is cut in half',
  },
]

// wherever clocks are changed today, it is at a full quarter of an hour in UTC
const quarterMs = 900_000
const known = new Map<string, number>()

/** When the window begins that a moment lies in: since when the calendar on the wall there shows the same. */
export function windowStart(
  { window, timeZone = 'UTC' }: Pick<BudgetDefinition, 'window' | 'timeZone'>,
  at: number,
): number {
  if (window === 'total') return 0
  let startsAt = at - (at % quarterMs)
  const key = `${window} ${timeZone} ${startsAt}`
  const remembered = known.get(key)
  if (remembered !== undefined) return remembered
  const shown = sheet(window, timeZone, startsAt)
  while (sheet(window, timeZone, startsAt - quarterMs) === shown) startsAt -= quarterMs
  known.set(key, startsAt)
  return startsAt
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What a calendar on the wall shows that has a sheet for each window. */
function sheet(window: WindowName, timeZone: string, at: number): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      timeZoneName: 'longOffset',
    })
  formats.set(timeZone, format)
  // 2026-10-25, 02 GMT+01:00
  const text = format.format(at)
  const [date = ''] = text.split(',')
  if (window === 'hour') return text
  if (window === 'day') return date
  if (window === 'month') return date.slice(0, 7)
  const noon = new Date(`${date}T12:00Z`)
  const sinceMonday = (noon.getUTCDay() + 6) % 7
  return String(noon.getTime() - sinceMonday * 86_400_000)
}
