import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import { BreakerBoard } from '../engine/breaker-board.ts'
import { EventHub } from '../events/event-hub.ts'
import type { ScriptedAnswer } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { answers, ask, ending, fails, opening, outcome, read, scene, streams } from './chain.fixture.ts'

const once = { retry: { attempts: 1 } }
const names = (here: ReturnType<typeof scene>) => here.seen.map(({ name }) => name)

describe('circuit breakers in a chain', () => {
  it('spare a dead target: thirty calls in a row send it no more than the threshold and its probes', async () => {
    const here = scene([() => fails('unavailable'), () => answers('Hello', 'b/m')])
    for (let call = 0; call < 30; call++) expect((await outcome(here)).text).toBe('Hello')
    expect(here.providers[0]?.calls).toHaveLength(10)
    expect(names(here).filter(name => name === 'circuit-opened')).toHaveLength(1)
  })

  it('open on streams that begin and then break', async () => {
    const here = scene([() => streams(opening), () => answers('Hello', 'b/m')])
    for (let call = 0; call < 12; call++) await outcome(here)
    expect(here.providers[0]?.calls).toHaveLength(10)
  })

  it('come back to a target soon after it has recovered', async () => {
    let dead = true
    const first = (): ScriptedAnswer => (dead ? fails('network') : answers('first'))
    const here = scene([first, () => answers('second', 'b/m')])
    for (let call = 0; call < 10; call++) await outcome(here)
    dead = false
    expect((await outcome(here)).text).toBe('second')
    await here.clock.advance(15_000)
    expect((await outcome(here)).text).toBe('first')
    expect(names(here)).toEqual(expect.arrayContaining(['circuit-opened', 'circuit-half-opened', 'circuit-closed']))
  })

  it('let one caller in a crowd probe, and send the others on', async () => {
    let dead = true
    const first = (): ScriptedAnswer =>
      dead ? fails('network') : streams({ waitMs: 500 }, opening, { waitMs: 500 }, ending)
    const here = scene([first, () => answers('second', 'b/m')])
    for (let call = 0; call < 10; call++) await outcome(here)
    dead = false
    await here.clock.advance(15_000)
    const before = here.providers[0]?.calls.length as number
    const crowd = Promise.all(Array.from({ length: 20 }, () => read(here.chain, ask)))
    await here.clock.runAll()
    expect((await crowd).map(({ text }) => text).sort()).toEqual(['Hello', ...Array(19).fill('second')])
    expect(here.providers[0]?.calls.length).toBe(before + 1)
  })

  it('do not open for what the caller did', async () => {
    const here = scene([() => fails('invalid-request')])
    for (let call = 0; call < 30; call++) await outcome(here)
    expect(here.providers[0]?.calls).toHaveLength(30)
  })

  it('do not open for a deadline that the caller brought', async () => {
    const here = scene([() => ({ type: 'silence' })], once)
    for (let call = 0; call < 20; call++) await outcome(here, ask, { deadline: here.clock.monotonic() + 100 })
    expect(here.providers[0]?.calls).toHaveLength(20)
  })

  it('do not open for callers who leave', async () => {
    const here = scene([() => ({ type: 'silence' })], once)
    for (let call = 0; call < 20; call++) {
      const controller = new AbortController()
      const asking = read(here.chain, ask, { signal: controller.signal })
      await here.clock.advance(10)
      controller.abort()
      expect((await asking).error?.kind).toBe('aborted')
    }
    expect(here.providers[0]?.calls).toHaveLength(20)
  })

  it('stop asking all models of an account that is refused', async () => {
    const breakers = { clock: new VirtualClock(), random: () => 0.5 }
    const board = new BreakerBoard(breakers)
    const one = scene([() => fails('authentication'), () => answers('Hello', 'b/m')], { breakers: board })
    for (let call = 0; call < 10; call++) await outcome(one)
    const other = scene([() => answers('never'), () => answers('Hello', 'b/m')], {
      breakers: board,
      target: () => ({ model: 'another' }),
    })
    expect((await outcome(other)).chunks[0]).toMatchObject({
      failedAttempts: [{ kind: 'circuit-open', sent: false, message: expect.stringContaining("account's circuit") }],
    })
  })

  it('are shared by chains that share a board', async () => {
    const board = new BreakerBoard({ clock: new VirtualClock(), random: () => 0.5 })
    const one = scene([() => fails('overloaded'), () => answers('Hello', 'b/m')], { breakers: board })
    const other = scene([() => answers('never'), () => answers('Hello', 'b/m')], { breakers: board })
    for (let call = 0; call < 10; call++) await outcome(one)
    await outcome(other)
    expect(other.providers[0]?.calls).toHaveLength(0)
    expect([...board.entries()].map(([key, breaker]) => [key, breaker.state.name])).toContainEqual(['a/m', 'open'])
  })

  it('let one caller for each target probe before its time when every target is open', async () => {
    let dead = true
    const answer = (): ScriptedAnswer => (dead ? fails('network') : streams({ waitMs: 500 }, opening, ending))
    const here = scene([answer], once)
    for (let call = 0; call < 10; call++) await outcome(here)
    dead = false
    const crowd = Promise.all(Array.from({ length: 5 }, () => read(here.chain, ask)))
    await here.clock.runAll()
    const results = await crowd
    expect(results.filter(({ text }) => text === 'Hello')).toHaveLength(1)
    const refused = results.filter(({ error }) => error !== undefined)
    expect(refused).toHaveLength(4)
    for (const { error } of refused) expect(error).toMatchObject({ kind: 'circuit-open' })
    expect(refused[0]?.error?.retryAfterMs).toBeGreaterThan(0)
  })

  it('send one early probe for a request, however many attempts it may make', async () => {
    const here = scene([() => fails('network')])
    for (let call = 0; call < 4; call++) await outcome(here)
    const before = here.providers[0]?.calls.length as number
    expect((await outcome(here)).error).toMatchObject({ kind: 'exhausted' })
    expect(here.providers[0]?.calls.length).toBe(before + 1)
  })

  it('are not probed before their time for a request that was sent already, even where its answer broke', async () => {
    const broken = streams(opening, { error: new SwitchyardError('network', 'Reset.') })
    const here = scene([() => fails('unavailable'), [answers('Hello', 'b/m'), broken, answers('no', 'b/m')]], {
      ...once,
      circuitBreaker: { minimumCalls: 1 },
    })
    await outcome(here)
    expect((await outcome(here)).text).toBe('Hel')
    expect(here.providers.map(({ calls }) => calls.length)).toEqual([1, 2])
  })

  it('are never probed before a Retry-After, nor while isolated', async () => {
    const limited = scene([() => fails('rate-limit', { retryAfterMs: 40_000 })], once)
    for (let call = 0; call < 10; call++) await outcome(limited)
    await limited.clock.advance(30_000)
    expect((await outcome(limited)).error).toMatchObject({ kind: 'circuit-open', retryAfterMs: 10_000 })

    const board = new BreakerBoard({ clock: new VirtualClock(), random: () => 0.5, events: new EventHub() })
    const isolated = scene([() => answers('never')], { breakers: board })
    board.breaker('a/m').isolate(0)
    expect((await outcome(isolated)).error).toMatchObject({ kind: 'circuit-open' })
    expect((await outcome(isolated)).error?.retryAfterMs).toBeUndefined()
    expect(isolated.providers[0]?.calls).toHaveLength(0)
  })

  it('never leave a probe stuck after a caller leaves it', async () => {
    let mood: 'dead' | 'silent' | 'well' = 'dead'
    const answer = (): ScriptedAnswer => {
      if (mood === 'dead') return fails('network')
      return mood === 'silent' ? { type: 'silence' } : answers('first')
    }
    const here = scene([answer, () => answers('second', 'b/m')])
    for (let call = 0; call < 10; call++) await outcome(here)
    await here.clock.advance(15_000)
    mood = 'silent'
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(10)
    controller.abort()
    await asking
    mood = 'well'
    expect((await outcome(here)).text).toBe('first')
  })

  it('take their settings from the chain and from the target', async () => {
    const target = (index: number) => (index === 0 ? { circuitBreaker: { minimumCalls: 2 } } : {})
    const options = { ...once, target, circuitBreaker: { minimumCalls: 5 } }
    const here = scene([() => fails('network'), () => fails('network'), () => answers('Hello', 'c/m')], options)
    for (let call = 0; call < 10; call++) await outcome(here)
    expect(here.providers.map(provider => provider.calls.length)).toEqual([2, 5, 10])
  })
})
