import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import { answers, ask, ending, fails, opening, outcome, scene, streams, whole } from './chain.fixture.ts'

const silence = () => ({ type: 'silence' }) as const
const once = { retry: { attempts: 1 } }

describe('time limits', () => {
  it('goes on when no first token comes within its limit, connection and headers included', async () => {
    const here = scene([silence, [answers('Hello', 'b/m')]])
    const start = here.clock.monotonic()
    const { chunks } = await outcome(here)
    expect(chunks[0]).toMatchObject({
      failedAttempts: [{ kind: 'timeout', phase: 'first-token', message: 'a/m sent no first token in time.' }],
    })
    expect((here.providers[1]?.calls[0]?.startedAt as number) - start).toBe(15_000)
    expect(here.providers[0]?.open).toBe(0)
  })

  it('takes headers and pings for no token', async () => {
    const start: MessageChunk = { type: 'start', model: 'a/m' }
    const alive = streams(
      [start],
      { waitMs: 9_000 },
      [{ type: 'ping' }],
      { waitMs: 9_000 },
      [{ type: 'ping' }],
      'stall',
    )
    const here = scene([[alive], [answers('Hello', 'b/m')]])
    const { chunks } = await outcome(here)
    expect(chunks[0]).toMatchObject({ failedAttempts: [{ phase: 'first-token' }] })
  })

  it('lets a target have a first-token limit of its own', async () => {
    const here = scene([silence, [answers('Hello', 'b/m')]], { target: () => ({ timeouts: { firstTokenMs: 2_000 } }) })
    const start = here.clock.monotonic()
    await outcome(here)
    expect((here.providers[1]?.calls[0]?.startedAt as number) - start).toBe(2_000)
  })

  it('waits longer for a model that thinks in silence, by its effort', async () => {
    const capabilities = () => ({ reasoning: true as const })
    const here = scene([silence, [answers('Hello', 'b/m')]], { capabilities })
    const start = here.clock.monotonic()
    await outcome(here, { ...ask, reasoningEffort: 'low' })
    expect((here.providers[1]?.calls[0]?.startedAt as number) - start).toBe(30_000)
  })

  it('takes the wait for silent thinking from what is known of the model', async () => {
    const capabilities = () => ({ reasoning: true as const, silentReasoningMs: 45_000 })
    const here = scene([silence, [answers('Hello', 'b/m')]], { capabilities })
    const start = here.clock.monotonic()
    await outcome(here)
    expect((here.providers[1]?.calls[0]?.startedAt as number) - start).toBe(45_000)
  })

  it('throws in the stream when it falls silent after it began', async () => {
    const here = scene([[streams(opening, 'stall')], [answers('Hello', 'b/m')]], { midStream: 'fail' })
    const { error, text } = await outcome(here)
    expect(error).toMatchObject({ kind: 'timeout', phase: 'idle' })
    expect(text).toBe('Hel')
    expect(here.providers[0]?.open).toBe(0)
  })

  it('counts silence from read to read, not from the start', async () => {
    const slow = [opening, { waitMs: 14_000 }, [{ type: 'ping' } as const], { waitMs: 14_000 }, ending]
    const { text, error } = await outcome(scene([[streams(...slow)]]))
    expect(error).toBeUndefined()
    expect(text).toBe('Hello')
  })

  it('measures silence between reasoning and the first visible text as well', async () => {
    const thinking: MessageChunk[] = [
      { type: 'start', model: 'a/m' },
      { type: 'reasoning-start', id: 0, origin: 'x' },
    ]
    const here = scene([[streams(thinking, 'stall')], [answers('Hello', 'b/m')]])
    expect((await outcome(here)).chunks[0]).toMatchObject({ failedAttempts: [{ phase: 'idle' }] })
  })

  it('ends everything at the total limit, which no attempt renews', async () => {
    const here = scene([silence, silence], { timeouts: { totalMs: 20_000 } })
    const start = here.clock.monotonic()
    const { error } = await outcome(here)
    expect(error).toMatchObject({
      kind: 'timeout',
      phase: 'total',
      attempts: [
        { target: 'a/m', phase: 'first-token' },
        { target: 'b/m', phase: 'total' },
      ],
    })
    expect(here.clock.monotonic() - start).toBe(20_000)
    expect(here.providers.map(provider => provider.open)).toEqual([0, 0])
  })

  it('keeps a deadline that the caller brings', async () => {
    const here = scene([silence])
    const deadline = here.clock.monotonic() + 3_000
    const { error } = await outcome(here, ask, { deadline })
    expect(error).toMatchObject({ kind: 'timeout', phase: 'total' })
    expect(here.clock.monotonic()).toBe(deadline)
  })

  it('tries nothing after a deadline that has passed', async () => {
    const here = scene([[answers('Hello')]])
    const { error } = await outcome(here, ask, { deadline: here.clock.monotonic() })
    expect(error).toMatchObject({ kind: 'timeout', phase: 'total' })
    expect(here.providers[0]?.calls).toHaveLength(0)
  })

  it('does not run the clock while the consumer pauses', async () => {
    const here = scene([[streams(opening, { waitMs: 10_000 }, ending)]], { timeouts: { totalMs: 30_000 } })
    const sending = here.chain.sendMessage(ask)
    await here.clock.advance(0)
    const iterator = (await sending)[Symbol.asyncIterator]()
    for (let chunk = 0; chunk < 3; chunk++) await iterator.next()
    await here.clock.advance(200_000)
    const last = iterator.next()
    await here.clock.advance(10_000)
    expect((await last).value).toMatchObject({ type: 'text-delta', text: 'lo' })
  })

  it('cancels for a consumer who never comes back, without a verdict on the target', async () => {
    const here = scene([() => streams(opening, ending)], { circuitBreaker: { minimumCalls: 1 } })
    const sending = here.chain.sendMessage(ask)
    await here.clock.advance(0)
    const iterator = (await sending)[Symbol.asyncIterator]()
    await iterator.next()
    await here.clock.advance(300_000)
    expect(here.providers[0]?.open).toBe(0)
    for (let chunk = 0; chunk < 2; chunk++) await iterator.next()
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'timeout', phase: 'consumer-idle' })
    expect((await outcome(here)).text).toBe('Hello')
    expect(here.clock.pending).toBe(0)
  })

  it('lets what has already arrived win over the timer that it raced', async () => {
    // the token and the limit fall on the same instant
    const here = scene([[streams({ waitMs: 15_000 }, opening, ending)]], once)
    expect((await outcome(here)).text).toBe('Hello')
  })

  it('leaves a plain call of a target that cannot stream to the total limit alone', async () => {
    const capabilities = () => ({ streaming: false as const })
    const response = { model: 'a/m', content: [{ type: 'text', text: 'Hello' }], reason: 'stop' } as const
    const here = scene([[{ type: 'response', response, afterMs: 60_000 }]], { capabilities })
    expect(await whole(here)).toMatchObject({ content: [{ text: 'Hello' }], billed: [{ target: 'a/m' }] })
    expect(here.providers[0]?.calls[0]?.request.stream).toBe(false)
  })

  it('ends a plain call at the total limit, and forgets an answer that comes later', async () => {
    const capabilities = () => ({ streaming: false as const })
    const response = { model: 'a/m', content: [], reason: 'stop' } as const
    const here = scene([[{ type: 'response', response, afterMs: 130_000 }]], { capabilities })
    await expect(whole(here)).rejects.toMatchObject({ kind: 'timeout', phase: 'total' })
    expect(here.providers[0]?.open).toBe(0)
  })

  it('streams a plain answer to a caller who wants a stream', async () => {
    const capabilities = () => ({ streaming: false as const })
    const response = { model: 'a/m', content: [{ type: 'text', text: 'Hello' }], reason: 'stop' } as const
    const here = scene([[{ type: 'response', response, afterMs: 20_000 }]], { capabilities })
    const { text, chunks } = await outcome(here)
    expect(text).toBe('Hello')
    expect(chunks.at(-1)).toMatchObject({ type: 'finish', billed: [{ target: 'a/m' }] })
  })

  it('streams upstream for a caller who wants a whole answer, so that silence is seen', async () => {
    const here = scene([() => streams(opening, 'stall'), [answers('Hello', 'b/m')]], once)
    expect(await whole(here)).toMatchObject({ model: 'b/m', failedAttempts: [{ phase: 'idle' }] })
  })

  it('leaves no timer behind', async () => {
    const here = scene([silence, [answers('Hello', 'b/m')]])
    await outcome(here)
    expect(here.clock.pending).toBe(0)
  })

  it('tells the transport its limits', async () => {
    const here = scene([[answers('Hello')]], { timeouts: { connectMs: 1_234, headersMs: 4_321 } })
    await outcome(here)
    expect(here.providers[0]?.calls[0]?.context.timeouts).toEqual({ connectMs: 1_234, headersMs: 4_321 })
  })

  it('blames no target for the end of a request most of which others had used up', async () => {
    for (const [waste, kind] of [
      [3_000, 'cancelled'],
      [1_000, 'failed'],
    ] as const) {
      const ends: AttemptOutcome[] = []
      const steps = [{ admit: () => ({ settle: (end: AttemptOutcome) => void ends.push(end) }) }]
      const here = scene([[fails('authentication', {}, waste)], [{ type: 'silence' }]], {
        steps,
        timeouts: { totalMs: 4_000 },
      })
      await outcome(here)
      expect(ends[1]).toMatchObject({ type: kind, error: { phase: 'total' } })
    }
  })
})
