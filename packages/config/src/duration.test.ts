import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test('a duration is its number times its unit', () => {
  const units = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 }
  fc.assert(
    fc.property(fc.nat(1e6), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])), (number, unit) => {
      expect(parseDuration(`${number}${unit}`)).toBe(number * units[unit])
    }),
  )
  expect(parseDuration('1.5s')).toBe(1_500)
  for (const wrong of ['', '5', '5 s', 's', '-1s', '1w', '1s1s']) expect(parseDuration(wrong)).toBeUndefined()
})
