import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'
import { parseMoney } from './money.ts'

test('a duration is its number times its unit', () => {
  const units = { ms: 1, s: 1e3, m: 6e4, h: 36e5 }
  fc.assert(
    fc.property(fc.nat(1e6), fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[])), (number, unit) => {
      expect(parseDuration(`${number}${unit}`)).toBe(number * units[unit])
    }),
  )
  expect(parseDuration('1.5s')).toBe(1_500)
  for (const wrong of ['', '5', '5 s', 's', '-1s', '1d', '1s1s']) expect(parseDuration(wrong)).toBeUndefined()
})

test('an amount is exact to the pico-dollar', () => {
  expect(parseMoney('10 USD')).toBe(10_000_000_000_000n)
  expect(parseMoney('0.000000000001 USD')).toBe(1n)
  expect(parseMoney('9007199254740993.1 USD')).toBe(9_007_199_254_740_993_100_000_000_000n)
  for (const wrong of ['10', '10 EUR', '-1 USD', '1. USD', '0.0000000000001 USD']) {
    expect(parseMoney(wrong)).toBeUndefined()
  }
})
