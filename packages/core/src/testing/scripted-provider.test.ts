import { beforeEach, describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import { GrammarChecker } from '../grammar/grammar-checker.ts'
import { plainUsage, textAnswer, toolCallAnswer } from './answers.ts'
import { type ScriptedAnswer, type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'
import { VirtualClock } from './virtual-clock.ts'

const request = { messages: [{ role: 'user', content: 'Hi' }] } as const

let clock: VirtualClock
beforeEach(() => {
  clock = new VirtualClock({ monotonic: 1_000 })
})

const providerOf = (...script: ScriptedAnswer[]): ScriptedProvider =>
  scriptedProvider({ id: 'scripted', clock, script, capabilities: { tools: true } })

/** What a promise came to after the clock moved; `'pending'` where it did not. */
async function after<Value>(ms: number, promise: Promise<Value>): Promise<Value | 'pending' | { error: unknown }> {
  let result: Value | 'pending' | { error: unknown } = 'pending'
  promise.then(
    value => {
      result = value
    },
    (error: unknown) => {
      result = { error }
    },
  )
  await clock.advance(ms)
  return result
}

describe('a scripted provider', () => {
  it('answers one entry of its script a call, and says when there is none left', async () => {
    const busy = new SwitchyardError('overloaded', 'Busy.')
    const provider = providerOf(
      { type: 'reject', error: busy },
      { type: 'stream', steps: [textAnswer('Hi')] },
      { type: 'response', response: { model: 'a/b', content: [], reason: 'stop' } },
    )
    await expect(provider.sendMessage(request)).rejects.toBe(busy)
    expect(await (await provider.sendMessage(request)).response()).toMatchObject({ content: [{ text: 'Hi' }] })
    expect(await (await provider.sendMessage(request)).response()).toMatchObject({ model: 'a/b' })
    await expect(provider.sendMessage(request)).rejects.toThrow('The script of scripted has no answer for call 4.')
    expect(provider.calls).toHaveLength(4)
    expect(provider.calls.map(call => call.endedAt)).toEqual([1_000, 1_000, 1_000, 1_000])
    expect(provider.open).toBe(0)
  })

  it('asks a function as its script, with what the call brought', async () => {
    const provider = scriptedProvider({
      id: 'scripted',
      clock,
      script: (asked, context, call) => ({
        type: 'stream',
        steps: [textAnswer(`${asked.messages.length} ${context.requestId} ${call}`)],
      }),
    })
    const stream = await provider.sendMessage(request, { requestId: 'r1' })
    expect(await stream.response()).toMatchObject({ content: [{ text: '1 r1 0' }] })
    expect(provider.calls[0]).toMatchObject({ request, context: { requestId: 'r1' } })
  })

  it('takes its time, on the virtual clock', async () => {
    const [start, open, ...rest] = textAnswer('Hi')
    const steps = [[start, open], { waitMs: 500 }, rest] as never
    const provider = providerOf({ type: 'stream', afterMs: 200, steps })
    const sending = provider.sendMessage(request)
    expect(await after(199, sending)).toBe('pending')
    await clock.advance(1)
    const batches = (await sending).batches()
    expect(await batches.next()).toEqual({ done: false, value: [start, open] })
    const second = batches.next()
    expect(await after(499, second)).toBe('pending')
    expect(provider.open).toBe(1)
    expect(await after(1, second)).toEqual({ done: false, value: rest })
    expect(provider.calls[0]).toEqual({ request, context: {}, startedAt: 1_000, endedAt: 1_700 })
    expect(clock.pending).toBe(0)
  })

  it('breaks and ends where the script does', async () => {
    const cut = new SwitchyardError('network', 'Reset.')
    const [start] = textAnswer('Hi')
    const provider = providerOf(
      { type: 'stream', steps: [[start as never], { error: cut }] },
      { type: 'stream', steps: [[start as never]] },
    )
    await expect((await provider.sendMessage(request)).response()).rejects.toMatchObject({ message: 'Reset.' })
    await expect((await provider.sendMessage(request)).response()).rejects.toMatchObject({ kind: 'truncated' })
    expect(provider.open).toBe(0)
    expect(provider.calls.some(call => 'cancelled' in call)).toBe(false)
  })

  it('obeys the signal at once: before, during the wait and in the stream', async () => {
    const provider = providerOf(
      { type: 'silence' },
      { type: 'silence' },
      { type: 'reject', error: new Error('too late'), afterMs: 50 },
      { type: 'stream', steps: [[textAnswer('')[0] as never], 'stall'] },
    )
    await expect(provider.sendMessage(request, { signal: AbortSignal.abort('gone') })).rejects.toMatchObject({
      kind: 'aborted',
    })
    for (let call = 1; call <= 3; call++) {
      const controller = new AbortController()
      const sending = provider.sendMessage(request, { signal: controller.signal })
      const outcome = call === 3 ? sending.then(stream => stream.response()) : sending
      expect(await after(10, outcome as Promise<unknown>)).toBe('pending')
      expect(provider.open).toBe(1)
      controller.abort(`reason ${call}`)
      await expect(outcome).rejects.toMatchObject({ kind: 'aborted' })
      expect(provider.calls[call]).toMatchObject({ cancelled: { reason: `reason ${call}` } })
      expect(provider.open).toBe(0)
    }
    expect(clock.pending).toBe(0)
  })

  it('sees a stream that is cancelled, with its timers gone', async () => {
    const provider = providerOf({ type: 'stream', steps: [{ waitMs: 1_000 }, 'stall'] })
    const stream = await provider.sendMessage(request)
    const reading = stream.batches().next()
    await Promise.all([stream.cancel('enough'), expect(reading).rejects.toMatchObject({ kind: 'aborted' })])
    expect(provider.calls[0]?.cancelled).toEqual({ reason: 'enough' })
    expect([provider.open, clock.pending]).toEqual([0, 0])
  })

  it('aborts what is open when it is disposed, and refuses what comes later', async () => {
    const provider = providerOf({ type: 'silence' }, { type: 'stream', steps: ['stall'] })
    const silent = provider.sendMessage(request)
    const reading = (await provider.sendMessage(request)).response()
    await Promise.all([
      provider[Symbol.asyncDispose](),
      expect(silent).rejects.toMatchObject({ kind: 'aborted' }),
      expect(reading).rejects.toMatchObject({ kind: 'aborted' }),
    ])
    expect([provider.open, provider.disposed]).toEqual([0, true])
    await expect(provider.sendMessage(request)).rejects.toMatchObject({ kind: 'unavailable' })
    await provider.dispose({ drain: true })
  })

  it('waits for what is open when it is drained', async () => {
    const provider = providerOf({ type: 'stream', steps: [{ waitMs: 100 }, textAnswer('Hi')] })
    const stream = await provider.sendMessage(request)
    const draining = provider.dispose({ drain: true })
    const response = stream.response()
    expect(await after(99, draining)).toBe('pending')
    await clock.advance(1)
    await Promise.all([draining, response])
  })

  it('says what it can and has', async () => {
    const provider = providerOf()
    await provider.initialize()
    expect(provider.initialized).toBe(true)
    expect(provider.getCapabilities('any')).toMatchObject({ tools: true, json: 'unknown' })
    expect(await provider.getModels()).toEqual([])
    const models = [{ id: 'tiny' }]
    expect(await scriptedProvider({ id: 'a', clock, script: [], models }).getModels()).toBe(models)
  })
})

describe('answers for scripts', () => {
  it('keep the grammar', () => {
    const usage = plainUsage(3, 2)
    for (const chunks of [
      textAnswer(['Hel', 'lo'], { usage, id: 'x', model: 'a/b' }),
      textAnswer('cut', { reason: 'length' }),
      toolCallAnswer('add', { a: 1 }, { usage }),
    ]) {
      const checker = new GrammarChecker()
      for (const chunk of chunks) checker.add(chunk)
      checker.end()
    }
    expect(textAnswer('cut', { reason: 'length' })[3]).toMatchObject({ complete: false })
    expect(toolCallAnswer('add', {}).at(-1)).toMatchObject({ reason: 'tool-calls' })
  })
})
