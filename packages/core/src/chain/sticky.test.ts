import { describe, expect, it } from 'vitest'
import type { MessageChunk } from '../contract/chunk.ts'
import type { Message } from '../contract/message.ts'
import type { MessageRequest } from '../contract/request.ts'
import { weighted } from '../selection/weighted.ts'
import { answers, ask, askWhole, fails, outcome, type Script, scene, streams, whole } from './chain.fixture.ts'

const well: Script = () => answers('Hello.')
const once = { retry: { attempts: 1 } }
const keyed = (cacheKey: string): MessageRequest => ({ ...ask, cacheKey })

/** Calls a tool whose id nobody else has. */
const calling: Script = (_, __, call) => streams(toolCall(`call-${call}`))
function toolCall(callId: string): readonly MessageChunk[] {
  return [
    { type: 'start', model: 'a/m' },
    { type: 'tool-call-start', id: 0, callId, name: 'search' },
    { type: 'tool-call-end', id: 0, complete: true, input: {} },
    { type: 'finish', reason: 'tool-calls' },
  ]
}

/** The conversation goes on after that call. */
function after(...calls: readonly string[]): MessageRequest {
  const turns = calls.flatMap((id): Message[] => [
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Well.' },
        { type: 'tool-call', id, name: 'search', input: {} },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', callId: id, content: 'found' }] },
  ])
  return { messages: [...ask.messages, ...turns] }
}

function spread(here: { readonly providers: readonly { readonly calls: readonly unknown[] }[] }): number[] {
  return here.providers.map(provider => provider.calls.length)
}

describe('requests with one cache key', () => {
  it('stay with one target, and others are shared by weight', async () => {
    const here = scene([well, well], { select: weighted(), sticky: true })
    for (let call = 0; call < 6; call++) await outcome(here, keyed('one'))
    expect(spread(here)).toEqual([6, 0])
    for (let call = 0; call < 6; call++) await outcome(here, keyed('two'))
    expect(spread(here)).toEqual([6, 6])
    for (let call = 0; call < 4; call++) await outcome(here)
    expect(spread(here)).toEqual([8, 8])
  })

  it('are shared like all others where nothing is said', async () => {
    const here = scene([well, well], { select: weighted() })
    for (let call = 0; call < 6; call++) await outcome(here, keyed('one'))
    expect(spread(here)).toEqual([3, 3])
  })

  it('stay together from the first on, though none has been answered yet', async () => {
    const here = scene([well, well], { select: weighted(), sticky: true })
    await Promise.all(Array.from({ length: 4 }, () => here.chain.sendMessage({ ...keyed('one'), stream: false })))
    expect(spread(here)).toEqual([4, 0])
  })

  it('move when their target fails, and stay where they were answered then', async () => {
    let dead = false
    const here = scene([() => (dead ? fails('unavailable') : answers('Hello.')), well], { ...once, sticky: true })
    await outcome(here, keyed('one'))
    dead = true
    await outcome(here, keyed('one'))
    dead = false
    for (let call = 0; call < 3; call++) await outcome(here, keyed('one'))
    expect(spread(here)).toEqual([2, 4])
    // who is new goes where the list says
    await outcome(here, keyed('two'))
    expect(spread(here)).toEqual([3, 4])
  })

  it('stay where they are when their tokens are counted', async () => {
    const here = scene([well, well], { select: weighted(), sticky: true })
    for (const provider of here.providers) Object.assign(provider, { countTokens: async () => 7 })
    for (const key of ['one', 'two', 'two']) await outcome(here, keyed(key))
    expect(spread(here)).toEqual([1, 2])
    expect(await here.chain.countTokens(keyed('two'))).toBe(7)
    await outcome(here, keyed('two'))
    expect(spread(here)).toEqual([1, 3])
  })

  it('are those of one caller: the same key of another is another', async () => {
    const here = scene([well, well], { select: weighted(), sticky: true })
    for (const principal of ['ann', 'bob', 'ann', 'bob', 'bob']) await outcome(here, keyed('one'), { principal })
    expect(spread(here)).toEqual([2, 3])
    // however it is written
    await outcome(here, keyed('b'), { principal: 'a' })
    await outcome(here, keyed('ab'))
    expect(spread(here)).toEqual([3, 4])
  })

  it('are not remembered where a key is longer than any provider takes', async () => {
    const here = scene([well, well], { select: weighted(), sticky: true })
    for (let call = 0; call < 4; call++) await outcome(here, keyed('x'.repeat(513)))
    expect(spread(here)).toEqual([2, 2])
  })

  it('do not wait for a target whose circuit is open', async () => {
    const script: Script = request => (request.cacheKey === 'one' ? answers('Hello.') : fails('unavailable'))
    const circuitBreaker = { minimumCalls: 1, failureRate: 0.1 }
    const here = scene([script, well], { ...once, select: weighted(), sticky: true, circuitBreaker })
    await outcome(here, keyed('one'))
    await outcome(here, keyed('other'))
    await outcome(here, keyed('another'))
    expect(here.chain.explain(keyed('one')).targets[0]?.target).toBe('b/m')
    await outcome(here, keyed('one'))
    expect(spread(here)).toEqual([2, 3])
  })

  it('are forgotten after a while, and the oldest when there are too many', async () => {
    const idle = scene([well, well], { select: weighted(), sticky: { idleMs: 1_000 } })
    await outcome(idle, keyed('one'))
    await idle.clock.advance(999)
    await outcome(idle, keyed('one'))
    expect(spread(idle)).toEqual([2, 0])
    await idle.clock.advance(1_000)
    await outcome(idle, keyed('one'))
    expect(spread(idle)).toEqual([2, 1])
    const many = scene([well, well], { select: weighted(), sticky: { entries: 2 } })
    for (const key of ['one', 'two', 'one', 'three', 'one', 'two']) await outcome(many, keyed(key))
    // one stayed, three came to its place, and two is new again
    expect(spread(many)).toEqual([4, 2])
  })
})

describe('what is sticky', () => {
  it.each([{ idleMs: 0 }, { idleMs: Number.NaN }, { entries: 0 }])('is refused with %o', sticky => {
    expect(() => scene([well, well], { sticky })).toThrow('needs an idleMs above 0')
  })
})

describe('a conversation that calls tools', () => {
  it.each([
    ['streamed', outcome],
    [
      'whole',
      (here: Parameters<typeof whole>[0], request?: MessageRequest) =>
        whole(here, { ...askWhole, ...request, stream: false }),
    ],
  ] as const)('stays where it was answered, %s', async (_, send) => {
    const here = scene([calling, calling], { select: weighted() })
    await send(here, ask)
    await send(here, ask)
    expect(spread(here)).toEqual([1, 1])
    // both scripts number their calls from 0: the later answer is remembered
    for (let turn = 0; turn < 4; turn++) await send(here, after('call-0'))
    expect(spread(here)).toEqual([1, 5])
  })

  it('stays with the target that took over, though the first of the list is well again', async () => {
    let dead = true
    const here = scene([() => (dead ? fails('unavailable') : answers('Hello.')), calling], once)
    await outcome(here)
    dead = false
    await outcome(here, after('call-0'))
    await outcome(here, after('call-0', 'call-1'))
    expect(spread(here)).toEqual([1, 3])
    await outcome(here, after('call-7'))
    expect(spread(here)).toEqual([2, 3])
    expect(here.seen.filter(({ name }) => name === 'targets-selected')[1]?.event).toMatchObject({
      order: [
        { target: 'b/m', reasons: [{ code: 'sticky' }, { code: 'priority', data: { place: 2 } }] },
        { target: 'a/m' },
      ],
    })
  })

  it('is one of one caller, whoever else says that it is his', async () => {
    const here = scene([well, calling], { select: weighted() })
    for (const principal of ['ann', 'ann']) await outcome(here, ask, { principal })
    await outcome(here, after('call-0'), { principal: 'bob' })
    expect(spread(here)).toEqual([2, 1])
    await outcome(here, after('call-0'), { principal: 'ann' })
    expect(spread(here)).toEqual([2, 2])
  })

  it('leaves it when it fails', async () => {
    const here = scene([well, (...args) => (args[2] === 0 ? calling(...args) : fails('unavailable'))] as Script[], {
      ...once,
      select: weighted(),
    })
    await outcome(here)
    await outcome(here)
    await outcome(here, after('call-0'))
    expect(spread(here)).toEqual([2, 2])
  })

  it('is shared like all others where that is said', async () => {
    const here = scene([calling, calling], { select: weighted(), sticky: false })
    await outcome(here)
    for (let turn = 0; turn < 3; turn++) await outcome(here, after('call-0'))
    expect(spread(here)).toEqual([2, 2])
  })
})
