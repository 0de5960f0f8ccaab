import { describe, expect, it } from 'vitest'
import { usageQuestion } from './usage-question.ts'

describe('what is asked', () => {
  it.each([
    ['2026-11-21', 'UTC', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21', 'Europe/Berlin', '2026-11-20T23:00:00.000Z'],
    ['2026-11-21T10:30', 'Europe/Berlin', '2026-11-21T09:30:00.000Z'],
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    ['2026-11-21T10:30:15.5Z', 'Europe/Berlin', '2026-11-21T10:30:15.500Z'],
    ['2026-11-21 10:30:00-05:30', 'UTC', '2026-11-21T16:00:00.000Z'],
    [String(Date.UTC(2026, 10, 21)), 'Europe/Berlin', '2026-11-21T00:00:00.000Z'],
  ])('"%s" in %s is %s', (from, timeZone, expected) => {
    const { range } = usageQuestion({ from }, { timeZone })
    expect(new Date(range.from as number).toISOString()).toBe(expected)
  })

  it.each([['yesterday'], ['2026-02-30'], ['2026-13-01'], ['2026-1-1'], [''], [-1], [1.5], [Number.NaN], [1e20]])(
    '%j is no moment',
    to => {
      expect(() => usageQuestion({ to })).toThrow(/^to: "[^"]*" is no moment since 1970; use milliseconds/)
    },
  )

  it('begins before it ends', () => {
    expect(() => usageQuestion({ from: 5, to: 5 })).toThrow('from: 1970-01-01T00:00:00.005Z is not before')
  })

  it('is grouped by what there is', () => {
    expect(() => usageQuestion({}, { by: ['modle' as 'model'] })).toThrow('by: usage is not grouped by "modle"; model,')
  })
})
