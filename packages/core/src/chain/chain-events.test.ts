import { describe, expect, it } from 'vitest'
import { EventHub } from '../events/event-hub.ts'
import { scriptedProvider } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { answers, ask, ending, fails, opening, outcome, scene, streams, whole } from './chain.fixture.ts'
import { createChain } from './chain.ts'

describe('events of a request', () => {
  it('tell its whole way in order', async () => {
    const here = scene([() => fails('unavailable', { status: 503 }), [streams(opening, ending)]], {
      target: index => ({ retry: { attempts: index === 0 ? 2 : 1 } }),
    })
    await outcome(here)
    expect(here.seen.map(({ name }) => name)).toEqual([
      'message-sent',
      'targets-selected',
      'attempt-started',
      'attempt-failed',
      'retry-scheduled',
      'attempt-started',
      'attempt-failed',
      'fallback-chosen',
      'attempt-started',
      'first-token',
      'stream-completed',
      'response-generated',
    ])
    const ids = new Set(here.seen.map(({ event }) => 'requestId' in event && event.requestId))
    expect(ids.size).toBe(1)
    expect(here.seen[3]?.event).toMatchObject({ target: 'a/m', attempt: 1, kind: 'unavailable', status: 503 })
    expect(here.seen[4]?.event).toMatchObject({ delayMs: 250, reason: 'unavailable' })
    expect(here.seen[7]?.event).toMatchObject({ from: 'a/m', to: 'b/m', reason: 'unavailable' })
    expect(here.seen[11]?.event).toMatchObject({ target: 'b/m', attempts: 3, reason: 'stop', durationMs: 250 })
  })

  it('carry all that is known of a failed attempt', async () => {
    const details = { status: 429, code: 'slow_down', phase: 'headers', retryAfterMs: 5, requestId: 'req_1' } as const
    const here = scene([[fails('rate-limit', details), answers('Hello')]])
    await outcome(here)
    const { requestId: providerRequestId, ...rest } = details
    expect(here.seen.find(({ name }) => name === 'attempt-failed')?.event).toMatchObject({ ...rest, providerRequestId })
  })

  it('tell of a stream that broke', async () => {
    const here = scene([[streams(opening)]], { midStream: 'fail' })
    await outcome(here)
    expect(here.seen.at(-1)).toMatchObject({ name: 'stream-failed', event: { kind: 'truncated', target: 'a/m' } })
  })

  it('call a whole answer generated, not streamed', async () => {
    const here = scene([[answers('Hello')]])
    await whole(here)
    expect(here.seen.map(({ name }) => name)).toEqual([
      'message-sent',
      'attempt-started',
      'first-token',
      'response-generated',
    ])
  })

  it('harm nothing when their listeners throw', async () => {
    const events = new EventHub()
    events.on('*', () => {
      throw new Error('a listener broke')
    })
    expect((await outcome(scene([[answers('Hello')]], { events }))).text).toBe('Hello')
  })

  it('are not even built when nobody listens', async () => {
    class Unheard extends EventHub {
      override emit(): void {
        throw new Error('nobody asked for this')
      }
    }
    const clock = new VirtualClock()
    const script = [fails('unavailable'), streams(opening), streams(opening, ending), fails('authentication')]
    const provider = scriptedProvider({ id: 'a', clock, script, capabilities: { tools: false } })
    const chain = createChain({
      id: 'chain',
      clock,
      midStream: 'fail',
      events: new Unheard(),
      targets: [{ provider, model: 'm' }],
    })
    expect((await outcome({ chain, clock })).error?.kind).toBe('truncated')
    expect((await outcome({ chain, clock })).text).toBe('Hello')
    expect((await outcome({ chain, clock })).error?.kind).toBe('exhausted')
    expect((await outcome({ chain, clock }, { ...ask, tools: [{ name: 'x' }] })).error?.kind).toBe('unsupported')
  })

  it('tell an open time of an opening circuit alone, and why a target was passed over', async () => {
    let dead = true
    const here = scene([() => (dead ? fails('unavailable') : answers('Hello')), () => answers('Hi', 'b/m')], {
      circuitBreaker: { minimumCalls: 1, openForMs: 1_000 },
    })
    await outcome(here)
    await outcome(here)
    dead = false
    await here.clock.advance(1_000)
    await outcome(here)
    const told = (name: string) => here.seen.filter(seen => seen.name === name).map(({ event }) => event)
    expect(told('circuit-opened')).toMatchObject([{ target: 'a/m', openForMs: 1_000 }])
    expect(told('circuit-closed')[0]).not.toHaveProperty('openForMs')
    expect(told('target-skipped')).toMatchObject([
      { reason: 'circuit-open', message: 'a/m is not asked for another 1 s: its circuit is open.' },
    ])
  })

  it('tell the phase of a stream that broke, as of an attempt that failed', async () => {
    const here = scene([[streams(opening, 'stall')]], { midStream: 'fail' })
    await outcome(here)
    expect(here.seen.at(-1)).toMatchObject({ name: 'stream-failed', event: { kind: 'timeout', phase: 'idle' } })
  })

  it('tell of an answer that was withheld', async () => {
    const settle = () => {
      throw new TypeError('a bug')
    }
    const here = scene([[answers('Hello')]], { steps: [{ admit: () => ({ settle }) }] })
    const message = 'The answer of a/m is withheld: a step that had to settle it threw an unexpected TypeError.'
    expect((await outcome(here)).error).toMatchObject({ kind: 'unavailable', message })
    expect(here.seen.at(-1)).toMatchObject({ name: 'attempt-failed', event: { message } })
  })
})
