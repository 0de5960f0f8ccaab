import { describe, expect, it } from 'vitest'
import { isSwitchyardError, SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
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

  it('counts in the minute it was sent in, however late it ends', async () => {
    const here = limiterScene([{ tokensPerMinute: 1_000, tokensPerDay: 10_000 }])
    const permit = admit(here, attempt(100))
    await here.clock.advance(300_000)
    permit.settle(completed(5_000), 0)
    expect(await left(here)).toEqual([1_000, 5_000])
  })
})

describe('limits that cannot hold', () => {
  it.each<[string, Parameters<typeof limiterScene>]>([
    ['"limit0" limits nothing', [[{}]]],
    ['"limit0" needs a tokensPerDay of at least 1, not 0', [[{ tokensPerDay: 0 }]]],
    ['"limit0" needs a requestsPerMinute of at least 1, not NaN', [[{ requestsPerMinute: Number.NaN }]]],
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
