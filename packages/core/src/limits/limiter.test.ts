import { describe, expect, it } from 'vitest'
import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import type { LimitCorrection } from './limit-store.ts'
import { attempt, completed, type LimiterScene, limiterScene } from './limiter.fixture.ts'
import { createLimiter } from './limiter.ts'

function admit({ limiter }: Pick<LimiterScene, 'limiter'>, info: AttemptInfo = attempt()): AdmissionPermit {
  const permit = limiter.admit(info, 0)
  if (permit instanceof Promise) throw new Error('it waits')
  return permit
}

function refusal(here: Pick<LimiterScene, 'limiter'>, info: AttemptInfo = attempt()): SwitchyardError {
  try {
    admit(here, info)
  } catch (error) {
    if (isSwitchyardError(error)) return error
    throw error
  }
  throw new Error('it was let through')
}

async function left(here: LimiterScene): Promise<readonly number[]> {
  return (await here.limiter.standings()).map(standing => standing.left)
}

const failed: AttemptOutcome = {
  type: 'failed',
  error: new SwitchyardError('network', 'Cut.'),
  bill: 'nothing',
  durationMs: 1,
}

describe('a limiter', () => {
  it('lets through as many requests and tokens as fit into a minute and a day', async () => {
    const here = limiterScene([
      { requestsPerMinute: 2 },
      { tokensPerMinute: 100 },
      { requestsPerDay: 3, tokensPerDay: 150 },
    ])
    admit(here, attempt(60))
    expect(refusal(here, attempt(60)).message).toContain('"limit1"')
    admit(here, attempt(30))
    expect(refusal(here).message).toContain('"limit0"')
    await here.clock.advance(61_000)
    expect(refusal(here, attempt(90)).message).toContain('tokens per day')
    admit(here, attempt(60))
    await here.clock.advance(61_000)
    expect(refusal(here).message).toContain('requests per day')
    expect(await left(here)).toEqual([2, 100, 0, 0])
  })

  it('takes of all limits that hold, or of none', async () => {
    const here = limiterScene([{ requestsPerMinute: 5 }, { tokensPerMinute: 10 }])
    admit(here, attempt(6))
    refusal(here, attempt(6))
    expect(await left(here)).toEqual([4, 4])
  })

  it('says which limit, what was asked and when there is room, as an error and as an event', async () => {
    const here = limiterScene([{ name: 'tier1', tokensPerMinute: 1_000 }])
    admit(here, attempt(900))
    await here.clock.advance(20_500)
    const error = refusal(here, attempt(200))
    expect(error).toMatchObject({
      kind: 'rate-limit',
      code: 'limit',
      retryAfterMs: 40_500,
      provider: 'openai',
      model: 'gpt',
      message: 'The limit "tier1" has no room for 200 tokens: it allows 1000 tokens per minute. Try again in 40.5 s.',
    })
    expect(here.refused).toEqual([
      {
        at: here.clock.wall(),
        requestId: 'request',
        chain: 'chain',
        limit: 'tier1',
        quantity: 'tokens-per-minute',
        target: 'openai/gpt',
        retryAfterMs: 40_500,
      },
    ])
    await here.clock.advance(40_499)
    refusal(here, attempt(200))
    await here.clock.advance(1)
    admit(here, attempt(200))
  })

  it('speaks of requests where requests ran out', () => {
    const here = limiterScene([{ requestsPerDay: 1 }])
    admit(here)
    expect(refusal(here).message).toMatch(
      /^The limit "limit0" has no room for another request: it allows 1 requests per day\. Try again in \d+(\.\d)? s\.$/,
    )
  })

  it('refuses at once, without a time, what can never fit, and lets smaller ones through', () => {
    const here = limiterScene([{ tokensPerMinute: 100, maxWaitMs: 60_000 }])
    const error = refusal(here, attempt(101))
    expect(error.message).toBe(
      'The limit "limit0" can never take a request of 101 tokens: it allows 100 tokens per minute. Ask for less, or raise it.',
    )
    expect(error).not.toHaveProperty('retryAfterMs')
    expect(here.refused).toMatchObject([{ limit: 'limit0', quantity: 'tokens-per-minute' }])
    admit(here, attempt(100))
  })

  it('holds for whom a holding names, together where several hold one name', async () => {
    const here = limiterScene(
      [
        { name: 'web', requestsPerMinute: 1 },
        { name: 'both', requestsPerMinute: 2 },
      ],
      {
        holdings: [
          { scope: { type: 'key', name: 'web' }, name: 'web' },
          { scope: { type: 'provider', name: 'openai' }, name: 'both' },
          { scope: { type: 'tag', name: 'night' }, name: 'both' },
        ],
      },
    )
    const web = attempt(0, { provider: 'lab', context: { principal: 'web' } })
    admit(here, web)
    refusal(here, web)
    admit(here)
    admit(here, attempt(0, { provider: 'lab', context: { tags: ['night'] } }))
    refusal(here)
    for (let count = 0; count < 5; count++) admit(here, attempt(0, { provider: 'lab' }))
  })

  it('lets token counts and nested chains pass freely', async () => {
    const here = limiterScene([{ requestsPerMinute: 1 }])
    for (let count = 0; count < 3; count++) {
      admit(here, attempt(0, { operation: 'count-tokens' })).settle({ type: 'withdrawn' }, 0)
      admit(here, attempt(0, { nested: true })).settle({ type: 'withdrawn' }, 0)
    }
    expect(await left(here)).toEqual([1])
  })

  it('asks for an estimate only where tokens are counted', () => {
    const here = limiterScene([])
    const limiter = createLimiter({
      store: here.store,
      limits: [{ name: 'requests', requestsPerMinute: 1 }],
      holdings: [{ scope: { type: 'all' }, name: 'requests' }],
      estimate: () => expect.fail('it was asked'),
    })
    admit({ limiter })
  })

  it('reserves a guess, or the most where it is strict', async () => {
    const here = limiterScene([{ tokensPerMinute: 100 }, { tokensPerMinute: 100, mode: 'strict' }])
    admit(here, attempt({ expected: 9.5, most: 50 }))
    expect(await left(here)).toEqual([90, 50])
  })

  it('reserves no more than the most', async () => {
    const here = limiterScene([{ tokensPerMinute: 100 }])
    admit(here, attempt({ expected: 60, most: 20 }))
    expect(await left(here)).toEqual([80])
  })

  it.each([Number.NaN, -1])('refuses what is estimated at %d tokens', expected => {
    const here = limiterScene([{ tokensPerMinute: 100, maxWaitMs: 60_000 }])
    const error = refusal(here, attempt({ expected }))
    expect(error.message).toBe('The limit "limit0" counts tokens, and nobody can say how many this request uses.')
  })

  it('refuses under a strict limit what has no bound', () => {
    const here = limiterScene([{ tokensPerMinute: 100, mode: 'strict' }])
    const error = refusal(here, attempt({ expected: 1 }))
    expect(error.message).toBe(
      'The limit "limit0" is strict, and nobody can say how many tokens this request uses at most.',
    )
  })
})

describe('a settled attempt', () => {
  const limits = [{ requestsPerMinute: 10, tokensPerMinute: 1_000 }]

  it.each<[string, AttemptOutcome, readonly number[]]>([
    ['counts what it used', completed(70), [9, 930]],
    ['counts what it used above its estimate at once', completed(700), [9, 300]],
    [
      'counts cached input, reasoning and all',
      {
        type: 'completed',
        usage: {
          input: { uncached: 1, cacheRead: 20, cacheWrite: { '5m': 100, '1h': 200 } },
          output: { text: 30, reasoning: 40 },
        },
        durationMs: 1,
      },
      [9, 609],
    ],
    ['counts what it reserved where nobody says what it used', { type: 'completed', durationMs: 1 }, [9, 900]],
    ['gives all back where nothing was sent', { type: 'withdrawn' }, [10, 1_000]],
    ['counts as a request without tokens where the provider refused', failed, [9, 1_000]],
    [
      'counts as a request without tokens where it was cancelled and bills nothing',
      { ...failed, type: 'cancelled' },
      [9, 1_000],
    ],
    ['counts what it reserved where nobody knows', { ...failed, bill: 'unknown' }, [9, 900]],
    [
      'gives all back where the provider never got it',
      { ...failed, error: new SwitchyardError('network', 'Nothing there.', { unsent: true }) },
      [10, 1_000],
    ],
  ])('%s', async (_, outcome, expected) => {
    const here = limiterScene(limits)
    const permit = admit(here, attempt(100))
    expect(await left(here)).toEqual([9, 900])
    permit.settle(outcome, 0)
    expect(await left(here)).toEqual(expected)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -500])(
    'counts what it reserved where it is said to have used %d',
    async used => {
      const here = limiterScene(limits)
      admit(here, attempt(100)).settle(completed(used), 0)
      expect(await left(here)).toEqual([9, 900])
    },
  )

  it('counts parts of tokens as whole ones', async () => {
    const here = limiterScene(limits)
    admit(here, attempt(100)).settle(completed(10.2), 0)
    expect(await left(here)).toEqual([9, 989])
  })

  it('is settled once', async () => {
    const here = limiterScene(limits)
    const permit = admit(here, attempt(100))
    for (let times = 0; times < 3; times++) permit.settle(completed(40), 0)
    expect(await left(here)).toEqual([9, 960])
  })

  it('counts in the minute it was sent in, however late it ends', async () => {
    const here = limiterScene([{ tokensPerMinute: 1_000, tokensPerDay: 10_000 }])
    const permit = admit(here, attempt(100))
    await here.clock.advance(300_000)
    permit.settle(completed(5_000), 0)
    expect(await left(here)).toEqual([1_000, 5_000])
  })
})

describe('an attempt that is sent later than it was let through', () => {
  const limits = [{ requestsPerMinute: 2, tokensPerMinute: 100, requestsPerDay: 10 }]

  it('counts from then', async () => {
    const here = limiterScene(limits)
    const permit = admit(here, attempt(30))
    await here.clock.advance(40_000)
    permit.sent?.(40_000)
    await here.clock.advance(60_999)
    expect(await left(here)).toEqual([1, 70, 9])
    permit.settle(completed(10), 0)
    expect(await left(here)).toEqual([1, 90, 9])
    await here.clock.advance(1)
    expect(await left(here)).toEqual([2, 100, 9])
  })

  it('asks the store only where another bucket is meant', async () => {
    const corrected: (readonly LimitCorrection[])[] = []
    const here = limiterScene(limits, {
      through: store => ({
        take: asks => store.take(asks),
        left: limit => store.left(limit),
        correct: corrections => void corrected.push(corrections),
      }),
    })
    const permit = admit(here)
    permit.sent?.(999)
    expect(corrected).toEqual([])
    permit.sent?.(1)
    expect(corrected.flat().map(({ key }) => key)).toEqual(
      ['requests', 'requests', 'tokens', 'tokens'].map(unit => `limit0:${unit}-per-minute`),
    )
  })

  it('is refused after all where a strict limit may have given its room to others', async () => {
    const here = limiterScene([{ requestsPerMinute: 2, mode: 'strict' }])
    const permit = admit(here)
    await here.clock.advance(59_000)
    expect(() => permit.sent?.(59_000)).toThrow('The limit "limit0" kept room for this request for a minute')
    permit.settle({ type: 'withdrawn' }, 0)
    expect(await left(here)).toEqual([2])
    expect(here.refused).toHaveLength(1)
    const other = admit(here)
    await here.clock.advance(58_900)
    other.sent?.(58_900)
    await here.clock.advance(60_000)
    expect(await left(here)).toEqual([1])
  })

  it('goes nevertheless where an estimated one may', async () => {
    const here = limiterScene([{ requestsPerMinute: 2 }])
    const permit = admit(here)
    await here.clock.advance(100_000)
    permit.sent?.(100_000)
    expect(await left(here)).toEqual([1])
  })
})

describe('limits that cannot hold', () => {
  it.each<[string, Parameters<typeof limiterScene>]>([
    ['"limit0" limits nothing', [[{}]]],
    ['"limit0" needs a tokensPerDay of at least 1, not 0', [[{ tokensPerDay: 0 }]]],
    ['"limit0" needs a requestsPerMinute of at least 1, not NaN', [[{ requestsPerMinute: Number.NaN }]]],
    ['"limit0" needs a tokensPerDay of at least 1, not Infinity', [[{ tokensPerDay: Number.POSITIVE_INFINITY }]]],
    ['"limit0" needs a maxWaitMs of at least 0, not -1', [[{ requestsPerDay: 1, maxWaitMs: -1 }]]],
    [
      '"a" is defined twice',
      [
        [
          { name: 'a', requestsPerDay: 1 },
          { name: 'a', requestsPerDay: 2 },
        ],
      ],
    ],
    ['"b" is held and not defined', [[{ requestsPerDay: 1 }], { holdings: [{ scope: { type: 'all' }, name: 'b' }] }]],
  ])('are refused: %s', (message, parameters) => {
    expect(() => limiterScene(...parameters)).toThrow(message)
  })
})
