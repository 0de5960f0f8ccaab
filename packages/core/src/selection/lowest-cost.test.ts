import { describe, expect, it } from 'vitest'
import type { PriceEstimate, Pricing } from '../accounting/pricing.ts'
import { parseMoney } from '../money/money.ts'
import { lowestCost } from './lowest-cost.ts'
import { anything, selectable } from './selection.fixture.ts'

const [a, b, c] = [selectable('a/m'), selectable('b/m'), selectable('c/m')]
const tokens = { inputTokens: { expected: 1 }, outputTokens: { expected: 1 } }

function price(text: string | undefined): PriceEstimate {
  const expected = text === undefined ? undefined : parseMoney(text)
  return { ...(expected !== undefined && { expected }), unbounded: ['unknown'], ...tokens }
}

describe('by cost', () => {
  it('the cheapest for this request is asked first, and who has no known price last, which it says', () => {
    const prices: Record<string, string | undefined> = { 'a/m': undefined, 'b/m': '0.02 USD', 'c/m': '0.00042 USD' }
    const selector = lowestCost().selector({ pricing: { estimate: () => price(undefined) } })
    const selection = selector.select([a, b, c], { ...anything, estimate: ({ key }) => price(prices[key]) })
    expect(selection.order).toEqual([c, b, a])
    expect(selection.order.map(target => selection.reasons(target))).toEqual([
      [{ code: 'cost', message: 'it costs about 0.00042 USD there', data: { cost: '0.00042 USD' } }],
      [{ code: 'cost', message: 'it costs about 0.02 USD there', data: { cost: '0.02 USD' } }],
      [{ code: 'cost', message: 'what it costs there is unknown' }],
    ])
  })

  it('equals stay in the listed order', () => {
    const selector = lowestCost().selector({ pricing: { estimate: () => price(undefined) } })
    expect(selector.select([b, c, a], { ...anything, estimate: () => price('1 USD') }).order).toEqual([b, c, a])
  })

  it('asks a pricing of its own for the request as each target gets it', () => {
    const asked: unknown[] = []
    const pricing: Pick<Pricing, 'estimate'> = {
      estimate(request, target, { at }) {
        asked.push([request.model, target, at])
        if (target === 'a/m') throw new Error('no such model')
        return price('1 USD')
      },
    }
    const request = { ...anything, at: 7, requestFor: ({ key }: { key: string }) => ({ model: key, messages: [] }) }
    expect(lowestCost({ pricing }).selector({}).select([a, b], request).order).toEqual([b, a])
    expect(asked).toEqual([
      ['a/m', 'a/m', 7],
      ['b/m', 'b/m', 7],
    ])
  })

  it('needs prices', () => {
    expect(() => lowestCost().selector({})).toThrow('lowestCost needs prices: give it, or the chain, `pricing`.')
  })
})
