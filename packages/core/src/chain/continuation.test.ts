import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { AssistantMessage } from '../contract/message.ts'
import type { MessageRequest } from '../contract/request.ts'
import type { AdmissionStep, AttemptOutcome } from '../engine/admission.ts'
import type { RequestEnd } from '../engine/request-recorder.ts'
import { GrammarChecker } from '../grammar/grammar-checker.ts'
import { plainUsage, type ScriptedAnswer, scriptedProvider, textAnswer } from '../testing/index.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import {
  answers,
  ask,
  askWhole,
  fails,
  type Outcome,
  opening,
  outcome,
  read,
  type Scene,
  scene,
  streams,
  whole,
} from './chain.fixture.ts'
import { createChain } from './chain.ts'

const text = 'It was a dark and stormy night, and the rain fell in torrents upon the roofs.'
const shown = text.slice(0, 50)
const reset = new SwitchyardError('network', 'The connection was reset.')

/** An answer of `words`, without its end. */
function begun(words: string, model = 'a/m'): readonly MessageChunk[] {
  return textAnswer(words, { model }).slice(0, -2)
}

const cut = (words = shown): ScriptedAnswer => streams(begun(words), { error: reset })
const once = { retry: { attempts: 1 } } as const
const takesPrefill = { capabilities: () => ({ prefill: true }) } as const
const saidBefore = (request: MessageRequest): string => {
  const last = request.messages.at(-1)
  return last?.role === 'assistant' ? ((last as AssistantMessage).content as string) : ''
}

function wellFormed({ chunks }: Outcome): Outcome['chunks'] {
  const checker = new GrammarChecker()
  for (const chunk of chunks) checker.add(chunk)
  checker.end()
  return chunks
}

function events(here: Scene, name: string): unknown[] {
  return here.seen.filter(seen => seen.name === name).map(({ event }) => event)
}

describe('an answer that breaks after its first text', () => {
  it('is gone on with by the next target, and its consumer has every word once', async () => {
    const here = scene([[cut()], [answers(text, 'b/m')]], once)
    const seen = await outcome(here)
    expect(seen.error).toBeUndefined()
    expect(seen.text).toBe(text)
    expect(wellFormed(seen).filter(({ type }) => type === 'target')).toEqual([
      { type: 'target', model: 'b/m', reason: 'network' },
    ])
    expect(seen.chunks.at(-1)).toMatchObject({ reason: 'stop', billed: [{ target: 'a/m' }, { target: 'b/m' }] })
    expect(here.providers[1]?.calls[0]?.request.messages).toEqual(ask.messages)
  })

  it('is gone on with past a target that refuses the request, which another had begun to answer', async () => {
    const here = scene([[cut()], [fails('invalid-request', { status: 400 })], [answers(text, 'c/m')]], once)
    const seen = await outcome(here)
    expect([seen.text, seen.error]).toEqual([text, undefined])
    expect(seen.chunks.at(-1)).toMatchObject({ billed: [{ target: 'a/m' }, { target: 'c/m' }] })
  })

  it('is gone on with by the list for content filters where one cut it off, and only by that', async () => {
    const filtered = new SwitchyardError('content-filter', 'It was filtered.')
    const clock = new VirtualClock()
    const target = (id: string, answer: ScriptedAnswer) => ({
      provider: scriptedProvider({ id, clock, script: () => answer }),
      model: 'm',
    })
    const targets = [target('a', streams(begun(shown), { error: filtered })), target('b', answers(text, 'b/m'))]
    const onContentFilter = [target('c', answers(text, 'c/m'))]
    const chain = createChain({ id: 'chain', clock, targets, onContentFilter, ...once })
    const seen = await outcome({ chain, clock })
    expect([seen.text, seen.error]).toEqual([text, undefined])
    expect(wellFormed(seen).filter(({ type }) => type === 'target')).toMatchObject([{ model: 'c/m' }])
    const without = await outcome({ chain: createChain({ id: 'chain', clock, targets, ...once }), clock })
    expect(without).toMatchObject({ text: shown, error: { kind: 'content-filter', message: 'It was filtered.' } })
  })

  it('is gone on with by the same target first, where its trouble may be over', async () => {
    const here = scene([[cut(), answers(text)], [answers('no')]])
    const seen = await outcome(here)
    expect(seen.text).toBe(text)
    expect(wellFormed(seen).map(({ type }) => type)).not.toContain('target')
    expect(here.providers[1]?.calls).toHaveLength(0)
  })

  it('tells its events: the break, what follows, and the going on; a failed stream only where there is none', async () => {
    const here = scene([[cut()], [answers(text, 'b/m')]], once)
    await outcome(here)
    expect(here.seen.map(({ name }) => name)).toEqual([
      'message-sent',
      'targets-selected',
      'attempt-started',
      'first-token',
      'attempt-failed',
      'fallback-chosen',
      'attempt-started',
      'first-token',
      'stream-continued',
      'stream-completed',
      'response-generated',
    ])
    expect(events(here, 'stream-continued')).toMatchObject([
      { target: 'b/m', from: 'a/m', attempt: 2, how: 'regenerate', reason: 'network', characters: 50 },
    ])
  })

  it('is gone on with as often as it breaks, even where it had broken before it went on', async () => {
    const early = cut(text.slice(0, 20))
    const further = streams(begun(text.slice(0, 60), 'c/m'), { error: reset })
    const here = scene([[cut()], [early], [further], [answers(text, 'd/m')]], once)
    const seen = await outcome(here)
    expect(seen.text).toBe(text)
    expect(wellFormed(seen).filter(({ type }) => type === 'target')).toMatchObject([{ model: 'c/m' }, { model: 'd/m' }])
    expect(seen.chunks.at(-1)).toMatchObject({
      billed: [{ target: 'a/m' }, { target: 'b/m' }, { target: 'c/m' }, { target: 'd/m' }],
    })
  })

  it('is gone on with where it fell silent, without using up the time that its consumer paused', async () => {
    const slow = streams(begun(shown), 'stall')
    const here = scene([[slow], [answers(text, 'b/m')]], { ...once, timeouts: { totalMs: 20_000, idleMs: 5_000 } })
    const stream = await here.chain.sendMessage(ask)
    const batches = stream.batches()
    await batches.next()
    await here.clock.advance(60_000)
    const rest = (async () => {
      let words = shown
      for await (const batch of batches) for (const chunk of batch) if (chunk.type === 'text-delta') words += chunk.text
      return words
    })()
    await here.clock.runAll()
    expect(await rest).toBe(text)
  })

  it('is gone on with by whatever chain is its next target, which may go on in turn', async () => {
    const inner = scene([[cut(text.slice(0, 60))], [answers(text, 'b/m')]], { id: 'inner', ...once })
    const first = scriptedProvider({ id: 'x', clock: inner.clock, script: () => cut() })
    const targets = [{ provider: first, model: 'm' }, { provider: inner.chain }]
    const chain = createChain({ id: 'outer', clock: inner.clock, targets, ...once })
    const seen = await outcome({ chain, clock: inner.clock })
    expect(seen.text).toBe(text)
    expect(wellFormed(seen).at(-1)).toMatchObject({ billed: [{ target: 'x/m' }, { target: 'a/m' }, { target: 'b/m' }] })
  })

  it('goes on where a chain within gave it up', async () => {
    const inner = scene([[cut()], [fails('overloaded', { status: 529 })]], { id: 'inner', ...once })
    const last = scriptedProvider({ id: 'z', clock: inner.clock, script: () => answers(text, 'z/m') })
    const targets = [{ provider: inner.chain }, { provider: last, model: 'm' }]
    const chain = createChain({ id: 'outer', clock: inner.clock, targets, ...once })
    const seen = await outcome({ chain, clock: inner.clock })
    expect(seen.text).toBe(text)
    expect(wellFormed(seen).at(-1)).toMatchObject({ billed: [{ target: 'a/m' }, { target: 'z/m' }] })
  })

  it('is not gone on with by a chain whose own caller has run out of patience', async () => {
    const inner = scene([[streams(begun(shown), 'stall')], [answers(text, 'b/m')]], { id: 'inner' })
    const last = scriptedProvider({ id: 'z', clock: inner.clock, script: () => answers(text, 'z/m') })
    const targets = [
      { provider: inner.chain, timeouts: { idleMs: 1_000 } },
      { provider: last, model: 'm' },
    ]
    const chain = createChain({ id: 'outer', clock: inner.clock, targets })
    expect(await outcome({ chain, clock: inner.clock })).toMatchObject({ text })
    expect(inner.seen.map(({ name }) => name)).not.toContain('fallback-chosen')
    expect(inner.seen.at(-1)).toMatchObject({ name: 'stream-failed', event: { kind: 'timeout', phase: 'idle' } })
  })

  it('ends at once for a caller who leaves while it is being gone on with', async () => {
    for (const [next, leave] of [
      [{ type: 'silence' }, 'abort'],
      [streams(begun(shown, 'b/m'), 'stall'), 'abort'],
      [{ type: 'silence' }, 'cancel'],
      [streams(begun(shown, 'b/m'), 'stall'), 'cancel'],
    ] as const) {
      const ends: RequestEnd[] = []
      const recorders = [{ ended: (end: RequestEnd) => void ends.push(end) }]
      const here = scene([[cut()], [next as ScriptedAnswer], [answers('no')]], { ...once, recorders })
      const controller = new AbortController()
      const stream = await here.chain.sendMessage(ask, { signal: controller.signal })
      const batches = stream.batches()
      await batches.next()
      const waiting = batches.next()
      waiting.catch(() => undefined)
      await here.clock.advance(100)
      expect(here.providers[1]?.open).toBe(1)
      if (leave === 'abort') controller.abort()
      else await stream.cancel()
      expect(here.providers[1]?.open).toBe(0)
      await expect(waiting).rejects.toMatchObject({ kind: 'aborted' })
      expect(here.clock.pending).toBe(0)
      expect(here.providers[2]?.calls).toHaveLength(0)
      expect(ends).toMatchObject([{ outcome: { type: 'cancelled' } }])
      await here.chain.dispose({ drain: true })
    }
  })

  it('lets a consumer who waits hear that somebody is at work', async () => {
    const late: ScriptedAnswer = { type: 'stream', steps: [textAnswer(text, { model: 'b/m' })], afterMs: 12_000 }
    const here = scene([[cut()], [late]], once)
    const seen = await outcome(here)
    expect(seen.text).toBe(text)
    expect(wellFormed(seen).filter(({ type }) => type === 'ping')).toHaveLength(2)
  })

  it('is settled attempt by attempt, and recorded once', async () => {
    const outcomes: AttemptOutcome[] = []
    const step: AdmissionStep = { admit: () => ({ settle: end => void outcomes.push(end) }) }
    const ends: RequestEnd[] = []
    const usage = plainUsage(10, 20)
    const good = streams(textAnswer(text, { model: 'b/m', usage }))
    const recorders = [{ ended: (end: RequestEnd) => void ends.push(end) }]
    const here = scene([[cut()], [good]], { ...once, steps: [step], recorders })
    const seen = await outcome(here)
    expect(outcomes).toMatchObject([
      { type: 'failed', error: { kind: 'network' }, bill: 'unknown' },
      { type: 'completed', usage },
    ])
    expect(ends).toMatchObject([{ target: 'b/m', attempts: 2, outcome: { type: 'completed' } }])
    expect(seen.chunks.at(-1)).toMatchObject({ usage, billed: [{ target: 'a/m' }, { target: 'b/m', usage }] })
  })

  it('is made again, unseen, for a caller who asked for the whole of it', async () => {
    const here = scene([[cut()], [streams(begun(shown, 'b/m'), 'stall')], [answers('Other words.', 'c/m')]], once)
    const response = await whole(here, askWhole)
    expect(response).toMatchObject({ model: 'c/m', content: [{ type: 'text', text: 'Other words.' }] })
    expect(response.failedAttempts).toMatchObject([{ kind: 'network' }, { kind: 'timeout' }])
  })
})

describe('a target that takes a prefill', () => {
  it('is given the text but for its last words, and goes on behind them', async () => {
    const goesOn = (request: MessageRequest): ScriptedAnswer => answers(text.slice(saidBefore(request).length), 'b/m')
    const here = scene([[cut()], goesOn], { ...once, ...takesPrefill })
    const seen = await outcome(here, { ...ask, maxOutputTokens: 100 })
    wellFormed(seen)
    expect(seen.text).toBe(text)
    const { request } = here.providers[1]?.calls[0] ?? { request: ask }
    expect(shown.startsWith(saidBefore(request))).toBe(true)
    expect(saidBefore(request).length).toBeGreaterThan(20)
    expect(request.maxOutputTokens).toBeLessThan(100)
    expect(events(here, 'stream-continued')).toMatchObject([{ how: 'prefill' }])
  })

  it('may have ignored it and begun anew, in the same words', async () => {
    const here = scene([[cut()], [answers(text, 'b/m')]], { ...once, ...takesPrefill })
    expect((await outcome(here)).text).toBe(text)
    expect(events(here, 'stream-continued')).toMatchObject([{ how: 'regenerate' }])
  })

  it('is asked at once to begin anew where it refuses', async () => {
    const script = (request: MessageRequest): ScriptedAnswer =>
      saidBefore(request) === '' ? answers(text, 'b/m') : fails('invalid-request', { status: 400 })
    const here = scene([[cut()], script], { ...takesPrefill, target: at => (at === 0 ? once : {}) })
    const seen = await outcome(here)
    expect(seen.text).toBe(text)
    expect(here.providers[1]?.calls).toHaveLength(2)
    expect(here.providers[1]?.calls[1]?.startedAt).toBe(here.providers[1]?.calls[0]?.startedAt)
    expect(seen.chunks.at(-1)).toMatchObject({ billed: [{ target: 'a/m' }, { target: 'b/m' }] })
  })

  it('is asked once more for all of it where it refuses, whatever its policy says, and then makes way for the next', async () => {
    const refusing = [fails('invalid-request', { status: 400 }), fails('unavailable')]
    const here = scene([[cut()], refusing, [answers(text, 'c/m')]], { ...once, ...takesPrefill })
    expect((await outcome(here)).text).toBe(text)
    expect(here.providers.map(({ calls }) => calls.length)).toEqual([1, 2, 1])
    expect(here.chain.attemptBound).toBe(6)
  })

  it('that ignored it is asked for all of it where the tokens that were left for the rest cut it short', async () => {
    // what is left after the prefill is enough for less than was shown, or for little more
    for (const maxOutputTokens of [16, 26]) {
      const capped = (request: MessageRequest): ScriptedAnswer => {
        const left = (request.maxOutputTokens ?? 0) * 4
        const [end, finish] = textAnswer(text.slice(0, left)).slice(-2) as [MessageChunk, MessageChunk]
        const reason = left < text.length ? 'length' : 'stop'
        return streams(begun(text.slice(0, left), 'b/m'), [end, { ...finish, reason } as MessageChunk])
      }
      const here = scene([[cut()], capped], { ...once, ...takesPrefill })
      const seen = await outcome(here, { ...ask, maxOutputTokens })
      const whole = text.slice(0, maxOutputTokens * 4)
      expect([seen.text, seen.error]).toEqual([whole, undefined])
      expect(wellFormed(seen).at(-1)).toMatchObject({ reason: whole === text ? 'stop' : 'length' })
      expect(here.providers[1]?.calls.map(({ request }) => request.maxOutputTokens)).toEqual([
        expect.any(Number),
        maxOutputTokens,
      ])
      expect(seen.chunks.at(-1)).toMatchObject({ billed: [{ target: 'a/m' }, { target: 'b/m' }, { target: 'b/m' }] })
    }
  })

  it('tells of the usage of the whole answer, that of others by estimate', async () => {
    const usage = plainUsage(30, 6)
    const goesOn = (request: MessageRequest): ScriptedAnswer =>
      streams(textAnswer(text.slice(saidBefore(request).length), { model: 'b/m', usage }))
    const here = scene([[cut()], goesOn], { ...once, ...takesPrefill })
    const finish = (await outcome(here)).chunks.at(-1)
    const said = saidBefore(here.providers[1]?.calls[0]?.request ?? ask).length
    expect(finish).toMatchObject({
      usage: { output: { text: 6 + Math.ceil(said / 4) } },
      billed: [{ target: 'a/m' }, { target: 'b/m', usage }],
    })
    expect(events(here, 'response-generated')).toMatchObject([{ usage: { output: { text: 6 + Math.ceil(said / 4) } } }])
    expect(events(here, 'stream-completed')).toMatchObject([{ target: 'b/m', usage }])
  })
})

describe('an answer that nobody goes on with', () => {
  it('is an error with what was shown, whatever others said instead', async () => {
    const here = scene([[cut()], [answers('It was a bright cold day in April.', 'b/m')]], once)
    const seen = await outcome(here)
    expect(seen).toMatchObject({ refused: false, text: shown })
    expect(seen.error).toMatchObject({
      kind: 'exhausted',
      message:
        'The answer broke off after 50 characters. a/m: The connection was reset. ' +
        'b/m answered other words after 9 of the 50 characters that it had to say again.',
      attempts: [
        { target: 'a/m', kind: 'network' },
        { target: 'b/m', kind: 'unsupported', code: 'other-words' },
      ],
      billed: [{ target: 'a/m' }, { target: 'b/m' }],
      partial: { model: 'a/m', content: [{ type: 'text', text: shown, complete: false }] },
    })
    expect(here.providers[1]?.open).toBe(0)
    expect(here.seen.at(-1)).toMatchObject({ name: 'stream-failed', event: { target: 'a/m', kind: 'exhausted' } })
    expect(here.clock.pending).toBe(0)
  })

  it('does not count other words against the health of whoever said them', async () => {
    const others = () => answers('It was a bright cold day in April.', 'b/m')
    const breaker = { minimumCalls: 2, failureRate: 0.1 }
    const judged = scene([() => cut(), others], {
      ...once,
      target: at => (at === 1 ? { circuitBreaker: breaker } : {}),
    })
    for (let call = 0; call < 5; call++) await outcome(judged)
    expect(judged.providers.map(({ calls }) => calls.length)).toEqual([5, 5])
  })

  it('keeps its own kind where nobody else could be asked', async () => {
    const here = scene([[streams(begun(shown), { error: new SwitchyardError('protocol', 'Not JSON.') })]], once)
    const { error } = await outcome(here)
    expect(error).toMatchObject({ kind: 'protocol', attempts: [{ target: 'a/m', kind: 'protocol' }] })
    expect(error?.message).toBe('The answer broke off after 50 characters. a/m: Not JSON.')
  })

  it('has no time left to be gone on with', async () => {
    const ends: RequestEnd[] = []
    const recorders = [{ ended: (end: RequestEnd) => void ends.push(end) }]
    const timeouts = { totalMs: 10_000, idleMs: 8_000 }
    const here = scene([[streams(begun(shown), 'stall')], [{ type: 'silence' }]], { ...once, timeouts, recorders })
    const { error } = await outcome(here)
    expect(error).toMatchObject({ kind: 'timeout', phase: 'total', partial: { content: [{ text: shown }] } })
    expect(ends).toMatchObject([{ durationMs: 10_000, outcome: { type: 'failed', error: { kind: 'timeout' } } }])
  })

  const call: MessageChunk = { type: 'tool-call-start', id: 1, callId: 'call_1', name: 'search' }
  const called: MessageChunk = { type: 'tool-call-end', id: 1, complete: true, input: {} }
  it.each<[string, readonly MessageChunk[], Partial<MessageRequest>]>([
    ['a tool call had been shown', [call], {}],
    ['a tool call had been shown', [call, called], {}],
    [
      'it had shown what only its own provider understands',
      [{ type: 'opaque-start', id: 1, origin: 'x', value: 1 }],
      {},
    ],
    ['it is one of several choices', [{ type: 'text-start', id: 1, choice: 1 }], {}],
    ['several choices were asked for', [], { extra: { 'openai-chat': { n: 2 } } }],
    ['log probabilities were asked for', [], { extra: { 'openai-chat': { logprobs: true } } }],
  ])('says why: %s', async (why, more, asked) => {
    const here = scene([[streams(begun(shown), more, { error: reset })], [answers(text, 'b/m')]])
    const { error } = await outcome(here, { ...ask, ...asked })
    expect(error).toMatchObject({
      kind: 'network',
      message: `The connection was reset. No other can go on with it: ${why}.`,
      billed: [{ target: 'a/m' }],
    })
    expect(error?.partial?.content[0]).toMatchObject({ text: shown })
    expect(here.providers[1]?.calls).toHaveLength(0)
    expect(here.seen.at(-1)?.name).toBe('stream-failed')
  })

  it('breaks for good where the chain is told so', async () => {
    const here = scene([[cut()], [answers(text, 'b/m')]], { midStream: 'fail' })
    const { error } = await outcome(here)
    expect(error).toMatchObject({ kind: 'network', message: 'The connection was reset.' })
    expect(here.providers[1]?.calls).toHaveLength(0)
  })

  it('is over for a consumer who slept through it', async () => {
    const here = scene([[streams(opening, 'stall')], [answers(text, 'b/m')]])
    const reading = here.chain.sendMessage(ask)
    await here.clock.runAll()
    const stream = await reading
    await expect(read({ sendMessage: async () => stream } as unknown as Scene['chain'], ask)).resolves.toMatchObject({
      text: 'Hel',
      error: { kind: 'timeout', phase: 'consumer-idle' },
    })
    expect(here.providers[1]?.calls).toHaveLength(0)
  })
})
