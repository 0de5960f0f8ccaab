import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { AdmissionStep, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import type { RequestEnd, RequestRecorder } from '../engine/request-recorder.ts'
import {
  answers,
  ask,
  askWhole,
  ending,
  fails,
  opening,
  outcome,
  read,
  scene,
  streams,
  whole,
} from './chain.fixture.ts'
import { createChain } from './chain.ts'

function records(ended?: (end: RequestEnd) => void | Promise<void>): RequestRecorder & { readonly ends: RequestEnd[] } {
  const ends: RequestEnd[] = []
  return {
    ends,
    ended: end => {
      ends.push(end)
      return ended?.(end)
    },
  }
}

interface Watching extends AdmissionStep {
  readonly infos: AttemptInfo[]
  readonly outcomes: AttemptOutcome[]
}

function watching(permit: object = {}): Watching {
  const infos: AttemptInfo[] = []
  const outcomes: AttemptOutcome[] = []
  return {
    infos,
    outcomes,
    admit: info => {
      infos.push(info)
      return { ...permit, settle: outcome => void outcomes.push(outcome) }
    },
  }
}

describe('a request is recorded', () => {
  it('once, when its answer is complete, before the end is shown', async () => {
    let commit = (): void => undefined
    const recorder = records(() => new Promise<void>(resolve => (commit = resolve)))
    const here = scene([[fails('unavailable'), streams(opening, ending)]], { recorders: [recorder] })
    const reading = read(here.chain, ask, { requestId: 'r1', principal: 'web' })
    let shown = false
    void reading.then(() => (shown = true))
    await here.clock.runAll()
    expect([recorder.ends.length, shown]).toEqual([1, false])
    commit()
    expect((await reading).text).toBe('Hello')
    expect(recorder.ends).toMatchObject([
      {
        requestId: 'r1',
        chain: 'chain',
        operation: 'message',
        target: 'a/m',
        attempts: 2,
        outcome: { type: 'completed', reason: 'stop' },
        context: { principal: 'web' },
      },
    ])
  })

  it('whole answers too', async () => {
    const recorder = records()
    await whole(scene([[answers('Hello')]], { recorders: [recorder] }))
    expect(recorder.ends).toMatchObject([{ outcome: { type: 'completed' }, attempts: 1 }])
  })

  it('and whoever cannot record it withholds its end', async () => {
    for (const fail of [
      () => Promise.reject(new SwitchyardError('unavailable', 'The ledger is full.')),
      () => {
        throw new SwitchyardError('unavailable', 'The ledger is full.')
      },
    ]) {
      const here = scene([[streams(opening, ending)]], { recorders: [records(fail)] })
      expect(await outcome(here)).toMatchObject({ text: 'Hel', error: { message: 'The ledger is full.' } })
    }
  })

  it('when nothing could answer, and its own failure is not in the way', async () => {
    const recorder = records(() => Promise.reject(new Error('a bug')))
    const here = scene([[fails('authentication')]], { recorders: [recorder] })
    expect((await outcome(here)).error?.kind).toBe('exhausted')
    expect(recorder.ends).toMatchObject([{ outcome: { type: 'failed', error: { kind: 'exhausted' } }, attempts: 1 }])
    expect(recorder.ends[0]).not.toHaveProperty('target')
  })

  it('when every step refused and nothing was sent', async () => {
    const recorder = records()
    const step: AdmissionStep = {
      admit: () => {
        throw new SwitchyardError('budget-exceeded', 'Nothing left.')
      },
    }
    await outcome(scene([[answers('no')]], { recorders: [recorder], steps: [step] }))
    expect(recorder.ends).toMatchObject([{ outcome: { type: 'failed' }, attempts: 0 }])
  })

  it('when a step threw what is no error of ours', async () => {
    const recorder = records()
    const step: AdmissionStep = {
      admit: () => {
        throw new TypeError('a bug')
      },
    }
    await outcome(scene([[answers('no')]], { recorders: [recorder], steps: [step] }))
    expect(recorder.ends).toMatchObject([{ outcome: { type: 'failed', error: { kind: 'unavailable' } } }])
  })

  it('when its stream broke after it had begun', async () => {
    const recorder = records()
    await outcome(
      scene([[streams(opening, { error: new SwitchyardError('network', 'Cut.') })]], {
        recorders: [recorder],
        midStream: 'fail',
      }),
    )
    expect(recorder.ends).toMatchObject([{ outcome: { type: 'failed', error: { kind: 'network' } }, target: 'a/m' }])
  })

  it('when its caller left, before or after it had begun', async () => {
    const recorder = records()
    const early = scene([[{ type: 'silence' }]], { recorders: [recorder] })
    const controller = new AbortController()
    const sending = read(early.chain, ask, { signal: controller.signal })
    await early.clock.advance(1)
    controller.abort()
    await sending
    const late = scene([[streams(opening, 'stall')]], { recorders: [recorder] })
    const stream = late.chain.sendMessage(ask)
    await late.clock.advance(0)
    await (await stream).cancel()
    expect(recorder.ends.map(end => end.outcome.type)).toEqual(['cancelled', 'cancelled'])
  })

  it('by the outermost chain alone', async () => {
    const [outer, inner] = [records(), records()]
    const step = watching()
    const here = scene([[answers('Hello')]], { recorders: [inner], steps: [step] })
    const chain = createChain({
      id: 'outer',
      targets: [{ provider: here.chain }],
      recorders: [outer],
      steps: [step],
      clock: here.clock,
    })
    const reading = read(chain, ask)
    await here.clock.runAll()
    expect((await reading).text).toBe('Hello')
    expect([outer.ends.length, inner.ends.length]).toEqual([1, 0])
    expect(step.infos.map(({ target, nested, chains }) => ({ target, nested, chains }))).toEqual([
      { target: 'chain', nested: true, chains: ['outer'] },
      { target: 'a/m', nested: false, chains: ['outer', 'chain'] },
    ])
  })
})

describe('an attempt is told apart', () => {
  it('from all others, though callers use a request id twice', async () => {
    const step = watching()
    let seed = 0
    const random = () => (seed = (seed + 0.37) % 1)
    const here = scene([[fails('unavailable'), answers('Hello'), answers('Hello')]], { steps: [step], random })
    await outcome(here, ask, { requestId: 'same' })
    await outcome(here, ask, { requestId: 'same' })
    expect(new Set(step.infos.map(info => info.id)).size).toBe(3)
    const [first, second, third] = step.infos.map(info => info.callId)
    expect(first).toBe(second)
    expect(third).not.toBe(first)
  })

  it('by the request that its target gets, defaults filled in', async () => {
    const step = watching()
    const here = scene([[answers('Hello')]], { steps: [step], target: () => ({ defaults: { maxOutputTokens: 7 } }) })
    await outcome(here)
    expect(step.infos[0]?.request).toMatchObject({ model: 'm', maxOutputTokens: 7 })
  })
})

describe('what an unfinished attempt may be billed', () => {
  const bills = async (...script: Parameters<typeof scene>[0]): Promise<(string | undefined)[]> => {
    const step = watching()
    await outcome(scene(script, { steps: [step], retry: { attempts: 1 } }))
    return step.outcomes.map(told => ('bill' in told ? told.bill : undefined))
  }

  it('is nothing where the provider refused it, or never got it', async () => {
    expect(await bills([fails('rate-limit', { status: 429 })])).toEqual(['nothing'])
    expect(await bills([fails('network', { unsent: true })])).toEqual(['nothing'])
  })

  it('is nothing where the caller left before it was sent', async () => {
    const controller = new AbortController()
    const step = watching()
    const here = scene([[answers('no')]], { steps: [step] })
    here.events.on('attempt-started', () => controller.abort())
    expect((await outcome(here, ask, { signal: controller.signal })).error).not.toHaveProperty('billed')
    expect(step.outcomes).toMatchObject([{ type: 'cancelled', bill: 'nothing' }])
  })

  it('is not known where it was cut, had begun, or was never answered', async () => {
    for (const status of [504, 524]) expect(await bills([fails('unavailable', { status })])).toEqual(['unknown'])
    expect(await bills([fails('network')])).toEqual(['unknown'])
    expect(await bills([fails('timeout', { phase: 'headers' })])).toEqual(['unknown'])
    const late = new SwitchyardError('overloaded', 'Overloaded.', { status: 529 })
    expect(await bills([streams(opening, { error: late })])).toEqual(['unknown'])
  })

  it('can be guessed by what had come', async () => {
    const step = watching()
    const cut = { error: new SwitchyardError('network', 'Cut.') }
    await outcome(scene([[streams(opening, cut)]], { steps: [step] }))
    const [told] = step.outcomes
    expect(told !== undefined && 'partial' in told && told.partial?.().content).toMatchObject([{ text: 'Hel' }])
  })
})

describe('steps', () => {
  it('charge attempts, and the answer tells it', async () => {
    const step = watching({ charge: { cost: '0.25 USD' } })
    const usage = { input: { uncached: 3, cacheRead: 0, cacheWrite: {} }, output: { text: 2, reasoning: 0 } }
    const end = [...ending.slice(0, 2), { type: 'finish', reason: 'stop', usage }] as const
    const billed = [
      { target: 'a/m', cost: '0.25 USD' },
      { target: 'a/m', cost: '0.25 USD', usage },
    ]
    const script = () => [[fails('unavailable'), fails('rate-limit', { status: 429 }), streams(opening, end)]] as const
    expect((await outcome(scene(script(), { steps: [step] }))).chunks.at(-1)).toMatchObject({ billed })
    expect(await whole(scene(script(), { steps: [step] }))).toMatchObject({ billed })
  })

  it('of a nested chain that broke are told as what they were charged', async () => {
    const step = watching({ charge: { cost: '0.25 USD' } })
    const breaks = streams(opening.slice(0, 2), { error: new SwitchyardError('network', 'Cut.') })
    const inner = scene([[breaks]], { steps: [step], id: 'inner', retry: { attempts: 1 } })
    const here = scene([[answers('Hello')]], { steps: [step], clock: inner.clock })
    const chain = createChain({
      id: 'outer',
      targets: [{ provider: inner.chain }, { provider: here.chain }],
      clock: inner.clock,
    })
    const reading = chain.sendMessage(askWhole).then(stream => stream.response())
    await inner.clock.runAll()
    await here.clock.runAll()
    expect((await reading).billed).toEqual([
      { target: 'a/m', cost: '0.25 USD' },
      { target: 'a/m', cost: '0.25 USD' },
    ])
  })

  it('of a request that failed are told with its error', async () => {
    const step = watching({ charge: { cost: '0.25 USD', isBound: true } })
    const billed = [{ target: 'a/m', cost: '0.25 USD', isBound: true }]
    const cut = { error: new SwitchyardError('network', 'Cut.') }
    const options = { steps: [step], retry: { attempts: 1 } }
    expect((await outcome(scene([[streams(opening, cut)]], options))).error?.billed).toEqual(billed)
    expect((await outcome(scene([[fails('network')]], options))).error?.billed).toEqual(billed)
    expect((await outcome(scene([[fails('network', { unsent: true })]], options))).error).not.toHaveProperty('billed')
  })

  it('may shorten an answer, the shortest wins, and the caller is warned', async () => {
    const clamp = (maxOutputTokens: number) =>
      watching({ clamp: { maxOutputTokens, message: `at most ${maxOutputTokens}` } })
    for (const request of [ask, askWhole]) {
      const here = scene([[answers('Hello')]], { steps: [clamp(50), clamp(20), watching()] })
      const reading = here.chain.sendMessage(request).then(stream => stream.response())
      await here.clock.runAll()
      expect((await reading).warnings).toEqual([{ setting: 'maxOutputTokens', message: 'at most 20' }])
      expect(here.providers[0]?.calls[0]?.request.maxOutputTokens).toBe(20)
    }
  })

  it('that shortened a request are the reason when it is refused, so the next is asked', async () => {
    const step = watching()
    const clamping: AdmissionStep = {
      admit: info => ({
        ...(info.provider === 'a' && { clamp: { maxOutputTokens: 1, message: 'short' } }),
        settle: () => undefined,
      }),
    }
    const here = scene([[fails('invalid-request', { status: 400 })], [answers('Hello', 'b/m')]], {
      steps: [step, clamping],
    })
    expect((await outcome(here)).text).toBe('Hello')
  })

  it("hear of the provider's own limits", async () => {
    const heard: unknown[] = []
    const step: AdmissionStep = {
      admit: () => ({ rateLimits: (limits, now) => void heard.push([limits, now]), settle: () => undefined }),
    }
    const limits = { requests: { remaining: 3 } }
    const here = scene(
      [
        (_request, context) => {
          context.onRateLimits?.(limits)
          return answers('Hello')
        },
      ],
      { steps: [step] },
    )
    await outcome(here)
    expect(heard).toEqual([[limits, here.clock.monotonic()]])
  })
})

describe('accounts of a nested chain', () => {
  it('name the one request that all attempts are of', async () => {
    const recorder = records()
    const step = watching()
    const here = scene([[fails('unavailable'), answers('Hello')]], { steps: [step] })
    const chain = createChain({
      id: 'outer',
      targets: [{ provider: here.chain }],
      recorders: [recorder],
      clock: here.clock,
    })
    const reading = read(chain, ask, { callId: 'not the caller’s to set' })
    await here.clock.runAll()
    await reading
    const ids = new Set(step.infos.map(info => info.callId))
    expect([...ids]).toEqual([recorder.ends[0]?.callId])
    expect(ids).not.toContain('not the caller’s to set')
    expect(new Set(step.infos.map(info => info.id)).size).toBe(2)
  })
})
