import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addMoney, formatMoney, parseMoney } from './money.ts'

describe('money', () => {
  it('is read exactly', () => {
    expect(parseMoney('10 USD')).toBe(10_000_000_000_000n)
    expect(parseMoney('0.000000000001 USD')).toBe(1n)
    expect(parseMoney('9007199254740993.1 USD')).toBe(9_007_199_254_740_993_100_000_000_000n)
  })

  it.each(['10', '10USD', '10 EUR', '-1 USD', '.5 USD', '1. USD', '1e3 USD', '0.0000000000001 USD', ''])(
    '%j is no amount',
    text => {
      expect(parseMoney(text)).toBeUndefined()
    },
  )

  it('is written without zeros that say nothing', () => {
    expect(formatMoney(0n)).toBe('0 USD')
    expect(formatMoney(250_000_000_000n)).toBe('0.25 USD')
    expect(formatMoney(10_000_000_000_000n)).toBe('10 USD')
    expect(formatMoney(1n)).toBe('0.000000000001 USD')
    expect(formatMoney(-1_500_000_000_000n)).toBe('-1.5 USD')
  })

  it('survives being written and read', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 100n }), amount => parseMoney(formatMoney(amount)) === amount),
    )
  })

  it('adds up', () => {
    expect(addMoney()).toBe(0n)
    expect(addMoney(1n, 2n, 9_007_199_254_740_993n)).toBe(9_007_199_254_740_996n)
  })
})
