import { describe, expect, it } from 'vitest'
import type { MessageRequest } from '../contract/request.ts'
import { hedging } from '../hedging/hedging.ts'
import { createPerformance } from '../performance/performance.ts'
import { type ScriptedAnswer, scriptedProvider } from '../testing/scripted-provider.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { answers, ask, opening, outcome, streams } from './chain.fixture.ts'
import { createChain } from './chain.ts'
import type { ChainOptions } from './chain-options.ts'

/** A chain of `a/m`, which does what it is told, and `b/m`, which answers; what is seen of both is remembered. */
function remembering(options: Partial<ChainOptions> = {}, target: Partial<ChainOptions['targets'][number]> = {}) {
  const clock = new VirtualClock()
  const performance = createPerformance({ clock })
  let answer: ScriptedAnswer = answers('Hello')
  const asked: number[] = []
  const a = scriptedProvider({
    id: 'a',
    clock,
    script: () => answer,
    capabilities: { reasoning: true, silentReasoningMs: 45_000 },
  })
  const b = scriptedProvider({
    id: 'b',
    clock,
    script: () => {
      asked.push(clock.monotonic())
      return answers('Hello', 'b/m')
    },
  })
  const chain = createChain({
    id: 'chain',
    clock,
    random: () => 0.5,
    performance,
    retry: { attempts: 1 },
    circuitBreaker: { minimumCalls: 10_000 },
    targets: [
      { provider: a, model: 'm', ...target },
      { provider: b, model: 'm' },
    ],
    ...options,
  })
  const next = (to: ScriptedAnswer): void => {
    answer = to
  }
  const learn = async (request = ask): Promise<void> => {
    for (let call = 0; call < 80; call++) await outcome({ chain, clock }, request)
  }
  /** How long the chain waits for `a/m` until it asks the next. */
  const patience = async (request?: MessageRequest): Promise<number> => {
    const start = clock.monotonic()
    await outcome({ chain, clock }, request)
    return (asked.at(-1) as number) - start
  }
  return { chain, clock, performance, next, learn, patience }
}

const silence: ScriptedAnswer = { type: 'silence' }
const effortless: MessageRequest = { ...ask, reasoningEffort: 'none' }
const stalled = streams(opening, 'stall')

describe('limits that nobody has set', () => {
  it('are the usual ones at first, then follow what was seen of the target', async () => {
    const here = remembering()
    here.next(silence)
    expect(await here.patience(effortless)).toBe(15_000)
    here.next(answers('Hello'))
    await here.learn(effortless)
    here.next(silence)
    expect(await here.patience(effortless)).toBe(5_000)
    // of such requests nothing was seen yet
    const long = { ...effortless, messages: [{ role: 'user' as const, content: 'x'.repeat(20_000) }] }
    expect(await here.patience(long)).toBe(15_000)
    expect(here.performance.records()[0]?.limits).toEqual({
      'under 4k tokens, effort none': { firstTokenMs: 5_000, idleMs: 10_000 },
    })
  })

  it('follow the silences within its answers', async () => {
    const here = remembering({ midStream: 'fail' })
    await here.learn()
    here.next(stalled)
    const start = here.clock.monotonic()
    const { error } = await outcome(here)
    expect(error).toMatchObject({ kind: 'timeout', phase: 'idle' })
    expect(here.clock.monotonic() - start).toBe(10_000)
    // it may have become slow
    for (let call = 0; call < 2; call++) await outcome(here)
    const later = here.clock.monotonic()
    await outcome(here)
    expect(here.clock.monotonic() - later).toBe(15_000)
  })

  it('are never shorter than a model may think in silence', async () => {
    const here = remembering()
    await here.learn()
    here.next(silence)
    expect(await here.patience()).toBe(45_000)
  })

  it.each([
    [12_000, 4],
    [25_000, 9],
  ])('grow with a target that becomes slower, before its circuit opens: %i ms', async (waitMs, most) => {
    const here = remembering({ circuitBreaker: {} })
    await here.learn(effortless)
    here.next(streams({ waitMs }, opening, [{ type: 'text-end', id: 0, complete: true }, finish]))
    const fallbacks: number[] = []
    for (let call = 0; call < 40; call++) {
      const { chunks } = await outcome(here, effortless)
      if (chunks[0]?.type === 'start' && chunks[0].failedAttempts !== undefined) fallbacks.push(call)
    }
    expect(fallbacks.length).toBeGreaterThan(0)
    expect(Math.max(...fallbacks)).toBeLessThan(most)
  })
})

describe('limits that somebody has set', () => {
  it.each([
    ['for the chain', { timeouts: { firstTokenMs: 20_000, idleMs: 20_000 } }, {}],
    ['for the target', {}, { timeouts: { firstTokenMs: 20_000, idleMs: 20_000 } }],
  ])('%s hold, whatever was seen', async (_, chain, target) => {
    const here = remembering({ midStream: 'fail', ...chain }, target)
    await here.learn(effortless)
    here.next(silence)
    expect(await here.patience(effortless)).toBe(20_000)
    here.next(stalled)
    const start = here.clock.monotonic()
    expect((await outcome(here, effortless)).error).toMatchObject({ phase: 'idle' })
    expect(here.clock.monotonic() - start).toBe(20_000)
  })

  it.each([
    [{ firstTokenMs: 20_000 }, 20_000, 10_000],
    [{ idleMs: 20_000 }, 5_000, 20_000],
  ])('leave the other to be learned: %o', async (timeouts, firstTokenMs, idleMs) => {
    const here = remembering({ midStream: 'fail', timeouts })
    await here.learn(effortless)
    here.next(silence)
    expect(await here.patience(effortless)).toBe(firstTokenMs)
    here.next(stalled)
    const start = here.clock.monotonic()
    await outcome(here, effortless)
    expect(here.clock.monotonic() - start).toBe(idleMs)
  })
})

describe('what a chain sees of its targets', () => {
  it('is seen once, however chains are nested', async () => {
    const here = remembering()
    const outer = createChain({
      id: 'outer',
      clock: here.clock,
      performance: here.performance,
      targets: [{ provider: here.chain }],
    })
    await outcome({ chain: outer, clock: here.clock }, ask, { task: 'chat' })
    expect(here.performance.records()).toMatchObject([
      { target: 'a/m', succeeded: 1, inFlight: 0 },
      { target: 'a/m', task: 'chat', succeeded: 1 },
    ])
  })

  it('is no failure of a target that another has overtaken, and no sign that it is fast', async () => {
    const here = remembering({ hedge: hedging({ afterMs: 400 }) })
    here.next(streams({ waitMs: 9_000 }, opening, 'stall'))
    for (let call = 0; call < 5; call++) expect((await outcome(here, effortless)).text).toBe('Hello')
    const { performance } = here
    expect(performance.records()[0]).toMatchObject({ target: 'a/m', succeeded: 0, failed: 0, cancelled: 5 })
    expect(performance.firstTokenMs('a/m', 0.5)).toBeGreaterThanOrEqual(400 * 0.95)
    expect(performance.firstTokenMs('b/m', 0.5)).toBeLessThan(100)
    expect(performance.successRate('a/m')).toBeUndefined()
    expect(performance.inFlight('a/m')).toBe(0)
  })

  it('lets another help it out as early as ever, however many of its answers do not come', async () => {
    const here = remembering({ hedge: hedging({ percentile: 95 }) })
    here.next(streams({ waitMs: 300 }, opening, [{ type: 'text-end', id: 0, complete: true }, finish]))
    await here.learn(effortless)
    here.next(silence)
    for (let call = 0; call < 5; call++) {
      const waited = await here.patience(effortless)
      // no less, or every answer would have company
      expect(waited).toBeGreaterThanOrEqual(300)
      expect(waited).toBeLessThan(300 * 1.11)
    }
  })

  it('is in flight until it ends, also where the caller leaves', async () => {
    const here = remembering()
    here.next(silence)
    const controller = new AbortController()
    const sending = here.chain.sendMessage(ask, { signal: controller.signal }).catch(() => undefined)
    await here.clock.advance(3_000)
    expect(here.performance.inFlight('a/m')).toBe(1)
    controller.abort()
    await sending
    await here.clock.runAll()
    expect(here.performance.inFlight('a/m')).toBe(0)
    expect(here.performance.records()).toMatchObject([{ failed: 0, cancelled: 1, firstTokenMs: { samples: 1 } }])
  })
})

const finish = { type: 'finish', reason: 'stop' } as const
