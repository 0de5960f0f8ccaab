import { describe, expect, it } from 'vitest'
import { scriptedProvider } from '../testing/index.ts'
import { answers, ask, fails, outcome, scene, whole } from './chain.fixture.ts'
import { createChain } from './chain.ts'

describe('retry', () => {
  it('asks the same target again after a failure that may pass, three attempts in all', async () => {
    const here = scene([() => fails('unavailable'), [answers('Hello', 'b/m')]])
    await outcome(here)
    expect(here.providers[0]?.calls).toHaveLength(3)
  })

  it('stops at the first success', async () => {
    const here = scene([[fails('unavailable', { status: 500 }), answers('Hello')]])
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks[0]).toMatchObject({ model: 'a/m', failedAttempts: [{ status: 500 }] })
  })

  it.each(['authentication', 'quota', 'context-length', 'not-found', 'permission', 'unsupported'] as const)(
    'never repeats what cannot succeed: %s',
    async kind => {
      const here = scene([() => fails(kind)])
      await outcome(here)
      expect(here.providers[0]?.calls).toHaveLength(1)
    },
  )

  it('waits by full jitter that doubles: half of 500, then half of 1000', async () => {
    const here = scene([() => fails('unavailable')])
    await outcome(here)
    const starts = here.providers[0]?.calls.map(call => call.startedAt) ?? []
    expect(starts.map(at => at - (starts[0] as number))).toEqual([0, 250, 750])
  })

  it('never waits less than Retry-After', async () => {
    const here = scene([[fails('rate-limit', { retryAfterMs: 7_000 }), answers('Hello')]])
    await outcome(here)
    const [first, second] = here.providers[0]?.calls ?? []
    expect((second?.startedAt as number) - (first?.startedAt as number)).toBe(7_000)
  })

  it('goes to the next target rather than wait over a second', async () => {
    const here = scene([[fails('rate-limit', { retryAfterMs: 1_500 })], [answers('Hello', 'b/m')]])
    const start = here.clock.monotonic()
    expect((await outcome(here)).text).toBe('Hello')
    expect(here.providers[0]?.calls).toHaveLength(1)
    expect(here.providers[1]?.calls[0]?.startedAt).toBe(start)
  })

  it('does not wait for a Retry-After beyond the policy', async () => {
    const here = scene([[fails('rate-limit', { retryAfterMs: 61_000 })]])
    const { error } = await outcome(here)
    expect(error).toMatchObject({ kind: 'exhausted', retryAfterMs: 61_000 })
    expect(here.providers[0]?.calls).toHaveLength(1)
  })

  it('does not begin a wait that the deadline would cut', async () => {
    const here = scene([() => fails('rate-limit', { retryAfterMs: 30_000 })], { timeouts: { totalMs: 20_000 } })
    const start = here.clock.monotonic()
    expect((await outcome(here)).error).toMatchObject({ kind: 'exhausted' })
    expect(here.clock.monotonic()).toBe(start)
  })

  it('takes a timeout to the next target at once, and repeats it only where there is no other', async () => {
    const slow = () => fails('timeout', { phase: 'headers' })
    const withOther = scene([slow, [answers('Hello', 'b/m')]])
    await outcome(withOther)
    expect(withOther.providers[0]?.calls).toHaveLength(1)
    const alone = scene([slow])
    await outcome(alone)
    expect(alone.providers[0]?.calls).toHaveLength(3)
  })

  it('honours the attempts of each target, and their sum is the bound', async () => {
    const target = (index: number) => ({ retry: { attempts: index + 1 } })
    const here = scene([() => fails('network'), () => fails('network'), () => fails('network')], { target })
    await outcome(here)
    expect(here.providers.map(provider => provider.calls.length)).toEqual([1, 2, 3])
    expect(here.chain.attemptBound).toBe(6)
  })

  it('stays within the attempts that a caller allows', async () => {
    const here = scene([() => fails('network'), () => fails('network')])
    const { error } = await outcome(here, ask, { attempts: { left: 2, lastResort: true } })
    expect(here.providers.map(provider => provider.calls.length)).toEqual([2, 0])
    expect(error?.kind).toBe('exhausted')
  })

  it('pays for second attempts from a budget, so that an outage meets few of them', async () => {
    const here = scene([() => fails('unavailable')], { circuitBreaker: { minimumCalls: 1_000 } })
    for (let call = 0; call < 100; call++) await outcome(here)
    // five in the burst, and what failed earns nothing
    expect(here.providers[0]?.calls.length).toBe(105)
  })

  it('earns that budget by answers', async () => {
    let away = true
    const here = scene([() => (away ? fails('unavailable') : answers('Hello'))], {
      circuitBreaker: { minimumCalls: 1_000 },
    })
    const outage = async (calls: number): Promise<number> => {
      const before = here.providers[0]?.calls.length ?? 0
      for (let call = 0; call < calls; call++) await outcome(here)
      return (here.providers[0]?.calls.length ?? 0) - before - calls
    }
    expect(await outage(20)).toBe(5)
    away = false
    expect(await outage(30)).toBe(0)
    away = true
    expect(await outage(20)).toBe(3)
  })

  it('repeats whole answers as well', async () => {
    const here = scene([[fails('overloaded'), answers('Hello')]])
    expect((await whole(here)).content).toEqual([{ type: 'text', text: 'Hello' }])
  })

  it('refuses attempts that are no count', () => {
    expect(() => scene([[]], { retry: { attempts: 0 } })).toThrow('must be a whole number of at least 1')
  })

  it('does not wait for a circuit that this very failure has opened', async () => {
    const here = scene([() => fails('unavailable')], { circuitBreaker: { minimumCalls: 1, openForMs: 60_000 } })
    const started = here.clock.monotonic()
    const { error } = await outcome(here)
    expect(error?.attempts).toMatchObject([{ kind: 'unavailable' }])
    expect(here.clock.monotonic()).toBe(started)
  })

  it('asks the last that may be asked once more, where all that is left is a chain whose circuits are open', async () => {
    const inner = scene([() => fails('unavailable')], {
      id: 'inner',
      retry: { attempts: 1 },
      circuitBreaker: { minimumCalls: 1, openForMs: 60_000 },
    })
    const { clock } = inner
    await outcome(inner)
    const slow = scriptedProvider({ id: 'slow', clock, script: [{ type: 'silence' }, answers('Hello')] })
    const targets = [{ provider: slow, model: 'm' }, { provider: inner.chain }]
    const chain = createChain({ id: 'outer', clock, random: () => 0.5, targets })
    expect((await outcome({ chain, clock })).text).toBe('Hello')
    expect(inner.providers[0]?.calls).toHaveLength(1)
  })

  it('says how often a target was asked, and how long to wait by what it said last', async () => {
    const limited = (retryAfterMs: number) => fails('rate-limit', { retryAfterMs })
    const script = [limited(100), limited(90_000)]
    const { error } = await outcome(scene([script, [fails('quota')]], { retry: { attempts: 2 } }))
    expect(error?.message).toBe(
      'None of 2 targets answered. a/m: It failed with rate-limit. (2 attempts) b/m: It failed with quota.',
    )
    expect(error?.retryAfterMs).toBe(90_000)
  })
})
