import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pricing } from '../accounting/pricing.ts'
import type { ErrorKind } from '../contract/error-table.ts'
import type { MessageRequest } from '../contract/request.ts'
import { BreakerBoard } from '../engine/breaker-board.ts'
import { hedging } from '../hedging/hedging.ts'
import type { ChainPlan } from '../selection/chain-plan.ts'
import { leastBusy } from '../selection/least-busy.ts'
import { lowestCost } from '../selection/lowest-cost.ts'
import { lowestLatency } from '../selection/lowest-latency.ts'
import { type Seen, seen } from '../selection/selection.fixture.ts'
import type { SelectionPolicy } from '../selection/selection-policy.ts'
import { weighted } from '../selection/weighted.ts'
import { scriptedProvider, VirtualClock } from '../testing/index.ts'
import { answers, ask, fails, outcome, type Scene, type Script, scene } from './chain.fixture.ts'
import { createChain } from './chain.ts'

const once = { retry: { attempts: 1 } }
const well: Script = () => answers('Hello.')

const pricing: Pick<Pricing, 'estimate'> = {
  estimate(_, target) {
    const tokens = { inputTokens: { expected: 7 }, outputTokens: { expected: 1 } }
    if (target === 'b/m') return { unbounded: ['price: no price of this model is known'], ...tokens }
    const expected = BigInt(target.charCodeAt(0)) * 1_000_000n
    return { expected, bound: expected * 10n, unbounded: [], ...tokens }
  },
}

describe('a plan', () => {
  it('says of each target when it is asked or why it is not, and what is known of it', async () => {
    const performance = seen({ 'a/m': { inFlight: 2, firstTokenMs: 240, successRate: 0.98 } })
    const here = scene([well, well, well, () => fails('unavailable', { retryAfterMs: 30_000 })], {
      ...once,
      performance,
      pricing,
      holdBack: { textMs: 100 },
      hedge: hedging({ percentile: 90 }),
      midStream: 'fail',
      circuitBreaker: { minimumCalls: 1 },
      target: at => (at === 1 ? { when: { capabilities: ['images'] } } : { weight: at + 1 }),
      capabilities: at => (at === 2 ? { tools: false } : {}),
      select: {
        name: 'last',
        selector: () => ({
          select: targets => ({
            order: [...targets].reverse(),
            reasons: () => [{ code: 'priority', message: 'it is the last' }],
          }),
        }),
      },
    })
    await outcome(here, { ...ask, tools: [{ name: 'search' }] })
    const plan = here.chain.explain({ ...ask, tools: [{ name: 'search' }] })
    expect(plan).toEqual({
      chain: 'chain',
      policy: 'last',
      targets: [
        {
          target: 'a/m',
          rank: 1,
          reasons: [{ code: 'priority', message: 'it is the last' }],
          weight: 1,
          circuit: { state: 'closed' },
          inFlight: 2,
          firstTokenMs: { p50: 240, p95: 240 },
          hedgeAfterMs: 240,
          successRate: 0.98,
          cost: { expected: '0.000097 USD', bound: '0.00097 USD' },
        },
        {
          target: 'd/m',
          rank: 2,
          reasons: [{ code: 'circuit', message: 'it is not asked for another 30 s' }],
          weight: 4,
          circuit: { state: 'open', retryAfterMs: 30_000 },
          inFlight: 0,
          cost: { expected: '0.0001 USD', bound: '0.001 USD' },
        },
        {
          target: 'b/m',
          reasons: [{ code: 'condition', message: 'it is kept for requests that need images' }],
          weight: 1,
          circuit: { state: 'closed' },
          inFlight: 0,
          cost: { unbounded: ['price: no price of this model is known'] },
        },
        {
          target: 'c/m',
          reasons: [{ code: 'unsupported', message: 'it does not support tools' }],
          weight: 3,
          circuit: { state: 'closed' },
          inFlight: 0,
          cost: { expected: '0.000099 USD', bound: '0.00099 USD' },
        },
      ],
      attemptBound: 4,
      midStream: 'fail',
      holdBack: { textMs: 100 },
      hedge: { percentile: 90 },
    })
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  })

  it('explains the chains within, and the lists for what is too long or filtered', () => {
    const inner = scene([well, well], { id: 'inner', select: weighted(), capabilities: at => ({ tools: at === 1 }) })
    const { clock } = inner
    const [long, filtered] = ['y', 'z'].map(id => scriptedProvider({ id, clock, script: well }))
    if (long === undefined || filtered === undefined) throw new Error('two providers')
    const chain = createChain({
      id: 'outer',
      clock,
      targets: [{ provider: inner.chain }],
      onContextLength: [{ provider: long, model: 'm' }],
      onContentFilter: [{ provider: filtered, model: 'm', when: { tasks: ['chat'] } }],
      pricing,
    })
    const plan = chain.explain({ ...ask, tools: [{ name: 'search' }] }, { task: 'code' })
    expect(plan.targets).toMatchObject([
      {
        target: 'inner',
        rank: 1,
        cost: { expected: '0.000097 USD' },
        plan: {
          chain: 'inner',
          policy: 'weighted',
          targets: [
            { target: 'b/m', rank: 1 },
            { target: 'a/m', reasons: [{ message: 'it does not support tools' }] },
          ],
        },
      },
    ])
    expect(plan.targets[0]).not.toHaveProperty('circuit')
    expect(plan.onContextLength).toMatchObject([{ target: 'y/m', rank: 1, reasons: [{ code: 'priority' }] }])
    expect(plan.onContentFilter).toMatchObject([{ target: 'z/m', reasons: [{ code: 'condition' }] }])
    expect(plan.onContentFilter?.[0]).not.toHaveProperty('rank')
  })

  it('of what is too long for all is the list for it', () => {
    const here = scene([well], { capabilities: () => ({ contextWindow: 5 }) })
    const long = scriptedProvider({ id: 'z', clock: here.clock, script: well })
    const targets = here.providers.map(provider => ({ provider, model: 'm' }))
    const chain = createChain({ id: 'c', targets, onContextLength: [{ provider: long, model: 'm' }] })
    const { targets: planned } = chain.explain({ messages: [{ role: 'user', content: 'x'.repeat(100) }] })
    expect(planned).toMatchObject([
      { target: 'z/m', rank: 1, reasons: [{ message: 'it is number 1 of the list' }] },
      { target: 'a/m', reasons: [{ code: 'context-length', data: { leastInputTokens: 13, contextWindow: 5 } }] },
    ])
  })

  it('says of a target that was stopped by hand no time after which it is asked', () => {
    const clock = new VirtualClock()
    const breakers = new BreakerBoard({ clock, random: () => 0.5 })
    const here = scene([well, well], { breakers })
    breakers.breaker('a').isolate(0)
    const [first] = here.chain.explain(ask).targets
    expect(first?.circuit).toEqual({ state: 'isolated' })
    expect(first?.reasons.at(-1)).toEqual({ code: 'circuit', message: 'it is not asked until it is released' })
  })

  it('is refused for what the chain would refuse', () => {
    const { chain } = scene([well])
    expect(() => chain.explain({ ...ask, model: 'other' })).toThrow('does not answer as "other"')
    expect(() => chain.explain({ messages: [] })).toThrow('at least one message')
  })
})

const count = 5
const performance: Record<string, Seen> = {}
const policies: Readonly<Record<string, () => SelectionPolicy | undefined>> = {
  priority: () => undefined,
  weighted: () => weighted(),
  latency: () => lowestLatency({ explore: 0.3 }),
  cost: () => lowestCost(),
  leastBusy: () => leastBusy(),
}
const ms = fc.option(fc.integer({ min: 1, max: 999 }), { nil: undefined })
const world = fc.record({
  /** The first two are targets of a chain that is a target itself. */
  nested: fc.boolean(),
  policy: fc.constantFrom(...Object.keys(policies)),
  sticky: fc.boolean(),
  targets: fc.array(
    fc.record({
      weight: fc.integer({ min: 0, max: 3 }),
      tasks: fc.boolean(),
      tools: fc.boolean(),
      seen: fc.record({ inFlight: fc.nat(3), firstTokenMs: ms, successRate: fc.constantFrom(0, 0.4, 0.9, 1) }),
    }),
    { minLength: count, maxLength: count },
  ),
  requests: fc.array(
    fc.record({
      key: fc.constantFrom(undefined, 'one', 'two'),
      task: fc.constantFrom(undefined, 'code'),
      tools: fc.boolean(),
      /** Who answers it; nobody where there is none of that number. */
      well: fc.nat(count),
      pauseMs: fc.constantFrom(0, 1_000, 20_000),
    }),
    { minLength: 1, maxLength: 12 },
  ),
})
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never
type Asked = World['requests'][number]

type Built = Pick<Scene, 'chain' | 'clock' | 'seen'>

function build({ nested, policy, sticky, targets }: World, answering: () => number): Built {
  for (const [at, target] of targets.entries()) performance[`${'abcde'[at]}/m`] = target.seen
  const select = policies[policy]?.()
  const scripts = targets.map(
    (_, at): Script =>
      () =>
        at === answering() ? answers('Hello.') : fails('unavailable'),
  )
  const settings = (at: number) => ({
    weight: targets[at]?.weight ?? 1,
    ...(targets[at]?.tasks && { when: { tasks: ['code'] } }),
  })
  const capabilities = (at: number) => ({ tools: targets[at]?.tools ?? true })
  const options = {
    ...once,
    ...(select && { select }),
    sticky,
    pricing,
    performance: seen(performance),
    circuitBreaker: { minimumCalls: 3, openForMs: 5_000 },
  }
  if (!nested) return scene(scripts, { ...options, target: settings, capabilities })
  const inner = scene(scripts.slice(0, 2), {
    ...options,
    id: 'inner',
    select: weighted(),
    target: settings,
    capabilities,
  })
  const { clock, events } = inner
  const others = scripts.slice(2).map((script, at) => {
    const provider = scriptedProvider({ id: 'cde'[at] ?? '', clock, script, capabilities: capabilities(at + 2) })
    return { provider, model: 'm', ...settings(at + 2) }
  })
  const last = { provider: inner.chain, weight: 2 }
  const chain = createChain({ ...options, id: 'chain', clock, events, random: () => 0.5, targets: [...others, last] })
  return { chain, clock, seen: inner.seen }
}

function asking({ key, tools }: Asked): MessageRequest {
  return { ...ask, ...(key !== undefined && { cacheKey: key }), ...(tools && { tools: [{ name: 'search' }] }) }
}

function context({ task }: Asked) {
  return task === undefined ? {} : { task }
}

interface Way {
  readonly order: readonly string[]
  readonly passedOver: readonly string[]
}

/** In which order a request's targets came into question, and who did not at all, in a chain that may be asked twice. */
function happened({ seen: told }: Built, from: number, chain: string): Way {
  const order = new Set<string>()
  const passedOver = new Set<string>()
  for (const { name, event } of told.slice(from)) {
    if (!('target' in event && 'chain' in event) || event.chain !== chain) continue
    if (name === 'target-skipped' && 'reason' in event && event.reason === 'unsupported') passedOver.add(event.target)
    else if (name === 'target-skipped' || name === 'attempt-started') order.add(event.target)
  }
  return { order: [...order], passedOver: [...passedOver] }
}

function way({ targets }: ChainPlan): Way {
  const ranked = targets.filter(({ rank }) => rank !== undefined)
  expect(ranked.map(({ rank }) => rank)).toEqual(ranked.map((_, at) => at + 1))
  for (const { reasons } of targets) expect(reasons.length).toBeGreaterThan(0)
  return {
    order: ranked.map(({ target }) => target),
    passedOver: targets.filter(({ rank }) => rank === undefined).map(({ target }) => target),
  }
}

describe('for any chain, its past and a request', () => {
  it('the plan is what then happens', async () => {
    await fc.assert(
      fc.asyncProperty(world, async drawn => {
        let answering = count
        const here = build(drawn, () => answering)
        for (const request of drawn.requests) {
          const plan = here.chain.explain(asking(request), context(request))
          answering = request.well
          const from = here.seen.length
          const { error } = await outcome(here, asking(request), context(request))
          const expectedWay = way(plan)
          const { order, passedOver } = happened(here, from, 'chain')
          expect(passedOver).toEqual(expectedWay.passedOver)
          // until one answered
          expect(order).toEqual(expectedWay.order.slice(0, order.length))
          if (error !== undefined) expect(order).toHaveLength(expectedWay.order.length)
          const inner = plan.targets.find(({ target }) => target === 'inner')?.plan
          if (inner !== undefined && order.includes('inner')) {
            const within = happened(here, from, 'inner')
            expect(within.passedOver).toEqual(way(inner).passedOver)
            expect(within.order).toEqual(way(inner).order.slice(0, within.order.length))
          }
          await here.clock.advance(request.pauseMs)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('nothing happens because a plan was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.nat(4), async (drawn, plans) => {
        const journey = async (asks: number) => {
          let answering = count
          const here = build(drawn, () => answering)
          for (const request of drawn.requests) {
            const told = here.seen.length
            const seenPlans = Array.from({ length: asks }, () => here.chain.explain(asking(request), context(request)))
            for (const plan of seenPlans) expect(plan).toEqual(seenPlans[0])
            expect(here.seen).toHaveLength(told)
            answering = request.well
            await outcome(here, asking(request), context(request))
            await here.clock.advance(request.pauseMs)
          }
          expect(here.clock.pending).toBe(0)
          return here.seen.map(({ name, event }) => ({ name, ...event, requestId: undefined }))
        }
        expect(await journey(plans + 1)).toEqual(await journey(0))
      }),
      { numRuns: 25 },
    )
  })

  it('the lists of a plan are what takes the place of others', async () => {
    const kind = fc.constantFrom<ErrorKind>('unavailable', 'context-length', 'content-filter')
    const listed = fc.array(fc.record({ kind, tasks: fc.boolean() }), { minLength: 1, maxLength: 3 })
    const lists = fc.record({
      targets: listed,
      onContextLength: fc.option(listed, { nil: undefined }),
      onContentFilter: fc.option(listed, { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(lists, fc.boolean(), async (drawn, isCode) => {
        const { clock, seen: told, events } = scene([well])
        const kinds = new Map<string, ErrorKind>()
        const build = (name: keyof typeof drawn) =>
          drawn[name]?.map((target, at) => {
            const id = `${name.toLowerCase()}${at}`
            kinds.set(`${id}/m`, target.kind)
            const provider = scriptedProvider({ id, clock, script: () => fails(target.kind) })
            return { provider, model: 'm', ...(target.tasks && { when: { tasks: ['code'] } }) }
          })
        const [onContextLength, onContentFilter] = [build('onContextLength'), build('onContentFilter')]
        const chain = createChain({
          id: 'c',
          clock,
          events,
          random: () => 0.5,
          ...once,
          targets: build('targets') ?? [],
          ...(onContextLength && { onContextLength }),
          ...(onContentFilter && { onContentFilter }),
        })
        const asked = isCode ? { task: 'code' } : {}
        const wanted = followed(chain.explain(ask, asked), kinds)
        await outcome({ chain, clock }, ask, asked)
        expect(
          told.flatMap(({ name, event }) => (name === 'attempt-started' && 'target' in event ? event.target : [])),
        ).toEqual(wanted)
      }),
      { numRuns: 100 },
    )
  })
})

/** Whom a request asks by its plan, where each fails in its own way. */
function followed(plan: ChainPlan, kinds: ReadonlyMap<string, ErrorKind>): string[] {
  const ranked = (list: ChainPlan['targets'] = []) =>
    list.flatMap(({ rank, target }) => (rank === undefined ? [] : target))
  const instead = new Map([
    ['context-length', ranked(plan.onContextLength)],
    ['content-filter', ranked(plan.onContentFilter)],
  ])
  const refused = new Set<string>()
  const asked: string[] = []
  let left = ranked(plan.targets)
  for (let target = left.shift(); target !== undefined; target = left.shift()) {
    asked.push(target)
    const kind = kinds.get(target) ?? ''
    const list = instead.get(kind) ?? []
    if (list.length > 0 && !refused.has(kind)) left = [...list]
    else if (kind === 'content-filter' && list.length === 0) break
    refused.add(kind)
  }
  return asked
}
