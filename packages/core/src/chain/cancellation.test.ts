import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { AdmissionPermit, AdmissionStep, AttemptOutcome } from '../engine/admission.ts'
import { answers, ask, ending, fails, opening, outcome, read, scene, streams } from './chain.fixture.ts'

describe('a caller who leaves while steps are asked', () => {
  it('is sent nothing, at whatever moment', async () => {
    for (let turns = 0; turns < 30; turns++) {
      const controller = new AbortController()
      const outcomes: AttemptOutcome[] = []
      const leave = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn++) await undefined
        controller.abort()
      }
      const step: AdmissionStep = {
        admit: async () => {
          void leave()
          return { settle: told => void outcomes.push(told) }
        },
      }
      const here = scene([[answers('Hello')]], { steps: [step] })
      await outcome(here, ask, { signal: controller.signal })
      const calls = here.providers[0]?.calls.length
      expect(outcomes.map(({ type }) => type === 'withdrawn')).toEqual([calls === 0])
    }
  })

  it('or whose chain is disposed, is out of every line', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const step: AdmissionStep = {
      admit: info => {
        signals.push(info.context.signal, info.context.signal)
        return new Promise(() => undefined)
      },
    }
    const { chain } = scene([[answers('no')]], { steps: [step] })
    const asked = expect(chain.sendMessage(ask)).rejects.toMatchObject({ kind: 'aborted' })
    expect(signals.map(signal => signal?.aborted)).toEqual([false, false])
    await chain.dispose()
    await asked
    expect(signals.map(signal => signal?.aborted)).toEqual([true, true])
    expect(signals[0]?.reason).toMatchObject({ message: 'The chain "chain" was disposed.' })
  })
})

describe('leaving a call', () => {
  it('refuses an aborted signal before anything is sent', async () => {
    const here = scene([[answers('Hello')]])
    expect((await outcome(here, ask, { signal: AbortSignal.abort() })).error?.kind).toBe('aborted')
    expect(here.providers[0]?.calls).toHaveLength(0)
  })

  it('ends an attempt that waits for its answer, and tries nothing else', async () => {
    const here = scene([() => ({ type: 'silence' }), () => answers('Hello', 'b/m')])
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(10)
    controller.abort()
    expect((await asking).error?.kind).toBe('aborted')
    expect(here.providers[0]?.open).toBe(0)
    expect(here.providers[1]?.calls).toHaveLength(0)
    expect(here.clock.pending).toBe(0)
  })

  it('ends the wait between two attempts', async () => {
    const here = scene([() => fails('unavailable')])
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(10)
    controller.abort()
    expect((await asking).error?.kind).toBe('aborted')
    expect(here.clock.pending).toBe(0)
  })

  it('ends a stream in the middle, whether or not it is being read', async () => {
    for (const reading of [true, false]) {
      const here = scene([[streams(opening, 'stall')]])
      const controller = new AbortController()
      const sending = here.chain.sendMessage(ask, { signal: controller.signal })
      await here.clock.advance(0)
      const iterator = (await sending)[Symbol.asyncIterator]()
      for (let chunk = 0; chunk < 3; chunk++) await iterator.next()
      const pending = reading ? iterator.next() : undefined
      pending?.catch(() => undefined)
      controller.abort()
      expect(here.providers[0]?.open).toBe(0)
      await expect(pending ?? iterator.next()).rejects.toMatchObject({
        kind: 'aborted',
        partial: { content: [{ text: 'Hel' }] },
      })
    }
  })

  it('closes the upstream when the consumer breaks off', async () => {
    const here = scene([[streams(opening, 'stall')]])
    const sending = here.chain.sendMessage(ask)
    await here.clock.advance(0)
    for await (const chunk of await sending) if (chunk.type === 'text-delta') break
    expect(here.providers[0]?.open).toBe(0)
    expect(here.clock.pending).toBe(0)
  })

  it('closes the upstream on cancel, once, and says so to a pending read', async () => {
    const here = scene([[streams(opening, 'stall')]])
    const sending = here.chain.sendMessage(ask)
    await here.clock.advance(0)
    const stream = await sending
    const iterator = stream.batches()
    await iterator.next()
    const pending = iterator.next()
    pending.catch(() => undefined)
    await stream.cancel()
    await stream.cancel()
    await expect(pending).rejects.toMatchObject({ kind: 'aborted' })
    expect((await iterator.next()).done).toBe(true)
    expect(here.providers[0]?.calls[0]?.cancelled).toBeDefined()
  })

  it('cancels a stream that comes after its attempt was given up', async () => {
    const late = { type: 'stream', steps: [opening, ending], afterMs: 20_000 } as const
    const here = scene([[late], [answers('Hello', 'b/m')]])
    expect((await outcome(here)).text).toBe('Hello')
    expect(here.providers[0]?.open).toBe(0)
  })

  it('holds no listener on the signal once a call is over', async () => {
    const here = scene([() => answers('Hello')])
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    for (let call = 0; call < 5; call++) await outcome(here, ask, { signal })
    expect(listeners).toBe(0)
  })

  it('is what disposing a chain does to its calls, and later ones are refused', async () => {
    const here = scene([() => streams(opening, 'stall')])
    const asking = read(here.chain, ask)
    await here.clock.advance(0)
    await here.chain.dispose()
    expect((await asking).error).toMatchObject({ kind: 'aborted', message: 'The chain "chain" was disposed.' })
    expect((await outcome(here)).error).toMatchObject({ kind: 'unavailable' })
    expect(here.providers[0]?.disposed).toBe(false)
  })

  it('waits for running calls when a chain is drained', async () => {
    const here = scene([[streams(opening, { waitMs: 1_000 }, ending)]])
    const asking = read(here.chain, ask)
    await here.clock.advance(0)
    let drained = 0
    const drains = [1, 2].map(() => here.chain.dispose({ drain: true }).then(() => drained++))
    await here.clock.advance(999)
    expect(drained).toBe(0)
    await here.clock.runAll()
    await Promise.all(drains)
    expect((await asking).text).toBe('Hello')
  })

  it('disposes at the end of a using block', async () => {
    const here = scene([[answers('Hello')]])
    {
      await using chain = here.chain
      expect(chain.id).toBe('chain')
    }
    expect((await outcome(here)).error?.kind).toBe('unavailable')
  })

  it('ends the wait for a step that takes its time, and gives back what it grants too late', async () => {
    const settled: string[] = []
    let grant = (_: AdmissionPermit): void => undefined
    const admit = () =>
      new Promise<AdmissionPermit>(resolve => {
        grant = resolve
      })
    const here = scene([() => answers('Hello')], { steps: [{ admit }] })
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(10)
    controller.abort()
    expect((await asking).error?.kind).toBe('aborted')
    grant({ settle: end => void settled.push(end.type) })
    await here.clock.runAll()
    expect(settled).toEqual(['withdrawn'])
    expect(here.providers[0]?.calls).toHaveLength(0)
    await here.chain.dispose()
  })

  it('ends the wait for a step at the deadline as well', async () => {
    const here = scene([() => answers('Hello')], {
      steps: [{ admit: () => new Promise<AdmissionPermit>(() => undefined) }],
      timeouts: { totalMs: 5_000 },
    })
    expect((await outcome(here)).error).toMatchObject({ kind: 'timeout', phase: 'total' })
    expect(here.clock.pending).toBe(0)
  })

  it.each(['attempt-started', 'first-token', 'attempt-failed', 'retry-scheduled', 'fallback-chosen'] as const)(
    'works out of a listener of %s',
    async name => {
      const script = () => streams([...opening.slice(0, 2)], { error: new SwitchyardError('unavailable', 'Down.') })
      const here = scene([script, script], { retry: { attempts: 2 } })
      const controller = new AbortController()
      here.events.on(name, () => controller.abort())
      const asking = read(here.chain, ask, { signal: controller.signal })
      const started = here.clock.monotonic()
      await here.clock.runAll()
      expect((await asking).error?.kind).toBe('aborted')
      expect(here.clock.monotonic() - started).toBe(name === 'fallback-chosen' ? 250 : 0)
      expect(here.clock.pending).toBe(0)
      expect(here.providers.map(provider => provider.open)).toEqual([0, 0])
    },
  )

  it('is heard at once while the failure before it is still being settled', async () => {
    let commit = (): void => undefined
    const settle = () =>
      new Promise<void>(resolve => {
        commit = resolve
      })
    const here = scene([() => fails('unavailable')], { steps: [{ admit: () => ({ settle }) }] })
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(0)
    controller.abort()
    commit()
    expect((await asking).error?.kind).toBe('aborted')
    expect(here.clock.pending).toBe(0)
  })

  it('is what a read hears that comes while the abort is being settled', async () => {
    let commit = (): void => undefined
    const settle = () =>
      new Promise<void>(resolve => {
        commit = resolve
      })
    const here = scene([[streams(opening, 'stall')]], { steps: [{ admit: () => ({ settle }) }] })
    const controller = new AbortController()
    const sending = here.chain.sendMessage(ask, { signal: controller.signal })
    await here.clock.advance(0)
    const batches = (await sending).batches()
    await batches.next()
    controller.abort()
    const late = batches.next()
    commit()
    await expect(late).rejects.toMatchObject({ kind: 'aborted' })
  })

  it.each([new SwitchyardError('unavailable', 'The server is stopping.'), new SwitchyardError('aborted', 'Enough.')])(
    'says nothing about the target, whatever reason is given: %s',
    async reason => {
      const ends: AttemptOutcome[] = []
      const steps = [{ admit: () => ({ settle: (end: AttemptOutcome) => void ends.push(end) }) }]
      const here = scene([() => ({ type: 'silence' }), () => answers('no')], { steps })
      const controller = new AbortController()
      const asking = read(here.chain, ask, { signal: controller.signal })
      await here.clock.advance(0)
      controller.abort(reason)
      expect((await asking).error).toMatchObject({ kind: reason.kind, message: reason.message })
      expect(ends).toMatchObject([{ type: 'cancelled' }])
      expect(here.providers[1]?.calls).toHaveLength(0)
      const stream = scene([[streams(opening, 'stall')]], { steps })
      const sending = stream.chain.sendMessage(ask)
      await stream.clock.advance(0)
      await (await sending).cancel(reason)
      expect(ends[1]).toMatchObject({ type: 'cancelled' })
    },
  )

  it('tells what had failed before the caller left, and before the time was up', async () => {
    const here = scene([() => fails('unavailable')])
    const controller = new AbortController()
    const asking = read(here.chain, ask, { signal: controller.signal })
    await here.clock.advance(10)
    controller.abort()
    expect((await asking).error).toMatchObject({ kind: 'aborted', attempts: [{ target: 'a/m', kind: 'unavailable' }] })
    const slow = scene([() => fails('unavailable', {}, 3_000), () => ({ type: 'silence' })], {
      timeouts: { totalMs: 4_000 },
      retry: { attempts: 1 },
    })
    expect((await outcome(slow)).error).toMatchObject({
      phase: 'total',
      attempts: [{ kind: 'unavailable' }, { target: 'b/m', phase: 'total' }],
    })
  })
})
