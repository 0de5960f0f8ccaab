import type { Usage } from '@switchyard/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalog } from './catalog.ts'

const catalog = createCatalog({ clock: { wall: () => Date.parse('2026-11-20T12:00:00Z') } })
const usageOf = (input: Partial<Usage['input']>, output: Partial<Usage['output']> = {}): Usage => ({
  input: { uncached: 0, cacheRead: 0, cacheWrite: {}, ...input },
  output: { text: 0, reasoning: 0, ...output },
})

describe('a cost', () => {
  test('tells each part, its price and the tier', () => {
    expect(catalog.cost(usageOf({ uncached: 300_000, cacheRead: 1 }, { reasoning: 2 }), 'openai/gpt-6-sol')).toEqual({
      parts: [
        { part: 'uncached', quantity: 300_000n, price: 4_000_000n, percentOff: 0n, cost: 1_200_000_000_000n },
        { part: 'cacheRead', quantity: 1n, price: 400_000n, percentOff: 0n, cost: 400_000n },
        { part: 'reasoning', quantity: 2n, price: 15_000_000n, percentOff: 0n, cost: 30_000_000n },
      ],
      subtotal: 1_200_030_400_000n,
      total: 1_200_030_400_000n,
      unknown: [],
      pricedAs: 'gpt-6-sol',
      tier: 272_000,
    })
  })

  test('of nothing is nothing, and known', () => {
    expect(catalog.cost(usageOf({}), 'openai/gpt-4')).toMatchObject({ parts: [], total: 0n, unknown: [] })
  })

  test('takes a model as well as its name, and a moment as a date or in milliseconds', () => {
    const usage = usageOf({ uncached: 10 })
    const model = catalog.get('gemini/gemini-4-argon')
    if (model === undefined) throw new Error('no such model')
    const at = new Date('2026-12-01T00:00:00Z')
    expect(catalog.cost(usage, model, at).total).toBe(40_000_000n)
    expect(catalog.cost(usage, 'gemini/gemini-4-argon', at.getTime()).total).toBe(40_000_000n)
    expect(catalog.cost(usage, 'gemini/gemini-4-argon').total).toBe(20_000_000n)
  })

  test('is exact where floats are not', () => {
    const tokens = Number.MAX_SAFE_INTEGER
    expect(catalog.cost(usageOf({}, { text: tokens }), 'groq/openai/gpt-oss-20b').total).toBe(BigInt(tokens) * 300_000n)
  })

  test('rounds up what a discount leaves of a pico-dollar', () => {
    const odd = createCatalog({
      overrides: { 'lab/odd': { price: { input: 1n }, batch: { percentOff: 50n, parts: ['input'] } } },
    })
    expect(odd.cost(usageOf({ uncached: 3 }), 'lab/odd', 0, { batch: true }).total).toBe(2n)
  })

  test('of reasoning follows a price of its own where there is one', () => {
    const own = createCatalog({ overrides: { 'lab/thinks': { price: { output: 2n, reasoning: 7n } } } })
    expect(own.cost(usageOf({}, { text: 1, reasoning: 1 }), 'lab/thinks').total).toBe(9n)
  })

  test('follows no name into the prototype', () => {
    expect(catalog.cost(usageOf({ cacheWrite: { constructor: 1 } }), 'openai/gpt-6-sol').unknown).toEqual([
      'cacheWrite.constructor',
    ])
  })

  test.each([1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses a count of %d', count => {
    expect(() => catalog.cost(usageOf({ cacheRead: count }), 'openai/gpt-6-sol')).toThrow(
      `The usage's cacheRead must be a whole number from 0 up, and is ${count}.`,
    )
    expect(() => catalog.cost(usageOf({ cacheWrite: { '1h': count } }), 'nobody/knows')).toThrow('cacheWrite.1h')
  })
})

const count = fc.nat(1_000_000)
const anyUsage = fc.record({
  input: fc.record({
    uncached: count,
    cacheRead: count,
    cacheWrite: fc.dictionary(fc.constantFrom('5m', '1h', '30m', '12h', 'default'), count),
  }),
  output: fc.record({ text: count, reasoning: count }),
})
const anyModel = fc.constantFrom(...catalog.find())
const anyDay = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-12-31') })

describe('whatever was used, of whatever model, whenever', () => {
  test('the parts add up to the subtotal, and to the total where nothing is unknown', () => {
    fc.assert(
      fc.property(anyUsage, anyModel, anyDay, fc.boolean(), (usage, model, at, batch) => {
        const cost = catalog.cost(usage, model, at, { batch })
        expect(cost.parts.reduce((sum, part) => sum + part.cost, 0n)).toBe(cost.subtotal)
        expect(cost.total).toBe(cost.unknown.length === 0 ? cost.subtotal : undefined)
        for (const { quantity, price, cost: each } of cost.parts) {
          expect(each <= quantity * price && each * 2n >= quantity * price).toBe(true)
        }
      }),
    )
  })

  test('every part that was used is priced or named as unknown, once', () => {
    fc.assert(
      fc.property(anyUsage, anyModel, anyDay, (usage, model, at) => {
        const used = [
          ...Object.entries({ ...usage.output, uncached: usage.input.uncached, cacheRead: usage.input.cacheRead }),
          ...Object.entries(usage.input.cacheWrite).map(([lifetime, n]) => [`cacheWrite.${lifetime}`, n] as const),
        ]
        const cost = catalog.cost(usage, model, at)
        expect([...cost.parts.map(({ part }) => part), ...cost.unknown].sort()).toEqual(
          used.flatMap(([name, n]) => (n > 0 ? [name] : [])).sort(),
        )
      }),
    )
  })

  test('a batch never costs more', () => {
    fc.assert(
      fc.property(anyUsage, anyModel, anyDay, (usage, model, at) => {
        const whole = catalog.cost(usage, model, at)
        const batch = catalog.cost(usage, model, at, { batch: true })
        if (batch.total !== undefined && whole.total !== undefined) expect(batch.total <= whole.total).toBe(true)
      }),
    )
  })
})
