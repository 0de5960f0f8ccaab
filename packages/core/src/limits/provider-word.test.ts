import { describe, expect, it } from 'vitest'
import type { RateLimits } from '../contract/rate-limits.ts'
import type { Scope } from '../scope/scope.ts'
import { Asked } from './asked.fixture.ts'
import type { LimitDefinition } from './limit-definition.ts'
import { attempt, completed, type LimiterScene, limiterScene } from './limiter.fixture.ts'

const ofModel: Scope = { type: 'model', name: 'openai/gpt' }

function scene(limit: Partial<LimitDefinition>, ...scopes: readonly Scope[]): LimiterScene {
  const held = scopes.length === 0 ? [ofModel] : scopes
  return limiterScene([{ name: 'tier', ...limit }], { holdings: held.map(scope => ({ scope, name: 'tier' })) })
}

/** An attempt that is answered with this word of its limits. */
function told(here: LimiterScene, limits: RateLimits, info = attempt()): void {
  const asked = new Asked(here, info)
  asked.permit?.rateLimits?.(limits, here.clock.monotonic())
  asked.permit?.settle(completed(0), here.clock.monotonic())
}

/** How many of these go now. */
function go(here: LimiterScene, count: number, info = attempt()): number {
  return Array.from({ length: count }, () => new Asked(here, info)).filter(({ state }) => state === 'goes').length
}

describe("what a provider says of a model's limits", () => {
  it('holds back what it has no room for, though the limit has, until it is full again', async () => {
    const here = scene({ requestsPerMinute: 1_000 })
    told(here, { requests: { limit: 500, remaining: 3, resetMs: 20_000 } })
    expect(go(here, 10)).toBe(3)
    const refused = new Asked(here, attempt())
    expect(refused.state).toMatchObject({
      kind: 'rate-limit',
      code: 'limit',
      retryAfterMs: 20_000,
      message: 'openai says that 0 requests are left of its own limit. Try again in 20 s.',
    })
    expect(here.refused.at(-1)).toMatchObject({ limit: 'tier', target: 'openai/gpt', retryAfterMs: 20_000 })
    await here.clock.advance(19_999)
    expect(go(here, 1)).toBe(0)
    await here.clock.advance(1)
    expect(go(here, 1)).toBe(1)
  })

  it('waits until then where waiting is allowed', async () => {
    const here = scene({ requestsPerMinute: 1_000, maxWaitMs: 60_000 })
    told(here, { tokens: { remaining: 0, resetMs: 7_000 } })
    const asked = [new Asked(here, attempt()), new Asked(here, attempt())]
    await here.clock.advance(7_000)
    expect(asked.map(({ waited }) => waited)).toEqual([7_000, 7_000])
  })

  it('counts what is sent until it is answered, and no longer what an answer tells of', () => {
    const here = scene({ tokensPerMinute: 100_000 })
    told(here, { tokens: { limit: 10_000, remaining: 1_000, resetMs: 30_000 } })
    const [first, second] = [new Asked(here, attempt(400)), new Asked(here, attempt(400))]
    expect(go(here, 1, attempt(400))).toBe(0)
    // it has counted the first, and not yet the second
    first.permit?.rateLimits?.({ tokens: { limit: 10_000, remaining: 900, resetMs: 30_000 } }, here.clock.monotonic())
    expect(go(here, 1, attempt(600))).toBe(0)
    expect(go(here, 1, attempt(500))).toBe(1)
    second.permit?.settle({ type: 'withdrawn' }, 0)
    expect(go(here, 1, attempt(400))).toBe(1)
  })

  it.each([
    { remaining: Number.NaN, resetMs: 5_000 },
    { remaining: 0, resetMs: Number.NaN },
    { remaining: -1, resetMs: 5_000 },
    { remaining: 0, resetMs: -5_000 },
  ])('takes %o for nothing', requests => {
    const here = scene({ requestsPerMinute: 1_000 })
    told(here, { requests })
    expect(go(here, 3)).toBe(3)
  })

  it('is held to for a day at most', () => {
    const here = scene({ requestsPerMinute: 1_000 })
    told(here, { requests: { remaining: 0, resetMs: Number.POSITIVE_INFINITY } })
    expect(new Asked(here, attempt()).state).toMatchObject({ retryAfterMs: 86_400_000 })
  })

  it('counts answers that tell nothing against what was left', () => {
    const here = scene({ requestsPerMinute: 1_000, tokensPerMinute: 100_000 })
    told(here, { requests: { remaining: 2, resetMs: 30_000 }, tokens: { remaining: 500, resetMs: 30_000 } })
    new Asked(here, attempt(300)).permit?.settle(completed(300), 0)
    expect(go(here, 1, attempt(201))).toBe(0)
    new Asked(here, attempt(200)).permit?.settle(completed(200), 0)
    expect(go(here, 1)).toBe(0)
  })

  it('keeps a smaller limit for one more window after it was full, and then forgets it', async () => {
    const here = scene({ requestsPerMinute: 1_000 })
    told(here, { requests: { limit: 5, remaining: 0, resetMs: 10_000, windowMs: 60_000 } })
    await here.clock.advance(10_000)
    expect(go(here, 10)).toBe(5)
    await here.clock.advance(60_000)
    expect(go(here, 10)).toBe(10)
  })

  it('lets a request larger than all that the provider has go when all is there, for it to judge', async () => {
    const here = scene({ tokensPerMinute: 100_000 })
    told(here, { tokens: { limit: 1_000, remaining: 999, resetMs: 10_000 } })
    expect(go(here, 1, attempt(5_000))).toBe(0)
    await here.clock.advance(10_000)
    expect(go(here, 2, attempt(5_000))).toBe(1)
  })

  it('stops all where input or output is used up', async () => {
    const here = scene({ requestsPerMinute: 1_000 })
    told(here, { inputTokens: { remaining: 5, resetMs: 10_000 }, outputTokens: { remaining: 0, resetMs: 4_000 } })
    expect(new Asked(here, attempt()).state).toMatchObject({
      message: 'openai says that 0 output tokens are left of its own limit. Try again in 4 s.',
    })
    await here.clock.advance(4_000)
    expect(go(here, 3)).toBe(3)
  })

  it('is nothing without what is left, or without an end', () => {
    const here = scene({ requestsPerMinute: 1_000 })
    told(here, { requests: { limit: 5, resetMs: 10_000 }, tokens: { remaining: 0 } })
    expect(go(here, 10)).toBe(10)
  })

  it('is of its own target alone', () => {
    const here = scene({ requestsPerMinute: 1_000 }, { type: 'provider', name: 'openai' })
    told(here, { requests: { remaining: 0, resetMs: 10_000 } })
    expect(go(here, 1)).toBe(0)
    expect(go(here, 1, attempt(0, { model: 'mini' }))).toBe(1)
  })

  it('is not heard where a key, a chain, a tag or all hold the limit', () => {
    for (const scope of [{ type: 'all' }, { type: 'key', name: 'web' }, { type: 'chain', name: 'chain' }] as const) {
      const here = scene({ requestsPerMinute: 10 }, scope, ofModel)
      told(here, { requests: { limit: 1_000, remaining: 0, resetMs: 10_000, windowMs: 60_000 } })
      expect(go(here, 100)).toBe(9)
    }
  })

  it('is forgotten with targets that nobody asks any more', async () => {
    const here = scene({ requestsPerMinute: 100_000 }, { type: 'provider', name: 'openai' })
    for (let model = 0; model < 300; model++) {
      told(here, { requests: { remaining: 0, resetMs: 1_000 } }, attempt(0, { model: `m${model}` }))
      await here.clock.advance(2_000)
    }
    expect(go(here, 1, attempt(0, { model: 'm0' }))).toBe(1)
  })
})

describe("a model's limit", () => {
  it('is never exceeded, however much more the provider allows', () => {
    const here = scene({ requestsPerMinute: 10 })
    told(here, { requests: { limit: 5_000, remaining: 4_999, resetMs: 10_000, windowMs: 60_000 } })
    expect(go(here, 100)).toBe(9)
  })

  it('is whole again when the provider takes back that less is left', () => {
    const here = scene({ requestsPerMinute: 10 })
    told(here, { requests: { limit: 10, remaining: 1, resetMs: 60_000, windowMs: 60_000 } })
    expect(go(here, 1)).toBe(1)
    expect(go(here, 1)).toBe(0)
    const other = scene({ requestsPerMinute: 10 })
    const under = [new Asked(other, attempt()), new Asked(other, attempt())]
    for (const [at, remaining] of [0, 8].entries()) {
      const limits = { requests: { limit: 10, remaining, resetMs: 60_000, windowMs: 60_000 } }
      under[at]?.permit?.rateLimits?.(limits, other.clock.monotonic())
      if (remaining === 0) expect(go(other, 1)).toBe(0)
    }
    expect(go(other, 100)).toBe(8)
  })
})
