import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BudgetWindowName, budgetWindows } from './budget-window.ts'

const hour = 3_600_000

function windowOf(name: BudgetWindowName, timeZone: string, at: string): readonly [starts: string, ends: string] {
  const { startsAt, endsAt } = budgetWindows(name, timeZone)(Date.parse(at))
  return [new Date(startsAt).toISOString(), new Date(endsAt).toISOString()]
}

describe('the window of a budget', () => {
  it.each([
    ['a day', 'day', 'UTC', '2026-03-29T12:00Z', '2026-03-29T00:00Z', '2026-03-30T00:00Z'],
    ['a day of 23 hours', 'day', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['a day of 25 hours', 'day', 'Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    [
      'a day of 25 hours, its last',
      'day',
      'Europe/Berlin',
      '2026-10-25T22:59Z',
      '2026-10-24T22:00Z',
      '2026-10-25T23:00Z',
    ],
    [
      'a day in a zone of half an hour',
      'day',
      'Asia/Kolkata',
      '2026-05-05T12:00Z',
      '2026-05-04T18:30Z',
      '2026-05-05T18:30Z',
    ],
    [
      'a day that begins at one',
      'day',
      'America/Sao_Paulo',
      '2018-11-04T12:00Z',
      '2018-11-04T03:00Z',
      '2018-11-05T02:00Z',
    ],
    ['the day before it', 'day', 'America/Sao_Paulo', '2018-11-04T02:59Z', '2018-11-03T03:00Z', '2018-11-04T03:00Z'],
    [
      'a day whose last hour comes twice',
      'day',
      'America/Sao_Paulo',
      '2018-02-18T02:30Z',
      '2018-02-17T02:00Z',
      '2018-02-18T03:00Z',
    ],
    [
      'a day that goes on in the date before',
      'day',
      'America/St_Johns',
      '2010-11-07T03:00Z',
      '2010-11-07T02:30Z',
      '2010-11-08T03:30Z',
    ],
    [
      'the day before a date that a country left out',
      'day',
      'Pacific/Apia',
      '2011-12-30T05:00Z',
      '2011-12-29T10:00Z',
      '2011-12-30T10:00Z',
    ],
    ['the day after it', 'day', 'Pacific/Apia', '2011-12-30T12:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
    ['a week from Monday on', 'week', 'UTC', '2026-11-22T23:59Z', '2026-11-16T00:00Z', '2026-11-23T00:00Z'],
    ['a week of 167 hours', 'week', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-22T23:00Z', '2026-03-29T22:00Z'],
    ['a month', 'month', 'America/New_York', '2026-11-30T23:00Z', '2026-11-01T04:00Z', '2026-12-01T05:00Z'],
    ['February of a leap year', 'month', 'UTC', '2028-02-29T00:00Z', '2028-02-01T00:00Z', '2028-03-01T00:00Z'],
    ['a December', 'month', 'Asia/Tokyo', '2026-12-31T14:59Z', '2026-11-30T15:00Z', '2026-12-31T15:00Z'],
    ['an hour', 'hour', 'UTC', '2026-11-21T14:59:59.999Z', '2026-11-21T14:00Z', '2026-11-21T15:00Z'],
    [
      'an hour in a zone of half an hour',
      'hour',
      'Asia/Kolkata',
      '2026-11-21T14:59Z',
      '2026-11-21T14:30Z',
      '2026-11-21T15:30Z',
    ],
    [
      'an hour that comes a second time',
      'hour',
      'Europe/Berlin',
      '2026-10-25T01:10Z',
      '2026-10-25T01:00Z',
      '2026-10-25T02:00Z',
    ],
    [
      'a half hour that comes a second time',
      'hour',
      'Australia/Lord_Howe',
      '2026-04-04T15:10Z',
      '2026-04-04T15:00Z',
      '2026-04-04T15:30Z',
    ],
    [
      'the hour before it',
      'hour',
      'Australia/Lord_Howe',
      '2026-04-04T14:59Z',
      '2026-04-04T14:00Z',
      '2026-04-04T15:00Z',
    ],
    [
      'an hour cut by half',
      'hour',
      'Australia/Lord_Howe',
      '2026-10-03T15:40Z',
      '2026-10-03T15:30Z',
      '2026-10-03T16:00Z',
    ],
  ] as const)('is %s', (_, name, timeZone, at, starts, ends) => {
    const iso = (text: string) => new Date(text).toISOString()
    expect(windowOf(name, timeZone, at)).toEqual([iso(starts), iso(ends)])
  })

  it('is one without an end for a total', () => {
    expect(budgetWindows('total')(1)).toEqual({ startsAt: 0, endsAt: Number.POSITIVE_INFINITY })
  })

  it('is refused for a zone that is none, by name', () => {
    expect(() => budgetWindows('day', 'Berlin')).toThrow(/"Berlin" is no time zone .*"Europe\/Berlin"/)
  })

  it('is computed once for all moments in it', () => {
    const windowAt = budgetWindows('day', 'Europe/Berlin')
    const first = windowAt(Date.UTC(2026, 10, 21, 1))
    expect(windowAt(Date.UTC(2026, 10, 21, 22, 59))).toBe(first)
    expect(windowAt(Date.UTC(2026, 10, 21, 23))).not.toBe(first)
    expect(windowAt(Date.UTC(2026, 10, 21, 1))).toEqual(first)
  })
})

// by another way: what a calendar says of moments, without a word of offsets
const labels: Readonly<Record<'day' | 'month', Intl.DateTimeFormatOptions>> = {
  day: { year: 'numeric', month: '2-digit', day: '2-digit' },
  month: { year: 'numeric', month: '2-digit' },
}
const formats = new Map<string, Intl.DateTimeFormat>()
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
].concat(
  ['America/Sao_Paulo', 'America/Havana', 'Africa/Cairo', 'Pacific/Apia', 'Pacific/Chatham', 'Asia/Beirut'],
  [
    'America/St_Johns',
    'Asia/Tehran',
    'Africa/Casablanca',
    'America/Asuncion',
    'Atlantic/Azores',
    'America/Scoresbysund',
  ],
)

function label(name: 'day' | 'month', timeZone: string, at: number): string {
  const format = formats.get(name + timeZone) ?? new Intl.DateTimeFormat('sv-SE', { ...labels[name], timeZone })
  formats.set(name + timeZone, format)
  return format.format(at)
}

const moment = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2040, 0, 1) })
const zone = fc.constantFrom(...zones)

describe('windows', () => {
  it('of days and months begin with the first moment of their date, and end with the first of another', () => {
    fc.assert(
      fc.property(fc.constantFrom('day' as const, 'month' as const), zone, moment, (name, timeZone, at) => {
        const { startsAt, endsAt } = budgetWindows(name, timeZone)(at)
        const here = label(name, timeZone, startsAt)
        expect(startsAt <= at && at < endsAt).toBe(true)
        expect(label(name, timeZone, startsAt - 1) < here).toBe(true)
        expect(label(name, timeZone, endsAt) > here).toBe(true)
        // clocks put back over midnight may show the date before once more
        expect(label(name, timeZone, at) <= here).toBe(true)
        if (label(name, timeZone, at) < here) expect(timeZone).toBe('America/St_Johns')
        expect(label(name, timeZone, endsAt - 1) <= here).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('of weeks are seven days from a Monday on', () => {
    const weekday = new Map(
      zones.map(timeZone => [timeZone, new Intl.DateTimeFormat('en', { timeZone, weekday: 'long' })]),
    )
    fc.assert(
      fc.property(zone, moment, (timeZone, at) => {
        const { startsAt, endsAt } = budgetWindows('week', timeZone)(at)
        expect(startsAt <= at && at < endsAt).toBe(true)
        expect(weekday.get(timeZone)?.format(startsAt)).toBe('Monday')
        expect(weekday.get(timeZone)?.format(endsAt)).toBe('Monday')
        expect(Math.abs(endsAt - startsAt - 168 * hour)).toBeLessThanOrEqual(24 * hour)
        expect(label('day', timeZone, startsAt - 1) < label('day', timeZone, startsAt)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('of hours are whole hours of the clock, shorter only where the clocks change', () => {
    const minutes = new Map(
      zones.map(timeZone => [
        timeZone,
        new Intl.DateTimeFormat('sv-SE', {
          timeZone,
          minute: '2-digit',
          second: '2-digit',
          timeZoneName: 'longOffset',
        }),
      ]),
    )
    fc.assert(
      fc.property(zone, moment, (timeZone, at) => {
        const { startsAt, endsAt } = budgetWindows('hour', timeZone)(at)
        const shown = (when: number): string => minutes.get(timeZone)?.format(when) ?? ''
        const offset = (when: number): string => shown(when).slice(shown(when).indexOf('GMT'))
        expect(startsAt <= at && at < endsAt).toBe(true)
        expect(offset(startsAt)).toBe(offset(endsAt - 1))
        if (offset(startsAt - 1) === offset(startsAt)) expect(shown(startsAt)).toMatch(/^00:00/)
        if (offset(endsAt) === offset(endsAt - 1)) expect(shown(endsAt)).toMatch(/^00:00/)
        expect(endsAt - startsAt).toBeLessThanOrEqual(hour)
      }),
      { numRuns: 200 },
    )
  })

  it('leave no gap and do not overlap', () => {
    fc.assert(
      fc.property(fc.constantFrom('hour', 'day', 'week', 'month' as const), zone, moment, (name, timeZone, at) => {
        const windowAt = budgetWindows(name as BudgetWindowName, timeZone)
        let window = windowAt(at)
        for (let count = 0; count < 8; count++) {
          const next = budgetWindows(name as BudgetWindowName, timeZone)(window.endsAt)
          expect(next.startsAt).toBe(window.endsAt)
          expect(windowAt(next.startsAt - 1)).toEqual(window)
          window = next
        }
      }),
      { numRuns: 50 },
    )
  })
})
