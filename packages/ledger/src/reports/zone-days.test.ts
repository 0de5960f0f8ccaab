import { describe, expect, it } from 'vitest'
import { dayName, ZoneDays } from './zone-days.ts'

function daysOf(timeZone: string, from: string, to: string) {
  const days = new ZoneDays(timeZone).within({ from: Date.parse(from), to: Date.parse(to) })
  return days.map(({ day, from: start, to: end }) => [
    dayName(day),
    new Date(start).toISOString(),
    (end - start) / 3_600_000,
  ])
}

describe('days of a time zone', () => {
  it('have 23 and 25 hours where clocks change', () => {
    expect(daysOf('Europe/Berlin', '2026-03-27T23:00Z', '2026-03-30T22:00Z')).toEqual([
      ['2026-03-28', '2026-03-27T23:00:00.000Z', 24],
      ['2026-03-29', '2026-03-28T23:00:00.000Z', 23],
      ['2026-03-30', '2026-03-29T22:00:00.000Z', 24],
    ])
    expect(daysOf('America/New_York', '2026-11-01T04:00Z', '2026-11-02T05:00Z')).toEqual([
      ['2026-11-01', '2026-11-01T04:00:00.000Z', 25],
    ])
  })

  it('are cut by the range', () => {
    expect(daysOf('Asia/Kolkata', '2026-01-01T18:00Z', '2026-01-01T19:00Z')).toEqual([
      ['2026-01-01', '2026-01-01T18:00:00.000Z', 0.5],
      ['2026-01-02', '2026-01-01T18:30:00.000Z', 0.5],
    ])
  })

  it('begin late where midnight is skipped', () => {
    // Beirut went from 2026-03-28 24:00 to 01:00
    expect(daysOf('Asia/Beirut', '2026-03-28T22:00Z', '2026-03-29T21:00Z')).toEqual([
      ['2026-03-29', '2026-03-28T22:00:00.000Z', 23],
    ])
    const beirut = new ZoneDays('Asia/Beirut')
    expect(new Date(beirut.startOf(beirut.dayOf(Date.parse('2026-03-29T12:00Z')))).toISOString()).toBe(
      '2026-03-28T22:00:00.000Z',
    )
  })

  it('want a time zone that there is', () => {
    expect(() => new ZoneDays('Mars/Olympus')).toThrow('"Mars/Olympus" is no time zone; use a name such as UTC')
  })
})
