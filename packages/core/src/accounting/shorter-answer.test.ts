import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageRequest } from '../contract/request.ts'
import { attemptOf, books, completed, pricing } from './accounting.fixture.ts'
import { shorterAnswer } from './shorter-answer.ts'

const clamping = { limit: 1_000n, onLow: 'clamp' } as const
const ask = attemptOf(1_000).request as MessageRequest

describe('a budget that clamps', () => {
  it('shortens the answer to what is left, and the caller is warned', async () => {
    const { admit, spend, clock, accounting } = books({ budgets: [clamping] })
    await spend(700, 700)
    const permit = await admit(900)
    expect(permit.clamp).toEqual({
      maxOutputTokens: 300,
      message: 'little of a budget is left, so the answer is at most 300 tokens',
    })
    await permit.settle(completed(300), clock.monotonic())
    expect(await accounting.budgets()).toMatchObject([{ settled: 1_000n, left: 0n }])
  })

  it('leaves an answer alone that fits', async () => {
    const { admit } = books({ budgets: [clamping] })
    expect((await admit(900)).clamp).toBeUndefined()
  })

  it('shortens to the budget with the least left, though others only refuse', async () => {
    const { admit, spend } = books({ budgets: [{ limit: 5_000n }, clamping] })
    await spend(800, 800)
    expect((await admit(900)).clamp?.maxOutputTokens).toBe(200)
  })

  it('refuses where too little is left for an answer, and where a cut answer is none', async () => {
    const { admit, spend } = books({ budgets: [clamping] })
    await spend(937, 937)
    await expect(admit(100)).rejects.toMatchObject({ kind: 'budget-exceeded' })
    const other = books({ budgets: [clamping] })
    await other.spend(500, 500)
    for (const more of [
      { tools: [{ name: 'f' }] },
      { responseFormat: { type: 'json' } },
      { responseFormat: { type: 'json-schema', name: 'n', schema: {} } },
    ] as const) {
      await expect(other.admit(900, { request: { ...ask, ...more } })).rejects.toMatchObject({ code: 'budget' })
    }
    const request = { input: Array.from({ length: 900 }, () => 'text') }
    await expect(other.admit(900, { operation: 'embed', request })).rejects.toMatchObject({ code: 'budget' })
    const plain = { ...ask, tools: [], responseFormat: { type: 'text' } } as const
    await expect(other.admit(900, { request: plain })).resolves.toMatchObject({ clamp: { maxOutputTokens: 500 } })
  })

  it('waits first where it may, and shortens when that was in vain', async () => {
    const { admit, clock } = books({ budgets: [{ ...clamping, maxWaitMs: 2_000 }] })
    const holding = await admit(600)
    const early = Promise.resolve(admit(900))
    await clock.advance(1_000)
    await holding.settle(completed(50), clock.monotonic())
    await clock.advance(0)
    const permit = await early
    expect(permit.clamp).toBeUndefined()
    const late = expect(admit(900)).rejects.toMatchObject({ code: 'budget' })
    await clock.advance(5_000)
    await late
    await permit.settle(completed(100), clock.monotonic())
    await clock.advance(2_000)
    await admit(500)
    const shortened = Promise.resolve(admit(700))
    await clock.advance(2_500)
    expect((await shortened).clamp?.maxOutputTokens).toBe(350)
  })
})

describe('the longest answer within an amount', () => {
  it('is the longest, and its bound is within, whatever prompts and tokens cost', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 65, max: 10_000 }),
        fc.bigInt(1n, 90n),
        fc.bigInt(0n, 100_000n),
        fc.bigInt(0n, 1_000_000n),
        (cap, price, prompt, within) => {
          const boundOf = (tokens: number) => prompt + BigInt(tokens) * price
          const priced = {
            ...pricing,
            estimate: (request: unknown) => ({
              ...pricing.estimate(ask, 'lab/tiny', { at: 0 }),
              bound: boundOf((request as MessageRequest).maxOutputTokens as number),
            }),
          }
          const asked = { ...ask, maxOutputTokens: cap }
          const found = shorterAnswer(priced, asked, priced.estimate(asked), 'lab/tiny', 0, within)
          if (found === undefined) expect(boundOf(64) > within || cap <= 64).toBe(true)
          else {
            const { maxOutputTokens, bound } = found
            expect(bound).toBe(boundOf(maxOutputTokens))
            expect(bound <= within && maxOutputTokens >= 64 && maxOutputTokens < cap).toBe(true)
            expect(maxOutputTokens === cap - 1 || boundOf(maxOutputTokens + 1) > within).toBe(true)
          }
        },
      ),
    )
  })
})
