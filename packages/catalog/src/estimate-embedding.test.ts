import type { Pricing } from '@switchyard/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalog } from './catalog.ts'

const at = Date.parse('2026-11-20T12:00:00Z')
const catalog = createCatalog({
  clock: { wall: () => at },
  overrides: { 'lab/vectors': { price: { input: 1_000n } } },
})

describe('an estimate for embeddings', () => {
  test('is the texts, at the price of the prompt, and nothing for the vectors', () => {
    const estimate = catalog.estimate({ input: ['x'.repeat(100), '漢字'] }, 'openai/text-embedding-3-small', { at })
    expect(estimate).toEqual({
      expected: 27n * 20_000n,
      bound: (106n + 256n + 2n * 32n) * 20_000n,
      unbounded: [],
      inputTokens: { expected: 27, most: 426 },
      outputTokens: { expected: 0, most: 0 },
    })
  })

  test('needs no price of an answer', () => {
    expect(catalog.estimate({ input: ['x'] }, 'lab/vectors', { at })).toMatchObject({
      bound: 289_000n,
      expected: 1_000n,
    })
  })

  test('lends nothing to an answer, nor the other way round', () => {
    const asked = { messages: [{ role: 'user', content: 'x' }], maxOutputTokens: 9 } as const
    for (let time = 0; time < 2; time++) {
      expect(catalog.estimate({ input: ['x'] }, 'lab/vectors', { at }).unbounded).toEqual([])
      expect(catalog.estimate(asked, 'lab/vectors', { at }).unbounded).toEqual(['price: output has no known price'])
    }
  })

  test('says so where no price is known, and where fields may cost what nobody knows', () => {
    expect(catalog.estimate({ input: ['x'] }, 'lab/other', { at })).toMatchObject({
      unbounded: ['price: no price of this model is known; state it under models'],
    })
    const extra = (name: string) => ({ input: ['x'], extra: { 'openai-chat': { [name]: 'base64' } } })
    const model = 'openai/text-embedding-3-small'
    expect(catalog.estimate(extra('encoding_format'), model, { at }).unbounded).toEqual([])
    expect(catalog.estimate(extra('speed'), model, { at })).not.toHaveProperty('bound')
  })

  test('is never less than the bill of as many tokens as there are bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), input => {
        const { bound } = catalog.estimate({ input }, 'openai/text-embedding-3-large', { at })
        const uncached = input.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
        const usage = { input: { uncached, cacheRead: 0, cacheWrite: {} }, output: { text: 0, reasoning: 0 } }
        const { total } = catalog.cost(usage, 'openai/text-embedding-3-large', at)
        expect(bound !== undefined && total !== undefined && bound >= total).toBe(true)
      }),
    )
  })
})

test('the catalogue is what accounts take prices from', () => {
  const pricing: Pricing = catalog
  const usage = { input: { uncached: 10, cacheRead: 0, cacheWrite: {} }, output: { text: 0, reasoning: 0 } }
  expect(pricing.cost(usage, 'openai/text-embedding-3-small', at)).toMatchObject({
    total: 200_000n,
    subtotal: 200_000n,
  })
})
