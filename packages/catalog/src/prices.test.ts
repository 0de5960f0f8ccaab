import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pricePerToken, pricesFor } from './prices.ts'

describe('a price in USD per million tokens', () => {
  test.each<[string | number, bigint]>([
    [1, 1_000_000n],
    [0.15, 150_000n],
    ['0.0375', 37_500n],
    ['12.50', 12_500_000n],
    [0.000001, 1n],
    [1e-6, 1n],
    [0, 0n],
    ['0.10000000000', 100_000n],
  ])('%j is %i pico-dollars a token', (price, expected) => {
    expect(pricePerToken(price)).toBe(expected)
  })

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '', '1,5', '.5', '1.', 1e-7, '0.0000001', '1 USD', 1e21])(
    '%j is none that can be kept exactly',
    price => {
      expect(pricePerToken(price)).toBeUndefined()
    },
  )

  test('is exact for every decimal of six places', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(999_999), (whole, micros) => {
        const text = `${whole}.${String(micros).padStart(6, '0')}`
        expect(pricePerToken(text)).toBe(BigInt(whole) * 1_000_000n + BigInt(micros))
        expect(pricePerToken(Number(text))).toBe(pricePerToken(text))
      }),
    )
  })
})

test('of several tiers the longest that is reached counts', () => {
  const period = {
    input: 1n,
    longContext: [
      { tokens: 10, when: 'exceeds', input: 2n },
      { tokens: 20, when: 'reaches', input: 3n },
    ],
  } as const
  expect([0, 10, 11, 19, 20, 99].map(tokens => pricesFor(period, tokens).input)).toEqual([1n, 1n, 2n, 2n, 3n, 3n])
})
