import { describe, expect, it } from 'vitest'
import { answers, ask, ending, fails, opening, outcome, read, scene, streams } from '../chain/chain.fixture.ts'
import { createChain } from '../chain/chain.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'
import { books, usageOf } from './accounting.fixture.ts'
import { createMemoryLedger } from './memory-ledger.ts'

const asking = { ...ask, maxOutputTokens: 100 }
const billed = (text: number): readonly MessageChunk[] => [
  ...ending.slice(0, 2),
  { type: 'finish', reason: 'stop', usage: usageOf(text) },
]

function kept(scripts: Parameters<typeof scene>[0], limit = 1_000n, store = createMemoryLedger(), maxWaitMs = 0) {
  const here = books({ store, budgets: [{ limit, maxWaitMs }] })
  const { accounting, clock } = here
  const chains = scene(scripts, { clock, steps: [accounting.step], recorders: [accounting.recorder] })
  return { ...here, ...chains, clock }
}

describe('the accounts of a chain', () => {
  it('have an entry for each attempt, and the last is one record with its request', async () => {
    const here = kept([[fails('rate-limit', { status: 429 }), streams(opening, billed(7))]])
    const told = await outcome(here, asking, { principal: 'web', requestId: 'r1' })
    expect(told.chunks.at(-1)).toMatchObject({ billed: [{ cost: '0.000000000007 USD' }] })
    expect(here.records).toMatchObject([
      { attempt: { costIs: 'nothing', attempt: 1 } },
      { attempt: { cost: 7n, attempt: 2 }, request: { attempts: 2, principal: 'web', requestId: 'r1', target: 'a/m' } },
    ])
    expect(here.records[0]).not.toHaveProperty('request')
    expect(here.records[0]?.attempt?.callId).toBe(here.records[1]?.request?.id)
  })

  it('are written before the end of the answer is shown', async () => {
    const inner = createMemoryLedger()
    let confirm = (): void => undefined
    const store = Object.assign(Object.create(inner), {
      commit: () => new Promise<void>(resolve => (confirm = resolve)),
      takeSlab: inner.takeSlab.bind(inner),
      closeSlab: inner.closeSlab.bind(inner),
      budgets: inner.budgets.bind(inner),
      alertOnce: inner.alertOnce.bind(inner),
    })
    const here = kept([[streams(opening, billed(7))]], 1_000n, store)
    const reading = read(here.chain, asking)
    let shown = false
    void reading.then(() => (shown = true))
    await here.clock.runAll()
    expect(shown).toBe(false)
    confirm()
    expect((await reading).text).toBe('Hello')
  })

  it('withhold the end of an answer that they could not write', async () => {
    const store = Object.assign(books().store, { commit: () => Promise.reject(new Error('gone')) })
    const here = kept([[streams(opening, billed(7))]], 1_000n, store as never)
    expect(await outcome(here, asking)).toMatchObject({ text: 'Hel', error: { kind: 'unavailable', code: 'ledger' } })
  })

  it('count what was cut at its bound, and what the caller left', async () => {
    const nobody = fails('permission', { status: 403 })
    const here = kept([[streams(opening, { error: new SwitchyardError('network', 'Cut.') }), nobody]])
    await outcome(here, asking)
    expect(await here.accounting.budgets()).toMatchObject([{ settled: 100n }])
    const left = kept([[streams(opening, 'stall')]])
    const stream = left.chain.sendMessage(asking)
    await left.clock.advance(0)
    await (await stream).cancel()
    await left.clock.advance(0)
    expect(left.records).toMatchObject([
      { attempt: { outcome: 'cancelled', cost: 100n }, request: { outcome: 'cancelled' } },
    ])
  })

  it('charge each attempt at an answer that breaks and is gone on with, and record the request once', async () => {
    const broken = streams(opening, { error: new SwitchyardError('network', 'Cut.') })
    const here = kept([[broken, streams(opening, billed(7))]])
    expect(await outcome(here, asking)).toMatchObject({ text: 'Hello' })
    expect(here.records).toMatchObject([
      { attempt: { outcome: 'failed', cost: 100n, attempt: 1 } },
      { attempt: { outcome: 'completed', cost: 7n, attempt: 2 }, request: { outcome: 'completed', attempts: 2 } },
    ])
    expect(await here.accounting.budgets()).toMatchObject([{ settled: 107n, reserved: 0n }])
  })

  it('refuse before anything is sent, ask the next target, and record the request', async () => {
    const here = kept([[answers('no')], [answers('no')]], 50n)
    const told = await outcome(here, asking)
    expect(told.error).toMatchObject({ kind: 'budget-exceeded', attempts: [{ code: 'budget' }, { code: 'budget' }] })
    expect(here.providers.map(provider => provider.calls.length)).toEqual([0, 0])
    expect(here.records).toMatchObject([{ request: { outcome: 'failed', errorKind: 'budget-exceeded', attempts: 0 } }])
  })

  it('have nothing reserved for a caller that left while it waited', async () => {
    const here = kept([[answers('no')]], 150n, createMemoryLedger(), 10_000)
    const holding = await here.admit(100)
    const controller = new AbortController()
    const reading = read(here.chain, asking, { signal: controller.signal })
    await here.clock.advance(500)
    controller.abort()
    expect((await reading).error?.kind).toBe('aborted')
    await holding.settle({ type: 'withdrawn' }, here.clock.monotonic())
    await here.clock.runAll()
    expect(await here.accounting.budgets()).toMatchObject([{ reserved: 0n, settled: 0n }])
    expect(here.providers[0]?.calls).toEqual([])
  })

  it('charge a nested chain once, for the targets that were asked', async () => {
    const here = kept([[streams(opening, billed(7))]])
    const { step, recorder } = here.accounting
    const outer = createChain({
      id: 'outer',
      targets: [{ provider: here.chain }],
      clock: here.clock,
      steps: [step],
      recorders: [recorder],
    })
    const reading = read(outer, asking)
    await here.clock.runAll()
    expect((await reading).chunks.at(-1)).toMatchObject({ billed: [{ target: 'a/m', cost: '0.000000000007 USD' }] })
    expect(await here.accounting.budgets()).toMatchObject([{ settled: 7n }])
    const [attempt, request] = here.records
    expect([attempt?.attempt?.chains, request?.request?.chain]).toEqual([['outer', 'chain'], 'outer'])
    expect(attempt?.attempt?.callId).toBe(request?.request?.id)
  })
})
