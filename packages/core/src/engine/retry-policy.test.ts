import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultRetryPolicy, retryDelay } from './retry-policy.ts'

describe('the wait before another attempt', () => {
  it('lies between 0 and a ceiling that doubles up to the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, chance) => {
          const delay = retryDelay(defaultRetryPolicy, attempt, undefined, () => chance) as number
          const ceiling = Math.min(8_000, 500 * 2 ** (attempt - 1))
          expect(delay).toBeCloseTo(chance * ceiling)
        },
      ),
    )
  })

  it('is at least the Retry-After, and none where that is too long', () => {
    expect(retryDelay(defaultRetryPolicy, 1, 3_000, () => 0.9)).toBe(3_000)
    expect(retryDelay(defaultRetryPolicy, 5, 3_000, () => 0.9)).toBe(7_200)
    expect(retryDelay(defaultRetryPolicy, 1, 60_000, () => 0)).toBe(60_000)
    expect(retryDelay(defaultRetryPolicy, 1, 60_001, () => 0)).toBeUndefined()
  })
})
