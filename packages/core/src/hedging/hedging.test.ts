import { describe, expect, it } from 'vitest'
import {
  answers,
  ask,
  askWhole,
  ending,
  fails,
  opening,
  outcome,
  read,
  type Scene,
  scene,
  streams,
  whole,
} from '../chain/chain.fixture.ts'
import { createChain } from '../chain/chain.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { responseText } from '../contract/response.ts'
import { type MessageStream, messageStream } from '../contract/stream.ts'
import type { AdmissionStep, AttemptOutcome } from '../engine/admission.ts'
import { BreakerBoard } from '../engine/breaker-board.ts'
import type { EventName } from '../events/event-map.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import { type ScriptedAnswer, scriptedProvider } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import type { HedgeOptions } from './hedge-options.ts'
import { hedging } from './hedging.ts'

const afterMs = 500
const hedge = hedging({ afterMs })
const began = new VirtualClock().monotonic()
const silence: ScriptedAnswer = { type: 'silence' }
const late = (text: string, afterMs: number, model = 'a/m'): ScriptedAnswer =>
  ({ ...answers(text, model), afterMs }) as ScriptedAnswer
const lateFailure = (afterMs: number): ScriptedAnswer => fails('unavailable', {}, afterMs)

function startedAt(here: Scene): readonly (readonly number[])[] {
  return here.providers.map(provider => provider.calls.map(call => call.startedAt - began))
}

function names(here: Scene, ...wanted: EventName[]): readonly string[] {
  return here.seen.filter(({ name }) => wanted.includes(name)).map(({ name }) => name)
}

function told(here: Scene, name: EventName): readonly object[] {
  return here.seen.filter(seen => seen.name === name).map(({ event }) => event)
}

/** Hears how the attempts at each target ended. */
function watching(): AdmissionStep & { readonly ends: Record<string, AttemptOutcome[]> } {
  const ends: Record<string, AttemptOutcome[]> = {}
  return {
    ends,
    admit: ({ target }) => ({
      settle: end => {
        ends[target] = [...(ends[target] ?? []), end]
      },
    }),
  }
}

describe('a target that is slow to begin', () => {
  it('is left alone while it begins in time', async () => {
    const here = scene([[late('Hello', 499)], [answers('no')]], { hedge })
    expect((await outcome(here)).text).toBe('Hello')
    expect(startedAt(here)).toEqual([[0], []])
    expect(here.clock.pending).toBe(0)
  })

  it('gets company, and is left as soon as the other has something to show', async () => {
    const step = watching()
    const here = scene([[late('slow', 9_000)], [late('Hello', 100, 'b/m')]], { hedge, steps: [step] })
    const asking = read(here.chain, ask)
    await here.clock.advance(599)
    expect(here.providers.map(({ open }) => open)).toEqual([1, 1])
    await here.clock.advance(1)
    expect(here.providers[0]?.calls[0]).toMatchObject({ cancelled: {}, endedAt: began + 600 })
    const { text, chunks } = await asking
    expect(text).toBe('Hello')
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', billed: [{ target: 'a/m' }, { target: 'b/m' }] })
    expect(chunks[0]).not.toHaveProperty('failedAttempts')
    expect(step.ends['a/m']).toMatchObject([{ type: 'cancelled', bill: 'unknown', durationMs: 600 }])
    expect(step.ends['b/m']).toMatchObject([{ type: 'completed' }])
    expect(startedAt(here)).toEqual([[0], [500]])
    expect(here.clock.pending).toBe(0)
  })

  it('tells who was asked beside whom, and who was faster', async () => {
    const here = scene([[silence], [answers('Hello', 'b/m')]], { hedge })
    await outcome(here)
    expect(told(here, 'hedge-started')).toMatchObject([{ target: 'b/m', from: 'a/m', afterMs: 500, attempt: 2 }])
    expect(told(here, 'hedge-won')).toMatchObject([{ target: 'b/m', over: ['a/m'], attempt: 2 }])
    expect(names(here, 'fallback-chosen', 'target-skipped')).toEqual([])
    expect(told(here, 'response-generated')).toMatchObject([{ target: 'b/m', attempts: 2 }])
  })

  it('may still be the faster one', async () => {
    const here = scene([[late('Hello', 700)], [silence]], { hedge })
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks.at(-1)).toMatchObject({ billed: [{ target: 'b/m' }, { target: 'a/m' }] })
    expect(here.providers[1]?.calls[0]).toMatchObject({ cancelled: {}, endedAt: began + 700 })
    expect(told(here, 'hedge-won')).toMatchObject([{ target: 'a/m', over: ['b/m'] }])
  })

  it('gets company once, or as often as it is told to', async () => {
    for (const attempts of [1, 2]) {
      const here = scene([[silence], [silence], [answers('Hello', 'c/m')]], { hedge: hedging({ afterMs, attempts }) })
      const asking = read(here.chain, ask)
      await here.clock.advance(1_000)
      expect(startedAt(here)).toEqual([[0], [500], attempts === 1 ? [] : [1_000]])
      await here.clock.runAll()
      expect(await asking).toMatchObject({ text: 'Hello' })
    }
  })

  it('gets none where the chain does not say so, nor for what is no message', async () => {
    const silent = scene([[late('Hello', 9_000)], [answers('no')]])
    await outcome(silent)
    expect(startedAt(silent)).toEqual([[0], []])

    const counting = scene([[answers('no')], [answers('no')]], { hedge })
    const asked: string[] = []
    for (const provider of counting.providers) {
      Object.assign(provider, {
        countTokens: () => {
          asked.push(provider.id)
          return new Promise(resolve => counting.clock.timer(2_000, () => resolve(7)))
        },
      })
    }
    const count = counting.chain.countTokens(ask)
    await counting.clock.runAll()
    expect([await count, asked]).toEqual([7, ['a']])
  })
})

describe('of two that run', () => {
  it('the one goes on when the other, asked first, fails', async () => {
    const here = scene([[lateFailure(600)], [late('Hello', 900, 'b/m')]], { hedge })
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks[0]).toMatchObject({ failedAttempts: [{ target: 'a/m', kind: 'unavailable' }] })
    expect(startedAt(here)).toEqual([[0], [500]])
    expect(names(here, 'fallback-chosen', 'retry-scheduled', 'hedge-started', 'hedge-won')).toEqual([
      'hedge-started',
      'hedge-won',
    ])
  })

  it('the one goes on when the other, asked later, fails, even of what nobody can mend', async () => {
    for (const kind of ['unavailable', 'invalid-request'] as const) {
      const here = scene([[late('Hello', 900)], [fails(kind)]], { hedge })
      const { text, chunks } = await outcome(here)
      expect(text).toBe('Hello')
      expect(chunks[0]).toMatchObject({ failedAttempts: [{ target: 'b/m', kind }] })
      expect(startedAt(here)).toEqual([[0], [500]])
    }
  })

  it('the later one is left when the first says what nobody else can mend', async () => {
    const here = scene([[fails('invalid-request', {}, 600)], [late('no', 900)]], { hedge })
    expect(await outcome(here)).toMatchObject({ error: { kind: 'invalid-request' }, refused: true })
    expect(here.providers[1]?.calls[0]).toMatchObject({ cancelled: {}, endedAt: began + 600 })
  })

  it('nobody else is asked once the first has said it, however long it takes to write down who was left', async () => {
    const settling: AdmissionStep = {
      admit: () => ({
        settle: ({ type }) =>
          type === 'cancelled' ? new Promise<void>(done => void here.clock.timer(3_000, done)) : undefined,
      }),
    }
    const here = scene([[fails('invalid-request', {}, 800)], [silence], [answers('no', 'c/m')]], {
      hedge: hedging({ afterMs, attempts: 2 }),
      steps: [settling],
    })
    expect(await outcome(here)).toMatchObject({ error: { kind: 'invalid-request' } })
    expect(startedAt(here)).toEqual([[0], [500], []])
  })

  it('both fail, and each is asked again as its own policy says, in the order of the chain', async () => {
    const here = scene([() => lateFailure(600), () => lateFailure(200), [answers('Hello', 'c/m')]], {
      hedge,
      retry: { attempts: 2, baseDelayMs: 0 },
    })
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    // the first again, at its end the other, which has one attempt left, then the third
    expect(startedAt(here)).toEqual([[0, 700], [500, 1_300], [1_500]])
    expect(chunks[0]).toMatchObject({
      failedAttempts: [{ target: 'a/m' }, { target: 'b/m' }, { target: 'a/m' }, { target: 'b/m' }],
    })
    expect(told(here, 'fallback-chosen')).toMatchObject([
      { from: 'a/m', to: 'b/m' },
      { from: 'b/m', to: 'c/m' },
    ])
  })

  it('both end at once when the caller leaves', async () => {
    const step = watching()
    const here = scene([[silence], [silence]], { hedge, steps: [step] })
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(1_000)
    controller.abort()
    expect(here.providers.map(({ open }) => open)).toEqual([0, 0])
    expect((await asking).error?.kind).toBe('aborted')
    expect(step.ends).toMatchObject({ 'a/m': [{ type: 'cancelled' }], 'b/m': [{ type: 'cancelled' }] })
    expect(here.clock.pending).toBe(0)
  })

  it('both end when the time is up', async () => {
    const here = scene([[silence], [silence]], { hedge })
    const { error } = await outcome(here, ask, { deadline: began + 1_000 })
    expect(error).toMatchObject({ kind: 'timeout', phase: 'total' })
    expect(here.providers.map(({ open }) => open)).toEqual([0, 0])
    expect(here.clock.monotonic()).toBe(began + 1_000)
  })

  it('the slow one is asked again, as the last, where the faster one breaks off', async () => {
    const here = scene(
      [[silence, answers('Hello')], [streams(opening, { error: new SwitchyardError('network', 'Reset.') })]],
      {
        hedge,
        retry: { attempts: 2, baseDelayMs: 0 },
        target: index => ({ retry: { attempts: index === 1 ? 1 : 2 } }),
      },
    )
    expect((await outcome(here)).text).toBe('Hello')
    expect(startedAt(here)).toEqual([[0, 500], [500]])
  })
})

it.each<[string, () => Promise<MessageStream>]>([
  ['never accepts the call', () => new Promise(() => undefined)],
  [
    'never reads on',
    async () => messageStream({ read: () => new Promise(() => undefined), cancel: () => new Promise(() => undefined) }),
  ],
])('does not wait for a loser that hears nothing and %s', async (_, sendMessage) => {
  for (const stream of [true, false]) {
    const here = scene([[], [answers('Hello', 'b/m')]], { hedge })
    Object.assign(here.providers[0] as object, { sendMessage })
    const asking = here.chain.sendMessage({ ...ask, stream }).then(answer => answer.response())
    await here.clock.runAll()
    expect(await asking).toMatchObject({ billed: [{ target: 'a/m' }, { target: 'b/m' }] })
    expect(here.clock.monotonic()).toBe(began + 500)
    await here.chain.dispose({ drain: true })
  }
})

it('tells of the slow one as well, where the faster one breaks off and nobody is left', async () => {
  const reset = streams(opening, { error: new SwitchyardError('network', 'Reset.') })
  const here = scene([[silence], [reset]], { hedge, retry: { attempts: 1 }, holdBack: { textMs: 1_000 } })
  const { error } = await outcome(here)
  expect(error).toMatchObject({
    kind: 'exhausted',
    attempts: [
      { target: 'b/m', kind: 'network' },
      { target: 'a/m', kind: 'timeout', phase: 'first-token', durationMs: 500 },
    ],
    billed: [{ target: 'a/m' }, { target: 'b/m' }],
  })
})

describe('who is asked beside a slow target', () => {
  it('is the next that its steps and its circuit let through, and comes before those that they refuse', async () => {
    const refusals = new Set(['b/m'])
    const step: AdmissionStep = {
      admit: ({ target }) => {
        if (refusals.has(target)) throw new SwitchyardError('rate-limit', 'Too much.')
        return { settle: () => undefined }
      },
    }
    const here = scene([[lateFailure(1_500)], [answers('Hello', 'b/m')], [lateFailure(300)]], {
      hedge,
      steps: [step],
      retry: { attempts: 1 },
    })
    const asking = read(here.chain, ask)
    await here.clock.advance(600)
    refusals.clear()
    await here.clock.runAll()
    expect((await asking).text).toBe('Hello')
    expect(startedAt(here)).toEqual([[0], [1_500], [500]])
    expect(told(here, 'target-skipped')).toMatchObject([{ target: 'b/m', reason: 'rate-limit' }])
  })

  it('is nobody where all refuse, and the first goes on', async () => {
    const step: AdmissionStep = {
      admit: ({ target }) => {
        if (target !== 'a/m') throw new Error('a bug')
        return { settle: () => undefined }
      },
    }
    const here = scene([[late('Hello', 900)], [answers('no')], [answers('no')]], { hedge, steps: [step] })
    expect((await outcome(here)).text).toBe('Hello')
    expect(startedAt(here)).toEqual([[0], [], []])
  })

  it('leaves every line at once when the first begins to answer', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const asked: string[] = []
    const ends: string[] = []
    const step: AdmissionStep = {
      admit: ({ target, context }) => {
        const permit = { settle: ({ type }: AttemptOutcome) => void ends.push(`${target} ${type}`) }
        if (target === 'a/m') return permit
        signals.push(context.signal)
        asked.push(target)
        return new Promise(resolve => here.clock.timer(5_000, () => resolve(permit)))
      },
    }
    const here = scene([[late('Hello', 900)], [answers('no')], [answers('no')]], { hedge, steps: [step] })
    const asking = read(here.chain, ask)
    await here.clock.advance(899)
    expect(signals.map(signal => signal?.aborted)).toEqual([false])
    await here.clock.advance(1)
    expect(signals.map(signal => signal?.aborted)).toEqual([true])
    expect((await asking).text).toBe('Hello')
    await here.clock.runAll()
    expect(ends).toEqual(['a/m completed', 'b/m withdrawn'])
    expect(startedAt(here)).toEqual([[0], [], []])
    expect(asked).toEqual(['b/m'])
  })

  it.each([
    ['waited in a line', 100],
    ['did not wait', 0],
  ])('and %s is told of the end of the call, not of the race that it won', async (_, waitMs) => {
    const signals: (AbortSignal | undefined)[] = []
    const step: AdmissionStep = {
      admit: ({ target, context }) => {
        const permit = { settle: () => undefined }
        if (target === 'a/m') return permit
        signals.push(context.signal)
        return waitMs === 0 ? permit : new Promise(resolve => here.clock.timer(waitMs, () => resolve(permit)))
      },
    }
    const here = scene([[silence], [streams(opening, { waitMs: 5_000 }, ending)]], { hedge, steps: [step] })
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(1_000)
    expect(told(here, 'hedge-won')).toMatchObject([{ target: 'b/m' }])
    expect(signals.map(signal => signal?.aborted)).toEqual([false])
    controller.abort()
    expect(signals.map(signal => signal?.aborted)).toEqual([true])
    expect((await asking).error?.kind).toBe('aborted')
  })

  it('asks nobody whose turn comes when the time is up, however long the end of the first takes to write down', async () => {
    const ends: string[] = []
    const step: AdmissionStep = {
      admit: ({ target }) => {
        if (target === 'a/m') return { settle: () => new Promise<void>(done => void here.clock.timer(2_000, done)) }
        const permit = { settle: ({ type }: AttemptOutcome) => void ends.push(type) }
        return new Promise(resolve => here.clock.timer(700, () => resolve(permit)))
      },
    }
    const options = { hedge, steps: [step], timeouts: { totalMs: 1_000 } }
    const here = scene([[silence], [answers('no')]], options)
    expect((await outcome(here)).error).toMatchObject({ kind: 'timeout', phase: 'total' })
    expect(startedAt(here)).toEqual([[0], []])
    expect(ends).toEqual(['withdrawn'])
  })

  it('leaves every line at once when the caller leaves, however long that takes to write down', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const step: AdmissionStep = {
      admit: ({ target, context }) => {
        if (target === 'a/m') return { settle: () => new Promise<void>(done => void here.clock.timer(300, done)) }
        signals.push(context.signal)
        return new Promise(() => undefined)
      },
    }
    const here = scene([[silence], [answers('no')], [answers('no')]], {
      hedge: hedging({ afterMs, attempts: 2 }),
      steps: [step],
    })
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(600)
    controller.abort()
    expect(signals.map(signal => signal?.aborted)).toEqual([true])
    await here.clock.runAll()
    expect((await asking).error?.kind).toBe('aborted')
    expect(startedAt(here)).toEqual([[0], [], []])
  })

  it('leaves every line at once when the first fails, and gets its turn in the order of the chain', async () => {
    let asked = 0
    const step: AdmissionStep = {
      admit: ({ target }) => {
        const permit = { settle: () => undefined }
        if (target === 'a/m' || asked++ > 0) return permit
        return new Promise(() => undefined)
      },
    }
    const here = scene([[lateFailure(600)], [answers('Hello', 'b/m')]], {
      hedge,
      steps: [step],
      retry: { attempts: 1 },
    })
    expect((await outcome(here)).text).toBe('Hello')
    expect(startedAt(here)).toEqual([[0], [600]])
    expect(told(here, 'fallback-chosen')).toMatchObject([{ from: 'a/m', to: 'b/m' }])
  })

  it('takes a token of the retries that it may receive, which chains over one target share', async () => {
    const scripts = [() => silence, () => answers('Hello', 'b/m')]
    const breakers = new BreakerBoard({ clock: new VirtualClock(), random: () => 0.5 })
    const here = scene(scripts, { hedge, breakers })
    const other = createChain({
      id: 'other',
      clock: here.clock,
      breakers,
      hedge,
      targets: here.providers.map(provider => ({ provider, model: 'm' })),
      circuitBreaker: { failureRate: 1, minimumCalls: 1_000 },
    })
    for (let call = 0; call < 6; call++) {
      for (const chain of [here.chain, other]) {
        const asking = read(chain, ask, { deadline: here.clock.monotonic() + 1_000 })
        await here.clock.runAll()
        await asking
      }
    }
    // a burst of five, and one that the answers had earned
    expect(here.providers.map(({ calls }) => calls.length)).toEqual([12, 6])
  })
})

it('pays nothing for those who refuse', async () => {
  let refuses = true
  const step: AdmissionStep = {
    admit: ({ target }) => {
      if (refuses && target === 'b/m') throw new SwitchyardError('rate-limit', 'Too much.')
      return { settle: () => undefined }
    },
  }
  const here = scene([() => late('Hello', 600), () => silence], { hedge, steps: [step] })
  for (let call = 0; call < 6; call++) await outcome(here)
  refuses = false
  await outcome(here)
  expect(here.providers.map(({ calls }) => calls.length)).toEqual([7, 1])
})

it('counts the attempts of each target by itself', async () => {
  const numbers: string[] = []
  const step: AdmissionStep = {
    admit: ({ target, attempt }) => {
      numbers.push(`${target} ${attempt}`)
      return { settle: () => undefined }
    },
  }
  const reset = streams(opening, { error: new SwitchyardError('network', 'Reset.') })
  const here = scene(
    [
      [fails('unavailable'), silence],
      [reset, answers('Hello', 'b/m')],
    ],
    {
      hedge,
      steps: [step],
      retry: { attempts: 2, baseDelayMs: 0 },
    },
  )
  expect((await outcome(here)).text).toBe('Hello')
  expect(numbers).toEqual(['a/m 1', 'a/m 2', 'b/m 1', 'b/m 2'])
})

it('makes no more than one extra attempt for ten answers, after a burst, and makes those for as long as it runs', async () => {
  // nobody but the second begins late, every other time
  const slow = (call: number): ScriptedAnswer => late('Hello', call % 2 === 0 ? 600 : 0)
  const here = scene([(_request, _context, call) => slow(call), () => silence], { hedge })
  let before = 0
  const extra: number[] = []
  for (let hundred = 0; hundred < 4; hundred++) {
    for (let call = 0; call < 100; call++) await outcome(here)
    const calls = here.providers[1]?.calls.length ?? 0
    extra.push(calls - before)
    before = calls
  }
  expect(extra).toEqual([14, 10, 10, 10])
  expect(here.providers[0]?.calls.length).toBe(400)
})

describe('a whole answer', () => {
  const wordy: ScriptedAnswer = streams({ waitMs: 400 }, opening, { waitMs: 5_000 }, ending)

  it('that has begun upstream is waited for alone, however long it takes', async () => {
    const here = scene([[wordy], [answers('no')]], { hedge })
    expect(responseText(await whole(here))).toBe('Hello')
    expect(startedAt(here)).toEqual([[0], []])
  })

  it('is left to the first that begins, and made again where that one breaks', async () => {
    const reset: ScriptedAnswer = streams(opening, { waitMs: 100 }, { error: new SwitchyardError('network', 'Reset.') })
    const here = scene([[silence, answers('Hello')], [reset]], {
      hedge,
      target: index => ({ retry: { attempts: index === 1 ? 1 : 2, baseDelayMs: 0 } }),
    })
    const asking = here.chain.sendMessage(askWhole).then(answer => answer.response())
    await here.clock.advance(500)
    expect(here.providers.map(({ open }) => open)).toEqual([0, 1])
    await here.clock.runAll()
    expect(responseText(await asking)).toBe('Hello')
    expect(startedAt(here)).toEqual([[0, 600], [500]])
  })

  it('tells of all that is billed, however long it takes to write down what was left', async () => {
    for (const stream of [true, false]) {
      const step: AdmissionStep = {
        admit: ({ target }) => ({
          charge: { cost: `${target.length} USD` },
          settle: ({ type }) => (type === 'cancelled' ? sleep(3_000) : undefined),
        }),
      }
      const here = scene([[silence], [answers('Hello', 'b/m')]], { hedge, steps: [step] })
      const sleep = (ms: number): Promise<void> => new Promise(resolve => here.clock.timer(ms, resolve))
      const asking = here.chain.sendMessage({ ...ask, stream }).then(answer => answer.response())
      await here.clock.runAll()
      expect(await asking).toMatchObject({
        billed: [
          { target: 'a/m', cost: '3 USD' },
          { target: 'b/m', cost: '3 USD' },
        ],
      })
    }
  })
})

describe('a hedge at a percentile', () => {
  const performanceOf = (firstTokenMs: PerformanceView['firstTokenMs']): PerformanceView => ({
    firstTokenMs,
    inFlight: () => 0,
    successRate: () => undefined,
    learnedLimits: () => undefined,
  })

  it("waits for the target's own, of that kind of work, and not at all where it is not known", async () => {
    const asked: unknown[] = []
    const performance = performanceOf((...what) => {
      asked.push(what)
      return what[2] === 'chat' ? 800 : undefined
    })
    for (const task of ['chat', 'code']) {
      const here = scene([[late('slow', 2_000)], [late('fast', 0, 'b/m')]], {
        hedge: hedging({ percentile: 90 }),
        performance,
      })
      expect((await outcome(here, ask, { task })).text).toBe(task === 'chat' ? 'fast' : 'slow')
      expect(startedAt(here)).toEqual([[0], task === 'chat' ? [800] : []])
    }
    expect(asked).toContainEqual(['a/m', 0.9, 'chat', 'answered'])
  })

  it('of a nested chain waits for that of the target it prefers', async () => {
    const performance = performanceOf(target => (target === 'a/m' ? 800 : undefined))
    const inner = scene([[silence]], { id: 'inner' })
    const { clock } = inner
    const fast = scriptedProvider({ id: 'b', clock, script: [answers('fast', 'b/m')] })
    const targets = [{ provider: inner.chain }, { provider: fast, model: 'm' }]
    const chain = createChain({ id: 'outer', clock, targets, hedge: hedging(), performance })
    expect(chain.explain(ask).targets[0]?.hedgeAfterMs).toBe(800)
    expect((await outcome({ chain, clock })).text).toBe('fast')
    expect(fast.calls[0]?.startedAt).toBe(began + 800)
  })

  it('takes reasoning for a sign of life, as the percentile does, but not what it was told to wait for', async () => {
    const reasoning: ScriptedAnswer = streams(
      [
        { type: 'start', model: 'a/m' },
        { type: 'reasoning-start', id: 7, origin: 'x' },
        { type: 'reasoning-delta', id: 7, text: 'Hm' },
        { type: 'reasoning-end', id: 7, complete: true },
      ],
      { waitMs: 2_000 },
      [
        { type: 'text-start', id: 0 },
        { type: 'text-delta', id: 0, text: 'Hel' },
      ],
      ending,
    )
    const scripts = [[reasoning], [answers('fast', 'b/m')]]
    const patient = scene(scripts, { hedge: hedging(), performance: performanceOf(() => 500) })
    expect((await outcome(patient)).text).toBe('Hello')
    const strict = scene(scripts, { hedge })
    expect((await outcome(strict)).text).toBe('fast')
  })
})

describe('a chain in a chain', () => {
  const options = { random: () => 0.5, retry: { attempts: 1 } }

  function nested(outer: HedgeOptions | undefined, inner: HedgeOptions | undefined) {
    const clock = new VirtualClock()
    const silent = ['a', 'b', 'c', 'd'].map(id => scriptedProvider({ id, clock, script: () => silence }))
    const targets = silent.map(provider => ({ provider, model: 'm' }))
    const chains = [targets.slice(0, 2), targets.slice(2)].map((targets, at) => ({
      provider: createChain({ ...options, clock, id: `inner${at}`, targets, ...(inner && { hedge: hedging(inner) }) }),
    }))
    const chain = createChain({
      ...options,
      clock,
      id: 'outer',
      targets: chains,
      ...(outer && { hedge: hedging(outer) }),
    })
    return {
      clock,
      chain,
      calls: () => silent.map(({ calls }) => calls.length),
      open: () => silent.map(({ open }) => open),
    }
  }

  it('hedges by its own options, at most as often as the outer one may', async () => {
    const found: Record<string, readonly number[]> = {}
    for (const [name, outer, inner] of [
      ['outer', { afterMs: 1_000 }, undefined],
      ['inner', undefined, { afterMs: 300 }],
      ['one for all', { afterMs: 1_000 }, { afterMs: 300 }],
      ['two for all', { afterMs: 1_000, attempts: 2 }, { afterMs: 300 }],
    ] as const) {
      const here = nested(outer, inner)
      const controller = new AbortController()
      const asking = read(here.chain, ask, { signal: controller.signal })
      await here.clock.advance(3_000)
      found[name] = here.calls()
      controller.abort()
      await asking
      expect(here.open()).toEqual([0, 0, 0, 0])
      expect(here.clock.pending).toBe(0)
    }
    expect(found).toEqual({
      outer: [1, 0, 1, 0],
      inner: [1, 1, 0, 0],
      'one for all': [1, 1, 0, 0],
      'two for all': [1, 1, 1, 0],
    })
  })

  it('hedges nothing when it goes on with an answer that another has begun', async () => {
    const inner = scene([[silence], [answers('Hello', 'c/m')]], { ...options, id: 'inner', hedge })
    const { clock } = inner
    const cut = streams(opening, { error: new SwitchyardError('network', 'Reset.') })
    const provider = scriptedProvider({ id: 'cut', clock, script: [cut] })
    const targets = [{ provider, model: 'm' }, { provider: inner.chain }]
    const chain = createChain({ ...options, clock, id: 'outer', targets })
    const asking = read(chain, ask)
    await clock.advance(5_000)
    expect(startedAt(inner)).toEqual([[0], []])
    await clock.runAll()
    expect((await asking).text).toBe('Hello')
  })

  it('is left whole: nothing below it stays open', async () => {
    const clock = new VirtualClock()
    const silent = ['a', 'b'].map(id => scriptedProvider({ id, clock, script: () => silence }))
    const quick = scriptedProvider({ id: 'c', clock, script: () => answers('Hello', 'c/m') })
    const targets = silent.map(provider => ({ provider, model: 'm' }))
    const inner = createChain({ ...options, clock, id: 'inner', targets, hedge: hedging({ afterMs: 100 }) })
    const chain = createChain({
      ...options,
      clock,
      id: 'outer',
      targets: [{ provider: inner }, { provider: quick, model: 'm' }],
      hedge: hedging({ afterMs: 300, attempts: 2 }),
    })
    const { text, chunks } = await outcome({ chain, clock })
    expect(text).toBe('Hello')
    expect(silent.map(({ calls, open }) => [calls.length, open])).toEqual([
      [1, 0],
      [1, 0],
    ])
    expect(chunks.at(-1)).toMatchObject({ billed: [{ target: 'inner' }, { target: 'c/m' }] })
    expect(clock.pending).toBe(0)
  })
})

describe('the options of a hedge', () => {
  it('are refused where they are wrong, by name', () => {
    const problem = (wrong: HedgeOptions): string | undefined => {
      try {
        scene([[silence], [silence]], { hedge: hedging(wrong) })
      } catch (error) {
        return (error as SwitchyardError).param
      }
    }
    expect(problem({ afterMs: 0 })).toBeUndefined()
    expect(problem({ afterMs: -1 })).toBe('hedge.afterMs')
    expect(problem({ afterMs: 5, attempts: 0 })).toBe('hedge.attempts')
    expect(problem({ percentile: 49 })).toBe('hedge.percentile')
    expect(problem({ percentile: 95 })).toBe('hedge.percentile')
  })
})
