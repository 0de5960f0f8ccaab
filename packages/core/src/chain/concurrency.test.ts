import { describe, expect, it } from 'vitest'
import { createConcurrency } from '../concurrency/concurrency.ts'
import type { ConcurrencyDefinition } from '../concurrency/concurrency-definition.ts'
import type { AdmissionPermit } from '../engine/admission.ts'
import { BreakerBoard } from '../engine/breaker-board.ts'
import { hedging } from '../hedging/hedging.ts'
import { attempt } from '../limits/limiter.fixture.ts'
import type { ScriptedAnswer } from '../testing/index.ts'
import { scriptedProvider } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { ask, ending, fails, opening, read, type Script, streams } from './chain.fixture.ts'
import { createChain } from './chain.ts'
import type { ChainOptions } from './chain-options.ts'

type Fields = Pick<ConcurrencyDefinition, 'maxWaitMs' | 'maxQueue'>

/** A chain whose targets each bear one attempt at once. */
function scene(scripts: readonly Script[], fields: Fields = {}, options: Partial<ChainOptions> = {}) {
  const clock = new VirtualClock()
  const providers = scripts.map((script, at) => scriptedProvider({ id: 'abc'[at] as string, clock, script }))
  const concurrency = createConcurrency({
    clock,
    limits: providers.map(({ id }) => ({ name: id, limit: 1, ...fields })),
    holdings: providers.map(({ id }) => ({ scope: { type: 'provider', name: id }, name: id })),
  })
  const breakers = new BreakerBoard({ clock, random: () => 0.5 })
  const chain = createChain({
    id: 'chain',
    clock,
    random: () => 0.5,
    breakers,
    retry: { attempts: 1 },
    midStream: 'fail',
    circuitBreaker: { minimumCalls: 2, openForMs: 10_000 },
    steps: [concurrency.step],
    ...options,
    targets: providers.map(provider => ({ provider, model: 'm' })),
  })
  const inFlight = () => concurrency.standings().map(standing => standing.inFlight)
  return { clock, providers, chain, breakers, concurrency, inFlight }
}

// shows its first words at once and takes a second to end
const slowly = (): ScriptedAnswer => streams(opening, { waitMs: 1_000 }, ending)
const forever: Script = slowly

describe('a chain with concurrency limits', () => {
  it('asks the next target where one bears no more, until the end of its stream, and spares its circuit', async () => {
    const here = scene([forever, forever])
    const reading = [read(here.chain, ask), read(here.chain, ask)]
    await here.clock.advance(999)
    expect(here.inFlight()).toEqual([1, 1])
    await here.clock.runAll()
    expect((await Promise.all(reading)).map(({ text }) => text)).toEqual(['Hello', 'Hello'])
    expect(here.providers.map(({ calls }) => calls.length)).toEqual([1, 1])
    expect(here.inFlight()).toEqual([0, 0])
    expect([...here.breakers.entries()].map(([, { state }]) => state.name)).not.toContain('open')
  })

  it('refuses with the moment to come again where no target bears more', async () => {
    const here = scene([forever])
    const first = read(here.chain, ask)
    await here.clock.advance(0)
    const refused = await read(here.chain, ask)
    expect(refused.error).toMatchObject({ kind: 'rate-limit', code: 'concurrency-limit', retryAfterMs: 1_000 })
    await here.clock.runAll()
    expect((await first).text).toBe('Hello')
  })

  it('lets callers wait for their turn, and gives a place back in whatever way an answer ends', async () => {
    const here = scene(
      [
        [
          fails('unavailable', { status: 500 }),
          streams(opening, { waitMs: 100 }, { error: new Error('cut') }),
          { type: 'silence' },
          slowly(),
          slowly(),
        ],
      ],
      { maxWaitMs: 60_000 },
    )
    const leaves = new AbortController()
    const readings = [ask, ask, ask, ask, { ...ask, stream: false }].map((request, at) =>
      read(here.chain, request, at === 2 ? { signal: leaves.signal } : {}),
    )
    await here.clock.advance(500)
    expect(here.concurrency.standings()).toMatchObject([{ inFlight: 1, queued: 2 }])
    leaves.abort()
    await here.clock.runAll()
    const outcomes = await Promise.all(readings)
    expect(outcomes.map(({ error, text }) => error?.kind ?? text)).toEqual([
      'exhausted',
      'protocol',
      'aborted',
      'Hello',
      'Hello',
    ])
    expect(here.concurrency.standings()).toMatchObject([{ inFlight: 0, queued: 0 }])
    expect(here.clock.pending).toBe(0)
  })

  it('gives a place back where the consumer of a stream leaves', async () => {
    const here = scene([forever])
    const stream = await here.chain.sendMessage(ask)
    for await (const _ of stream) break
    expect(here.inFlight()).toEqual([0])
  })

  it('holds no probe of a breaker while it waits', async () => {
    const here = scene([forever], { maxWaitMs: 60_000 })
    const breaker = here.breakers.breaker('a/m')
    const first = read(here.chain, ask)
    await here.clock.advance(0)
    breaker.adopt({ name: 'open', remainingMs: 0, retryAfterMs: 0, failedProbes: 0 }, here.clock.monotonic())
    const second = read(here.chain, ask)
    await here.clock.advance(500)
    expect(here.concurrency.standings()).toMatchObject([{ inFlight: 1, queued: 1 }])
    expect(breaker.state).toMatchObject({ name: 'open' })
    await here.clock.runAll()
    expect((await first).text).toBe('Hello')
    expect((await second).text).toBe('Hello')
    expect(breaker.state.name).toBe('closed')
  })

  it('lets a hedge that still waits for its turn go at once when the first target has answered', async () => {
    const slow: Script = () => streams({ waitMs: 2_000 }, opening, { waitMs: 1_000 }, ending)
    const here = scene([slow, () => ({ type: 'silence' })], { maxWaitMs: 60_000 }, { hedge: hedging({ afterMs: 100 }) })
    const busy = here.concurrency.step.admit(attempt(0, { provider: 'b', model: 'm' }), 0) as AdmissionPermit
    const reading = read(here.chain, ask)
    await here.clock.advance(500)
    expect(here.concurrency.standings()).toMatchObject([
      { name: 'a', inFlight: 1, queued: 0 },
      { name: 'b', inFlight: 1, queued: 1 },
    ])
    await here.clock.advance(1_500)
    expect(here.concurrency.standings()).toMatchObject([{ inFlight: 1 }, { inFlight: 1, queued: 0 }])
    await here.clock.runAll()
    expect((await reading).text).toBe('Hello')
    expect(here.providers[1]?.calls).toEqual([])
    void busy.settle({ type: 'withdrawn' }, 0)
    expect(here.inFlight()).toEqual([0, 0])
  })

  it('keeps no place while a circuit refuses', async () => {
    const here = scene([forever, forever])
    here.breakers.breaker('a/m').isolate(here.clock.monotonic())
    const reading = read(here.chain, ask)
    await here.clock.advance(0)
    expect(here.inFlight()).toEqual([0, 1])
    await here.clock.runAll()
    await reading
  })
})
