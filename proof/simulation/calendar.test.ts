import { expect, it } from 'vitest'
import { calendarEnds, windowStart } from './money/calendar.ts'

it('sees in each place the windows that clocks made longer or shorter', () => {
  const hours = calendarEnds.map(({ timeZone, at }) =>
    (['day', 'week', 'month'] as const).map(window => {
      const startsAt = windowStart({ window, timeZone }, at - 1)
      const isItsEnd = windowStart({ window, timeZone }, at) === at
      return isItsEnd ? (at - startsAt) / 3_600_000 : undefined
    }),
  )
  expect(hours).toEqual([
    [23, 167, undefined],
    [25, 169, undefined],
    [undefined, undefined, undefined],
    [24, undefined, 745],
    [25, 169, undefined],
    [24, undefined, undefined],
    [undefined, undefined, undefined],
  ])
})

it('begins an hour anew where the clock shows it twice, or cuts it', () => {
  const [berlin, lordHowe] = [calendarEnds[2], calendarEnds[6]]
  for (const place of [berlin, lordHowe]) {
    const { timeZone = '', at = 0 } = place ?? {}
    expect(windowStart({ window: 'hour', timeZone }, at)).toBe(at)
    expect(windowStart({ window: 'hour', timeZone }, at + 1_799_999)).toBe(at)
  }
  const { timeZone = '', at = 0 } = lordHowe ?? {}
  expect(windowStart({ window: 'hour', timeZone }, at + 1_800_000)).toBe(at + 1_800_000)
})
