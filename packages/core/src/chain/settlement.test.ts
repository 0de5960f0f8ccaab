import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { AdmissionStep, AttemptInfo, AttemptOutcome } from '../engine/admission.ts'
import { scriptedProvider, textAnswer } from '../testing/index.ts'
import { answers, ask, askWhole, ending, fails, opening, outcome, scene, streams, whole } from './chain.fixture.ts'
import { createChain } from './chain.ts'

interface Ledger extends AdmissionStep {
  readonly log: string[]
  readonly infos: AttemptInfo[]
  readonly outcomes: AttemptOutcome[]
}

function ledger(
  name = 'step',
  options: { slow?: () => Promise<void>; admit?: (info: AttemptInfo) => void } = {},
): Ledger {
  const log: string[] = []
  const infos: AttemptInfo[] = []
  const outcomes: AttemptOutcome[] = []
  return {
    log,
    infos,
    outcomes,
    admit(info) {
      infos.push(info)
      options.admit?.(info)
      log.push(`${name} admits ${info.target}#${info.attempt}`)
      return {
        firstToken: () => void log.push(`${name} sees a token`),
        settle: outcome => {
          log.push(`${name} settles ${outcome.type}`)
          outcomes.push(outcome)
          return options.slow?.()
        },
      }
    },
  }
}

describe('settlement', () => {
  it('is told once of every attempt, how it ended', async () => {
    const step = ledger()
    const here = scene([[fails('unavailable'), answers('Hello')]], { steps: [step] })
    await outcome(here)
    expect(step.log).toEqual([
      'step admits a/m#1',
      'step settles failed',
      'step admits a/m#2',
      'step sees a token',
      'step settles completed',
    ])
    expect(step.infos[0]).toMatchObject({ chain: 'chain', provider: 'a', model: 'm', operation: 'message' })
  })

  it('is awaited before the end of a stream is shown', async () => {
    let commit = (): void => undefined
    const step = ledger('step', {
      slow: () =>
        new Promise<void>(resolve => {
          commit = resolve
        }),
    })
    const here = scene([[streams(opening, ending)]], { steps: [step] })
    const sending = here.chain.sendMessage(ask)
    await here.clock.advance(0)
    const batches = (await sending).batches()
    await batches.next()
    let shown = false
    const last = batches.next().then(result => {
      shown = true
      return result
    })
    await here.clock.advance(0)
    expect(shown).toBe(false)
    commit()
    expect((await last).value?.at(-1)?.type).toBe('finish')
  })

  it('replaces the end by its own failure', async () => {
    const slow = async () => {
      throw new SwitchyardError('unavailable', 'The ledger is full.')
    }
    const streaming = scene([[streams(opening, ending)], [answers('no')]], { steps: [ledger('step', { slow })] })
    const seen = await outcome(streaming)
    expect(seen).toMatchObject({ text: 'Hel', error: { kind: 'unavailable', message: 'The ledger is full.' } })
    const plain = scene([[answers('Hello')], [answers('no')]], { steps: [ledger('step', { slow })] })
    await expect(whole(plain)).rejects.toMatchObject({ message: 'The ledger is full.' })
    expect(plain.providers[1]?.calls).toHaveLength(0)
  })

  it('replaces the end by a failure thrown at once as well', async () => {
    const step: AdmissionStep = {
      admit: () => ({
        settle: () => {
          throw new SwitchyardError('unavailable', 'The ledger is full.')
        },
      }),
    }
    const here = scene([[streams(opening, ending)]], { steps: [step] })
    expect((await outcome(here)).error?.message).toBe('The ledger is full.')
  })

  it('leaves an answer that is withheld among what is billed', async () => {
    const usage = { input: { uncached: 3, cacheRead: 0, cacheWrite: {} }, output: { text: 2, reasoning: 0 } }
    const full = new SwitchyardError('unavailable', 'The ledger is full.')
    const steps = [{ admit: () => ({ settle: () => Promise.reject(full) }) }]
    const script = () => streams(textAnswer('Hello', { model: 'a/m', usage }))
    const inner = scene([script], { id: 'inner', steps })
    expect((await outcome(inner)).error?.billed).toEqual([{ target: 'a/m', usage }])
    expect((await outcome(inner, askWhole)).error?.billed).toEqual([{ target: 'a/m', usage }])
    const next = scriptedProvider({ id: 'z', clock: inner.clock, script: () => answers('Hello', 'z/m') })
    const targets = [{ provider: inner.chain }, { provider: next, model: 'm' }]
    const { chunks } = await outcome({
      chain: createChain({ id: 'outer', clock: inner.clock, targets }),
      clock: inner.clock,
    })
    expect(chunks.at(-1)).toMatchObject({ billed: [{ target: 'a/m', usage }, { target: 'z/m' }] })
  })

  it('does not hide why an attempt failed behind a failure of its own', async () => {
    for (const settle of [
      () => {
        throw new Error('settle broke')
      },
      () => Promise.reject(new Error('settle broke')),
    ]) {
      const here = scene([[fails('authentication')]], { steps: [{ admit: () => ({ settle }) }] })
      expect((await outcome(here)).error?.attempts).toMatchObject([{ kind: 'authentication' }])
    }
  })

  it('gives back what earlier steps took when a later one refuses', async () => {
    const first = ledger('first')
    const refusing = ledger('second', {
      admit: info => {
        if (info.provider === 'a') throw new SwitchyardError('budget-exceeded', 'Nothing left.')
      },
    })
    const here = scene([[answers('no')], [answers('Hello', 'b/m')]], { steps: [first, refusing] })
    expect((await outcome(here)).text).toBe('Hello')
    expect(first.log.slice(0, 2)).toEqual(['first admits a/m#1', 'first settles withdrawn'])
    expect(here.providers[0]?.calls).toHaveLength(0)
  })

  it('gives back as well when the steps take their time', async () => {
    const first = ledger('first')
    const waiting: AdmissionStep = { admit: async (info, now) => first.admit(info, now) }
    const refusing: AdmissionStep = {
      admit: async () => {
        throw new SwitchyardError('budget-exceeded', 'Nothing left.')
      },
    }
    const here = scene([[answers('no')]], { steps: [waiting, refusing] })
    expect((await outcome(here)).error).toMatchObject({ kind: 'budget-exceeded' })
    expect(first.log).toEqual(['first admits a/m#1', 'first settles withdrawn'])
  })

  it('lets a failure in a step that is none of ours reach the caller', async () => {
    const broken: AdmissionStep = {
      admit: () => {
        throw new TypeError('a bug')
      },
    }
    expect((await outcome(scene([[answers('no')]], { steps: [broken] }))).error).toBeInstanceOf(TypeError)
  })

  it('knows a caller who left from a target that failed', async () => {
    const step = ledger()
    const here = scene([[streams(opening, 'stall')]], { steps: [step] })
    const sending = here.chain.sendMessage(ask)
    await here.clock.advance(0)
    await (await sending).cancel()
    expect(step.outcomes).toMatchObject([{ type: 'cancelled' }])
  })

  it('learns the usage of the answer', async () => {
    const step = ledger()
    const usage = { input: { uncached: 3, cacheRead: 0, cacheWrite: {} }, output: { text: 2, reasoning: 0 } }
    const here = scene([[streams(opening, [...ending.slice(0, 2), { type: 'finish', reason: 'stop', usage }])]], {
      steps: [step],
    })
    const { chunks } = await outcome(here)
    expect(step.outcomes).toMatchObject([{ type: 'completed', reason: 'stop', usage }])
    expect(chunks.at(-1)).toMatchObject({ usage, billed: [{ target: 'a/m', usage }] })
  })

  it('is finished for an answer whose caller leaves while it commits', async () => {
    let commit = (): void => undefined
    const slow = () =>
      new Promise<void>(resolve => {
        commit = resolve
      })
    const step = ledger('step', { slow })
    const here = scene([[answers('Hello')]], { steps: [step] })
    const controller = new AbortController()
    const sending = here.chain.sendMessage(askWhole, { signal: controller.signal })
    await here.clock.advance(0)
    controller.abort()
    commit()
    expect(await (await sending).response()).toMatchObject({ content: [{ text: 'Hello' }] })
    expect(step.outcomes).toMatchObject([{ type: 'completed' }])
  })

  it('shows the first of several failures, and settles all', async () => {
    const failing = (name: string): AdmissionStep => ({
      admit: () => ({ settle: () => Promise.reject(new SwitchyardError('unavailable', name)) }),
    })
    const last = ledger('last')
    const here = scene([[answers('Hello')]], { steps: [failing('first'), failing('second'), last] })
    expect((await outcome(here)).error?.message).toBe('first')
    expect(last.outcomes).toHaveLength(1)
  })

  it('takes no part in how long an attempt is said to have taken', async () => {
    const slow = () => new Promise<void>(resolve => void here.clock.timer(500, resolve))
    const here = scene([[fails('quota', {}, 200)]], { steps: [ledger('step', { slow })] })
    const { error } = await outcome(here)
    const told = here.seen.find(({ name }) => name === 'attempt-failed')?.event
    expect([error?.attempts[0]?.durationMs, told && 'durationMs' in told && told.durationMs]).toEqual([200, 200])
  })
})
