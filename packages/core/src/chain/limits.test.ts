import { describe, expect, it } from 'vitest'
import { BreakerBoard } from '../engine/breaker-board.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { LimitDefinition } from '../limits/limit-definition.ts'
import { createLimiter, type Limiter } from '../limits/limiter.ts'
import { createMemoryLimits } from '../limits/memory-limits.ts'
import type { Scope } from '../scope/scope.ts'
import { scriptedProvider, textAnswer } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { ask, fails, read, type Script } from './chain.fixture.ts'
import { type Chain, createChain } from './chain.ts'
import type { ChainOptions } from './chain-options.ts'

interface Held {
  readonly scope: Scope
  readonly limit: Omit<LimitDefinition, 'name'>
}

function limiterOf(clock: VirtualClock, held: readonly Held[], events?: EventHub): Limiter {
  return createLimiter({
    clock,
    store: createMemoryLimits({ clock }),
    limits: held.map(({ limit }, at) => ({ name: `limit${at}`, ...limit })),
    holdings: held.map(({ scope }, at) => ({ scope, name: `limit${at}` })),
    estimate: () => ({ expected: 10, most: 20 }),
    events,
  })
}

function scene(held: readonly Held[], scripts: readonly Script[], options: Partial<ChainOptions> = {}) {
  const clock = new VirtualClock()
  const limiter = limiterOf(clock, held)
  const providers = scripts.map((script, at) => scriptedProvider({ id: 'abc'[at] as string, clock, script }))
  const breakers = new BreakerBoard({ clock, random: () => 0.5 })
  const chain = createChain({
    id: 'chain',
    clock,
    random: () => 0.5,
    breakers,
    steps: [limiter],
    ...options,
    targets: providers.map(provider => ({ provider, model: 'm' })),
  })
  return { clock, limiter, providers, chain, breakers }
}

async function outcome(here: { readonly clock: VirtualClock; readonly chain: Chain }) {
  const reading = read(here.chain, ask)
  await here.clock.runAll()
  return reading
}

const forever: Script = () => ({ type: 'stream', steps: [textAnswer('Hello')] })
const provider = (name: string): Scope => ({ type: 'provider', name })

describe('a chain with limits', () => {
  it('asks the next target where the limit of one has no room, and spares its circuit', async () => {
    const here = scene([{ scope: provider('a'), limit: { requestsPerMinute: 1 } }], [forever, forever])
    for (let call = 0; call < 30; call++) expect((await outcome(here)).text).toBe('Hello')
    expect(here.providers.map(({ calls }) => calls.length)).toEqual([1, 29])
    expect([...here.breakers.entries()].map(([, breaker]) => breaker.state)).not.toContain('open')
  })

  it('says when there is room first where every target is refused', async () => {
    const here = scene(
      [
        { scope: provider('a'), limit: { requestsPerMinute: 1 } },
        { scope: provider('b'), limit: { requestsPerMinute: 1 } },
      ],
      [forever, forever],
    )
    await outcome(here)
    await here.clock.advance(10_000)
    await outcome(here)
    await here.clock.advance(500)
    const { error } = await outcome(here)
    const waits = error?.attempts.map(({ retryAfterMs = Number.NaN }) => retryAfterMs) ?? []
    expect(error).toMatchObject({ kind: 'rate-limit', code: 'limit', retryAfterMs: Math.min(...waits) })
    expect((waits[1] as number) - (waits[0] as number)).toBe(10_000)
    expect(error?.attempts.map(({ sent }) => sent)).toEqual([false, false])
    expect(error?.message).toMatch(/^None of 2 targets answered\. a\/m: The limit "limit0" has no room for another/)
    await here.clock.advance(error?.retryAfterMs as number)
    expect((await outcome(here)).text).toBe('Hello')
  })

  it('does not ask the same target again for its own refusal, nor wait for it', async () => {
    const here = scene([{ scope: { type: 'all' }, limit: { requestsPerMinute: 1 } }], [forever])
    await outcome(here)
    const before = here.clock.monotonic()
    expect((await outcome(here)).error).toMatchObject({ kind: 'rate-limit', code: 'limit' })
    expect(here.clock.monotonic()).toBe(before)
  })

  it('does not wait for the limits of a chain within it', async () => {
    const here = scene([{ scope: { type: 'all' }, limit: { requestsPerMinute: 1 } }], [forever])
    const chain = createChain({
      id: 'outer',
      clock: here.clock,
      steps: [here.limiter],
      targets: [{ provider: here.chain }],
    })
    expect((await outcome({ clock: here.clock, chain })).text).toBe('Hello')
    const before = here.clock.monotonic()
    expect((await outcome({ clock: here.clock, chain })).error).toMatchObject({ kind: 'rate-limit', code: 'limit' })
    expect(here.clock.monotonic()).toBe(before)
    // the inner chain's own step counted it, once
    expect(await here.limiter.standings()).toMatchObject([{ left: 0 }])
  })

  it('counts each attempt, retries too', async () => {
    const script = [fails('overloaded'), fails('overloaded'), { type: 'stream', steps: [textAnswer('Hello')] }] as const
    const here = scene([{ scope: { type: 'all' }, limit: { requestsPerMinute: 10, tokensPerMinute: 100 } }], [script])
    expect((await outcome(here)).text).toBe('Hello')
    // nobody knows what the two used that only broke; the third told nothing
    expect(await here.limiter.standings()).toMatchObject([{ left: 7 }, { left: 70 }])
  })

  it('counts nothing where a later step refuses', async () => {
    const here = scene([{ scope: { type: 'all' }, limit: { requestsPerMinute: 10 } }], [forever])
    const refusing = createChain({
      id: 'refusing',
      clock: here.clock,
      steps: [
        here.limiter,
        {
          admit: () => {
            throw new Error('a bug')
          },
        },
      ],
      targets: [{ provider: here.providers[0] as never, model: 'm' }],
    })
    await outcome({ clock: here.clock, chain: refusing })
    expect(await here.limiter.standings()).toMatchObject([{ left: 10 }])
  })

  it('does not wait for what comes after the time of the whole request, but goes on elsewhere', async () => {
    const here = scene(
      [{ scope: provider('a'), limit: { requestsPerMinute: 1, maxWaitMs: 600_000 } }],
      [forever, forever],
      { timeouts: { totalMs: 5_000 } },
    )
    await outcome(here)
    const before = here.clock.monotonic()
    expect((await outcome(here)).text).toBe('Hello')
    expect(here.clock.monotonic()).toBe(before)
    expect(here.clock.pending).toBe(0)
  })

  it('leaves the line when the caller leaves, with nothing taken', async () => {
    const here = scene([{ scope: { type: 'all' }, limit: { requestsPerMinute: 1, maxWaitMs: 90_000 } }], [forever])
    await outcome(here)
    const controller = new AbortController()
    const reading = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(100)
    controller.abort()
    await here.clock.advance(0)
    expect((await reading).error?.kind).toBe('aborted')
    expect(here.clock.pending).toBe(0)
    await here.clock.advance(61_000)
    expect(await here.limiter.standings()).toMatchObject([{ left: 1 }])
  })

  it('counts from when an attempt is sent, where a later step makes it wait', async () => {
    const here = scene([{ scope: { type: 'all' }, limit: { requestsPerMinute: 2, tokensPerDay: 100 } }], [forever])
    const slow = createChain({
      id: 'slow',
      clock: here.clock,
      steps: [
        here.limiter,
        {
          admit: () => new Promise(resolve => here.clock.timer(40_000, () => resolve({ settle: () => undefined }))),
        },
      ],
      targets: [{ provider: here.providers[0] as never, model: 'm' }],
    })
    expect((await outcome({ clock: here.clock, chain: slow })).text).toBe('Hello')
    expect(await here.limiter.standings()).toMatchObject([{ left: 1 }, { left: 90 }])
    await here.clock.advance(59_000)
    expect(await here.limiter.standings()).toMatchObject([{ left: 1 }, { left: 90 }])
    await here.clock.advance(2_000)
    expect(await here.limiter.standings()).toMatchObject([{ left: 2 }, { left: 90 }])
  })

  it('leaves the line when the chain is disposed, and nothing stays behind', async () => {
    const here = scene([{ scope: { type: 'all' }, limit: { requestsPerMinute: 1, maxWaitMs: 90_000 } }], [forever])
    await outcome(here)
    const reading = read(here.chain, ask)
    await here.clock.advance(100)
    await here.chain.dispose()
    expect((await reading).error?.kind).toBe('aborted')
    expect(here.clock.pending).toBe(0)
  })

  it('goes on elsewhere where a later step took longer than a strict limit keeps room', async () => {
    const here = scene([{ scope: provider('a'), limit: { requestsPerMinute: 1, mode: 'strict' } }], [forever, forever])
    const waits = {
      admit: () => new Promise(resolve => here.clock.timer(62_000, () => resolve({ settle: () => undefined }))),
    }
    const targets = here.providers.map(provider => ({ provider, model: 'm' }))
    const timeouts = { totalMs: 300_000 }
    const slow = createChain({
      id: 'slow',
      clock: here.clock,
      timeouts,
      steps: [here.limiter, waits as never],
      targets,
    })
    const first = read(slow, ask)
    await here.clock.advance(61_500)
    const quick = read(here.chain, ask)
    await here.clock.runAll()
    expect([(await first).text, (await quick).text]).toEqual(['Hello', 'Hello'])
    // the first was refused after all: its room had been given to the second
    expect(here.providers.map(({ calls }) => calls.length)).toEqual([1, 1])
  })

  it('hears what providers say of their limits', async () => {
    const script: Script = (_, context) => {
      context.onRateLimits?.({ requests: { remaining: 0, resetMs: 8_000 } })
      return { type: 'stream', steps: [textAnswer('Hello')] }
    }
    const here = scene([{ scope: provider('a'), limit: { requestsPerMinute: 100 } }], [script])
    await outcome(here)
    expect((await outcome(here)).error).toMatchObject({ code: 'limit', retryAfterMs: 8_000 })
  })
})
