import { describe, expect, it } from 'vitest'
import type { Pricing } from '../accounting/pricing.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { CallContext } from '../contract/provider.ts'
import type { MessageRequest } from '../contract/request.ts'
import { parseMoney } from '../money/money.ts'
import { createPerformance } from '../performance/performance.ts'
import { lowestCost } from '../selection/lowest-cost.ts'
import { lowestLatency } from '../selection/lowest-latency.ts'
import { type Seen, seen } from '../selection/selection.fixture.ts'
import type { TargetCondition } from '../selection/target-condition.ts'
import { weighted } from '../selection/weighted.ts'
import { scriptedProvider, textAnswer, VirtualClock } from '../testing/index.ts'
import {
  answers,
  ask,
  fails,
  opening,
  outcome,
  type Scene,
  type Script,
  scene,
  streams,
  whole,
} from './chain.fixture.ts'
import { createChain } from './chain.ts'
import type { ChainOptions } from './chain-options.ts'

const once = { retry: { attempts: 1 } }
const well: Script = () => answers('Hello.')

/** Who answered, or why nobody did. */
async function answered(here: Pick<Scene, 'chain' | 'clock'>, request: MessageRequest = ask, context?: CallContext) {
  const { chunks, error } = await outcome(here, request, context)
  const before = chunks[0]?.type === 'start' ? chunks[0].failedAttempts : error?.attempts
  return { error, passed: (before ?? []).map(({ target, kind, message }) => ({ target, kind, message })) }
}

function calls({ providers }: Pick<Scene, 'providers'>): number[] {
  return providers.map(provider => provider.calls.length)
}

const priced = (prices: Readonly<Record<string, string>>): Pick<Pricing, 'estimate'> => ({
  estimate(request, target) {
    const expected = parseMoney(prices[target] ?? '')
    const size = 'messages' in request ? JSON.stringify(request.messages).length : 0
    const tokens = { inputTokens: { expected: size }, outputTokens: { expected: 1 } }
    return { ...(expected !== undefined && { expected }), unbounded: ['nothing is stated'], ...tokens }
  },
})

describe('a policy', () => {
  it('decides who is asked first', async () => {
    const here = scene([well, well, well], { select: weighted(), target: at => ({ weight: [1, 2, 0][at] as number }) })
    for (let call = 0; call < 30; call++) await outcome(here)
    expect(calls(here)).toEqual([10, 20, 0])
  })

  it('decides who is asked next when the first fails', async () => {
    const targets: Record<string, Seen> = {
      'a/m': { firstTokenMs: 500 },
      'b/m': { firstTokenMs: 100 },
      'c/m': { firstTokenMs: 300 },
    }
    const here = scene([well, () => fails('overloaded'), well], {
      ...once,
      select: lowestLatency(),
      performance: seen(targets),
    })
    await outcome(here)
    expect(calls(here)).toEqual([0, 1, 1])
  })

  it('is asked for targets whose circuit is closed; the others go behind them', async () => {
    const here = scene([() => fails('unavailable'), well, well], {
      ...once,
      select: weighted(),
      circuitBreaker: { minimumCalls: 1, openForMs: 10_000 },
    })
    for (let call = 0; call < 31; call++) await outcome(here)
    expect(calls(here)).toEqual([1, 16, 15])
    await here.clock.advance(10_000)
    for (let call = 0; call < 3; call++) await outcome(here)
    // its turn comes, and it is probed
    expect(calls(here)[0]).toBe(2)
  })

  it('is asked for all of them where every circuit is open', async () => {
    const here = scene([() => fails('unavailable'), () => fails('unavailable')], {
      ...once,
      select: weighted(),
      circuitBreaker: { minimumCalls: 1 },
    })
    await outcome(here)
    const { error } = await outcome(here)
    expect(error?.attempts.map(({ target }) => target)).toHaveLength(2)
  })

  it('chooses by the cost of this very request', async () => {
    const prices = { 'a/m': '0.02 USD', 'b/m': '0.001 USD' }
    const here = scene([well, well], { select: lowestCost(), pricing: priced(prices) })
    await outcome(here)
    expect(calls(here)).toEqual([0, 1])
  })

  it('by latency leaves a target in an outage alone, and comes back to it', async () => {
    const clock = new VirtualClock()
    let dead = false
    const fast = scriptedProvider({ id: 'a', clock, script: () => (dead ? fails('unavailable') : answers('Hello.')) })
    const slow: Script = () => streams({ waitMs: 300 }, textAnswer('Hello.', { model: 'b/m' }))
    const other = scriptedProvider({ id: 'b', clock, script: slow })
    const targets = [other, fast].map(provider => ({ provider, model: 'm' }))
    const performance = createPerformance({ clock })
    const select = lowestLatency({ explore: 0.1 })
    const chain = createChain({ id: 'c', clock, random: () => 0.5, ...once, targets, select, performance })
    const share = async (requests: number): Promise<number> => {
      const before = fast.calls.length
      for (let call = 0; call < requests; call++) {
        expect((await outcome({ chain, clock })).error).toBeUndefined()
        await clock.advance(1_000)
      }
      return (fast.calls.length - before) / requests
    }
    await share(200)
    expect(await share(100)).toBeGreaterThan(0.9)
    dead = true
    expect(await share(100)).toBeLessThan(0.25)
    dead = false
    await share(100)
    expect(await share(100)).toBeGreaterThan(0.9)
  })

  it('has no say in who counts tokens, nor is a count a choice', async () => {
    const here = scene([well, well], { select: weighted() })
    for (const provider of here.providers) Object.assign(provider, { countTokens: async () => 7 })
    expect(await here.chain.countTokens(ask)).toBe(7)
    await outcome(here)
    expect(calls(here)).toEqual([1, 0])
    await outcome(here)
    expect(calls(here)).toEqual([1, 1])
  })

  it('that lacks what it needs is refused when the chain is made', () => {
    expect(() => scene([well], { select: lowestLatency() })).toThrow('lowestLatency needs what was seen of targets')
    expect(() => scene([well], { select: lowestCost() })).toThrow('lowestCost needs prices')
    expect(() => scene([well], { target: () => ({ weight: -1 }) })).toThrow(
      'The weight of target 1 of the chain "chain" must be a number from 0, not -1.',
    )
  })
})

describe('a condition', () => {
  const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const
  const shown: MessageRequest = { messages: [{ role: 'user', content: [image] }] }
  const long: MessageRequest = { messages: [{ role: 'user', content: 'word '.repeat(800) }] }
  const gold: MessageRequest = { ...ask, metadata: { tier: 'gold', team: 'a' } }
  const thinking: MessageRequest = { ...ask, reasoningEffort: 'high' }

  const begun: MessageRequest = { messages: [...ask.messages, { role: 'assistant', content: 'Well,' }] }
  const probable: MessageRequest = { ...ask, extra: { 'openai-chat': { logprobs: true } } }

  it.each<[string, TargetCondition, MessageRequest, CallContext, MessageRequest, CallContext, string]>([
    ['capability', { capabilities: ['images', 'audio'] }, shown, {}, ask, {}, 'requests that need images or audio'],
    ['reasoning', { capabilities: ['reasoning'] }, thinking, {}, ask, {}, 'requests that need reasoning'],
    ['a beginning', { capabilities: ['prefill'] }, begun, {}, ask, {}, 'requests that need prefill'],
    [
      'a penalty',
      { capabilities: ['penalties'] },
      { ...ask, presencePenalty: 1 },
      {},
      ask,
      {},
      'requests that need penalties',
    ],
    ['probabilities', { capabilities: ['logprobs'] }, probable, {}, ask, {}, 'requests that need logprobs'],
    ['a setting', { capabilities: ['seed'] }, { ...ask, seed: 7 }, {}, ask, {}, 'requests that need seed'],
    [
      'a long prompt',
      { minInputTokens: 1_000 },
      long,
      {},
      ask,
      {},
      'prompts from 1000 tokens, and this prompt has about 2',
    ],
    [
      'a short prompt',
      { maxInputTokens: 999 },
      ask,
      {},
      long,
      {},
      'prompts up to 999 tokens, and this prompt has about 1000',
    ],
    ['task', { tasks: ['code', 'review'] }, ask, { task: 'code' }, ask, {}, 'code, review, and the task is not named'],
    ['another task', { tasks: ['code'] }, ask, { task: 'code' }, ask, { task: 'chat' }, 'code, and the task is chat'],
    ['metadata', { metadata: { tier: 'gold' } }, gold, {}, ask, {}, 'requests whose metadata say tier: gold'],
  ])('on %s keeps a target for the requests that meet it', async (_, when, met, context, unmet, other, words) => {
    const here = scene([well, well], { target: at => (at === 0 ? { when } : {}) })
    expect((await answered(here, met, context)).passed).toEqual([])
    expect(calls(here)).toEqual([1, 0])
    expect((await answered(here, unmet, other)).passed).toEqual([
      { target: 'a/m', kind: 'unsupported', message: `a/m was passed over: it is kept for ${words}.` },
    ])
    expect(calls(here)).toEqual([1, 1])
  })

  it('on cost keeps it for what is expected to cost no more', async () => {
    const prices = { 'a/m': '0.02 USD', 'b/m': '0.03 USD', 'd/m': '0.02 USD' }
    const target = (at: number) => (at < 3 ? { when: { maxCost: at === 0 ? '0.01 USD' : '0.02 USD' } } : {})
    const here = scene([well, well, well, well], { target, pricing: priced(prices) })
    const { passed } = await answered(here)
    expect(passed.map(({ message }) => message)).toEqual([
      'a/m was passed over: it is kept for what costs 0.01 USD at most, and this is about 0.02 USD.',
      'b/m was passed over: it is kept for what costs 0.02 USD at most, and this is about 0.03 USD.',
      'c/m was passed over: it is kept for what costs 0.02 USD at most, and the price of this is unknown.',
    ])
    expect(calls(here)).toEqual([0, 0, 0, 1])
  })

  it('counts tokens as the pricing does, where there is one', async () => {
    const here = scene([well, well], {
      pricing: priced({}),
      target: at => (at === 0 ? { when: { minInputTokens: 30 } } : {}),
    })
    await outcome(here)
    expect(calls(here)).toEqual([1, 0])
  })

  it('that nobody meets is told as it is', async () => {
    const here = scene([well, well], { target: () => ({ when: { tasks: ['code'] } }) })
    expect((await answered(here)).error).toMatchObject({ kind: 'unsupported' })
  })

  it('does not hide why those that meet it refuse', async () => {
    const here = scene([well, () => fails('unavailable', { retryAfterMs: 20_000 })], {
      ...once,
      target: at => (at === 0 ? { when: { tasks: ['code'] } } : {}),
      circuitBreaker: { minimumCalls: 1 },
    })
    await outcome(here)
    expect((await answered(here)).error).toMatchObject({ kind: 'circuit-open', retryAfterMs: 20_000 })
  })

  it('on cost needs prices, and an amount', () => {
    const target = () => ({ when: { maxCost: '2 cents' } })
    expect(() => scene([well], { target })).toThrow(
      'The maxCost of target 1 of the chain "chain" needs the chain to have',
    )
    expect(() => scene([well], { target, pricing: priced({}) })).toThrow('is an amount such as "0.02 USD"')
  })
})

describe('a request that is too long', () => {
  const window =
    (...windows: (number | undefined)[]) =>
    (at: number) => {
      const contextWindow = windows[at]
      return contextWindow === undefined ? {} : { contextWindow }
    }
  const long: MessageRequest = { messages: [{ role: 'user', content: 'x'.repeat(8_008) }] }

  /** A chain over `scripts`, and one more provider for what is too long or filtered. */
  function listed(
    scripts: readonly Script[],
    instead: Script,
    options: Partial<ChainOptions>,
    lists: readonly ('onContextLength' | 'onContentFilter')[],
    capabilities?: (at: number) => object,
  ) {
    const here = scene(scripts, { ...once, ...(capabilities && { capabilities }) })
    const { clock, events } = here
    const last = scriptedProvider({ id: 'z', clock, script: instead })
    const targets = here.providers.map(provider => ({ provider, model: 'm' }))
    const list = Object.fromEntries(lists.map(name => [name, [{ provider: last, model: 'm' }]]))
    const chain = createChain({ id: 'listed', clock, events, random: () => 0.5, ...once, targets, ...list, ...options })
    return { ...here, chain, instead: () => last.calls.length }
  }

  it('passes over a target whose window is surely too small', async () => {
    const here = scene([well, well], { capabilities: window(1_000, 1_001) })
    expect((await answered(here, long)).passed).toEqual([
      {
        target: 'a/m',
        kind: 'context-length',
        message: 'a/m was passed over: the request has 1001 tokens at the very least, and its context window 1000.',
      },
    ])
  })

  it('is told to be, where it is too long for all', async () => {
    const here = scene([well, well], { capabilities: window(10, 20) })
    expect((await answered(here, long)).error).toMatchObject({ kind: 'context-length' })
    expect(calls(here)).toEqual([0, 0])
  })

  it('goes at once to the list for it, where it is surely too long for all', async () => {
    const here = listed([well, well], well, {}, ['onContextLength'], window(10, 20))
    const { passed } = await answered(here, long)
    expect(passed.map(({ target, kind }) => `${target} ${kind}`)).toEqual(['a/m context-length', 'b/m context-length'])
    expect(here.instead()).toBe(1)
    expect(calls(here)).toEqual([0, 0])
  })

  it('goes to that list when a target says so, and to none of those that are left', async () => {
    const here = listed([() => fails('context-length'), well], well, {}, ['onContextLength'])
    await outcome(here)
    expect([...calls(here), here.instead()]).toEqual([1, 0, 1])
  })

  it('goes to it once, though the list is too small as well', async () => {
    const here = listed([() => fails('context-length'), well], () => fails('context-length'), {}, ['onContextLength'])
    const { error } = await answered(here)
    expect(error).toMatchObject({ kind: 'exhausted' })
    expect([...calls(here), here.instead()]).toEqual([1, 0, 1])
  })

  it('goes to the next target, where there is no list', async () => {
    const here = scene([() => fails('context-length'), well])
    await outcome(here)
    expect(calls(here)).toEqual([1, 1])
  })

  it('goes to the list too when it was a nested chain that found it too long', async () => {
    const inner = scene([() => fails('context-length'), () => fails('overloaded')], { ...once, id: 'inner' })
    const { clock } = inner
    const [left, last] = ['y', 'z'].map(id => scriptedProvider({ id, clock, script: well }))
    if (left === undefined || last === undefined) throw new Error('two providers')
    const targets = [{ provider: inner.chain }, { provider: left, model: 'm' }]
    const chain = createChain({ id: 'outer', clock, targets, onContextLength: [{ provider: last, model: 'm' }] })
    await outcome({ chain, clock })
    expect([left.calls.length, last.calls.length]).toEqual([0, 1])
  })

  it('a content filter that refuses leads to the list for it, and ends the request without one', async () => {
    const here = listed([() => fails('content-filter'), well], well, {}, ['onContentFilter'])
    await outcome(here)
    expect([...calls(here), here.instead()]).toEqual([1, 0, 1])
    const without = scene([() => fails('content-filter'), well])
    expect((await answered(without)).error).toMatchObject({ kind: 'content-filter' })
    expect(calls(without)).toEqual([1, 0])
  })

  it('so does one that ends an answer of which nothing was shown, whole answers included', async () => {
    const start: MessageChunk = { type: 'start', model: 'a/m' }
    const end: MessageChunk = { type: 'finish', reason: 'content-filter' }
    const nothing: Script = () => streams([start, end])
    const half: Script = () => streams(opening, [{ type: 'text-end', id: 0, complete: false }, end])
    const billed = [{ target: 'a/m' }, { target: 'z/m' }]
    const list = ['onContentFilter'] as const
    const streamed = listed([nothing, well], well, {}, list)
    expect((await outcome(streamed)).chunks.at(-1)).toMatchObject({ reason: 'stop', billed })
    const made = listed([half, well], well, {}, list)
    expect(await whole(made)).toMatchObject({ reason: 'stop', billed, failedAttempts: [{ kind: 'content-filter' }] })
    // what was shown is an answer, and so is what nobody else is left to make
    const shown = listed([half, well], well, {}, list)
    expect((await outcome(shown)).chunks.at(-1)).toMatchObject(end)
    expect(shown.instead()).toBe(0)
    expect(await whole(listed([half], half, {}, list))).toMatchObject({ reason: 'content-filter', billed })
    expect(await whole(scene([half, well]))).toMatchObject({ reason: 'content-filter', billed: [{ target: 'a/m' }] })
  })

  it('within that list, the next is asked when one of them refuses as well', async () => {
    const here = scene([() => fails('content-filter')], once)
    const { clock } = here
    const more = ['x', 'y', 'z'].map((id, at) =>
      scriptedProvider({ id, clock, script: at < 2 ? () => fails('content-filter') : well }),
    )
    const list = more.map(provider => ({ provider, model: 'm' }))
    const targets = here.providers.map(provider => ({ provider, model: 'm' }))
    const full = createChain({ id: 'full', clock, targets, onContentFilter: list })
    expect((await answered({ chain: full, clock })).error).toBeUndefined()
    expect(more.map(provider => provider.calls.length)).toEqual([1, 1, 1])
    const short = createChain({ id: 'short', clock, targets, onContentFilter: list.slice(0, 2) })
    expect((await answered({ chain: short, clock })).error).toMatchObject({ kind: 'content-filter' })
  })

  it('counts the lists in its bound, and starts their providers', async () => {
    const here = listed([well], well, { retry: { attempts: 2 } }, ['onContextLength', 'onContentFilter'])
    expect(here.chain.attemptBound).toBe(6)
    expect(here.chain.models).toEqual(['a/m', 'z/m'])
  })
})

describe('a nested chain', () => {
  it('is asked for what only one of its targets can do', async () => {
    const inner = scene([well, well], {
      id: 'inner',
      capabilities: at => ({ tools: at === 1, contextWindow: 10 + at }),
    })
    const chain = createChain({ id: 'outer', clock: inner.clock, targets: [{ provider: inner.chain }] })
    await outcome({ chain, clock: inner.clock }, { ...ask, tools: [{ name: 'search' }] })
    expect(calls(inner)).toEqual([0, 1])
  })

  it('goes behind others while all its circuits are open', async () => {
    const inner = scene([() => fails('unavailable')], { ...once, id: 'inner', circuitBreaker: { minimumCalls: 1 } })
    const { clock } = inner
    const other = scriptedProvider({ id: 'z', clock, script: well })
    const targets = [{ provider: inner.chain }, { provider: other, model: 'm' }]
    const chain = createChain({ id: 'outer', clock, targets, select: weighted() })
    for (let call = 0; call < 5; call++) await outcome({ chain, clock })
    expect(inner.chain.retryAfterMs()).toBeGreaterThan(0)
    expect(chain.retryAfterMs()).toBe(0)
    expect(calls(inner)).toEqual([1])
  })
})

describe('a nested chain of which one target cannot say what it can', () => {
  function halfSilent() {
    const inner = scene([well, well], { id: 'inner', select: weighted() })
    const [a] = inner.providers
    Object.assign(a as object, {
      getCapabilities: () => {
        throw new Error('a bug')
      },
    })
    const chain = createChain({ id: 'outer', clock: inner.clock, targets: [{ provider: inner.chain }] })
    return { inner, chain, clock: inner.clock }
  }

  it('is asked, and asks the others', async () => {
    const { inner, ...here } = halfSilent()
    expect((await answered(here)).error).toBeUndefined()
    expect(calls(inner)).toEqual([0, 1])
  })

  it('is explained', () => {
    const { chain } = halfSilent()
    expect(chain.explain(ask).targets).toMatchObject([
      { target: 'inner', rank: 1, plan: { targets: [{ target: 'b/m', rank: 1 }, { target: 'a/m' }] } },
    ])
  })
})

describe('what is decided', () => {
  it('is told, with its reasons', async () => {
    const here = scene([well, well, () => fails('unavailable')], {
      ...once,
      select: weighted(),
      circuitBreaker: { minimumCalls: 1, openForMs: 5_000 },
      target: at => (at === 0 ? { when: { tasks: ['code'] } } : { weight: at === 2 ? 9 : 1 }),
    })
    await outcome(here)
    await outcome(here, ask, { requestId: 'r' })
    const told = here.seen.filter(({ name }) => name === 'targets-selected').map(({ event }) => event)
    expect(told[1]).toEqual({
      at: expect.any(Number),
      requestId: 'r',
      chain: 'chain',
      policy: 'weighted',
      order: [
        {
          target: 'b/m',
          reasons: [
            { code: 'weight', message: 'its share is 100 %, and it is its turn', data: { weight: 1, share: 1 } },
          ],
        },
        { target: 'c/m', reasons: [{ code: 'circuit', message: 'it is not asked for another 5 s' }] },
      ],
      passedOver: [
        { target: 'a/m', reasons: [{ code: 'condition', message: 'it is kept for code, and the task is not named' }] },
      ],
    })
  })

  it('without a policy is the listed order', async () => {
    const here = scene([well, well])
    await outcome(here)
    expect(here.seen.find(({ name }) => name === 'targets-selected')?.event).toMatchObject({
      policy: 'priority',
      order: [
        { target: 'a/m', reasons: [{ code: 'priority', message: 'it is number 1 of the list', data: { place: 1 } }] },
        { target: 'b/m' },
      ],
      passedOver: [],
    })
  })

  it('a provider that throws when it is asked what it can do is passed over', async () => {
    const here = scene([well, well])
    const [a, b] = here.providers
    if (a === undefined || b === undefined) throw new Error('two providers')
    const silent = Object.assign(Object.create(a), {
      getCapabilities: () => {
        throw new SwitchyardError('unavailable', 'Nobody knows.')
      },
    })
    const targets = [silent, b].map(provider => ({ provider, model: 'm' }))
    const chain = createChain({ id: 'c', clock: here.clock, targets })
    expect((await answered({ chain, clock: here.clock })).passed).toEqual([
      { target: 'a/m', kind: 'unavailable', message: 'Nobody knows.' },
    ])
  })
})
