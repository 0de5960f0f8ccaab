import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import type { PartialResponse } from '../contract/response.ts'
import type { AttemptOutcome } from '../engine/admission.ts'
import type { Money } from '../money/money.ts'
import { attemptOf, books, completed, pricing, usageOf } from './accounting.fixture.ts'
import { createMemoryLedger } from './memory-ledger.ts'
import type { Pricing } from './pricing.ts'

const cut = new SwitchyardError('network', 'Cut.', { status: 529 })
const broken = (partial?: PartialResponse): AttemptOutcome => ({
  type: 'failed',
  error: cut,
  bill: 'unknown',
  durationMs: 7,
  ...(partial && { partial: () => partial }),
})

async function settled(outcome: AttemptOutcome, priced: Partial<Pricing> = {}, maxCost?: Money, limit = 1_000n) {
  const here = books({ pricing: { ...pricing, ...priced }, budgets: [{ limit }] })
  const permit = await here.admit(60, { context: maxCost === undefined ? {} : { maxCost } })
  await permit.settle(outcome, here.clock.monotonic())
  const entry = here.records[0]?.attempt
  const [standing] = await here.accounting.budgets()
  return { cost: entry?.cost, costIs: entry?.costIs, estimate: entry?.estimate, charge: permit.charge, standing, here }
}

const unbounded: Partial<Pricing> = {
  estimate: () => ({
    expected: 1n,
    unbounded: ['tools[0]: what it adds cannot be stated'],
    inputTokens: { expected: 1 },
    outputTokens: { expected: 1 },
  }),
}

describe('an attempt is settled', () => {
  it('at its bill, exactly, where usage and price are known', async () => {
    expect(await settled(completed(23))).toMatchObject({
      cost: 23n,
      costIs: 'bill',
      estimate: undefined,
      charge: { cost: '0.000000000023 USD' },
      standing: { settled: 23n },
    })
  })

  it('at nothing where the provider bills none', async () => {
    const outcome = { type: 'failed', error: cut, bill: 'nothing', durationMs: 1 } as const
    const { standing, ...told } = await settled(outcome)
    expect(told).toMatchObject({ cost: 0n, costIs: 'nothing', charge: { cost: '0 USD' } })
    expect(standing).toMatchObject({ settled: 0n, left: 1_000n })
  })

  it('at its bound where the answer never told its usage', async () => {
    expect(await settled({ type: 'completed', durationMs: 1 })).toMatchObject({
      cost: 60n,
      costIs: 'bound',
      estimate: 1n,
      charge: { isBound: true },
    })
  })

  it('at its bound where it was cut, with a guess beside it of what had come', async () => {
    const content = [{ type: 'text', text: 'twelve bytes' }] as const
    const told = await settled(broken({ model: 'lab/tiny', content }))
    expect(told).toMatchObject({ cost: 60n, costIs: 'bound', estimate: 3n })
    const more = broken({ model: 'lab/tiny', content, usage: usageOf(9) })
    expect(await settled(more)).toMatchObject({ cost: 60n, estimate: 9n })
    expect(await settled(broken({ model: 'lab/tiny', content: [], usage: usageOf(900) }))).toMatchObject({
      estimate: 60n,
    })
    const call = { type: 'tool-call', id: '1', name: 'f', arguments: '{}' } as never
    expect((await settled(broken({ model: 'lab/tiny', content: [call] }))).estimate).toBeGreaterThan(3n)
  })

  it('at its bound where the price of a part is not known, or its counts are none', async () => {
    const part = { cost: () => ({ subtotal: 7n, unknown: ['units.searches'] }) }
    expect(await settled(completed(1), part)).toMatchObject({ cost: 60n, costIs: 'unknown', estimate: 7n })
    const strange = {
      cost: () => {
        throw new SwitchyardError('invalid-request', 'The usage is no count.')
      },
    }
    expect(await settled(completed(1), strange)).toMatchObject({ cost: 60n, costIs: 'unknown', estimate: 0n })
  })

  it('at what is known where even that is more than the bound', async () => {
    const part = { cost: () => ({ subtotal: 70n, unknown: ['units.searches'] }) }
    const { cost, costIs, here } = await settled(completed(1), part)
    expect([cost, costIs]).toEqual([70n, 'unknown'])
    await here.clock.runAll()
    expect(here.events.map(({ name }) => name)).toContain('budget-overrun')
  })

  it('at what its caller allowed where no bound can be stated', async () => {
    expect(await settled(broken(), unbounded, 500n)).toMatchObject({ cost: 500n, costIs: 'bound' })
  })

  it('and its cost is told', async () => {
    const { here } = await settled(completed(23))
    expect(here.events).toMatchObject([
      { name: 'cost-calculated', event: { target: 'lab/tiny', cost: '0.000000000023 USD', costIs: 'bill', usage: {} } },
    ])
  })

  it('without a budget too, at the bound where there is one', async () => {
    for (const [priced, cost, costIs] of [
      [pricing, 60n, 'bound'],
      [{ ...pricing, ...unbounded }, 0n, 'unknown'],
    ] as const) {
      const here = books({ pricing: priced })
      const permit = await here.admit(60)
      await permit.settle(broken(), here.clock.monotonic())
      expect(here.records[0]).toMatchObject({ attempt: { cost, costIs }, charges: [] })
      expect(permit.charge === undefined).toBe(costIs === 'unknown')
    }
  })
})

describe('a bill above the bound', () => {
  it('is recorded as it is, told, and refuses new calls until there is room again', async () => {
    const { here, standing } = await settled(completed(1_200))
    expect(standing).toMatchObject({ settled: 1_200n, left: 0n, usedShare: 1.2 })
    await here.clock.runAll()
    expect(here.events.find(({ name }) => name === 'budget-overrun')?.event).toMatchObject({
      billed: '0.0000000012 USD',
      bound: '0.00000000006 USD',
      limit: '0.000000001 USD',
      settled: '0.0000000012 USD',
    })
    await expect(here.admit(1)).rejects.toMatchObject({ kind: 'budget-exceeded', code: 'budget' })
    await here.clock.advance(24 * 3_600_000)
    await expect(here.admit(1)).resolves.toBeDefined()
  })

  it('takes what is free in this process first, so that the sum stays within the limit', async () => {
    const store = createMemoryLedger()
    const { admit, clock, records } = books({ store, budgets: [{ limit: 100_000n }] })
    const one = await admit(100)
    await one.settle(completed(150), clock.monotonic())
    const reserved = records[0]?.charges[0]?.slabs.reduce((sum, { amount }) => sum + amount, 0n)
    expect(reserved).toBe(150n)
    const [state] = await store.budgets([{ budget: 'budget0', window: Date.UTC(2026, 0, 1) }])
    expect(state?.settled).toBe(150n)
    await expect(Promise.resolve(admit(300))).resolves.toBeDefined()
  })
})

describe('an attempt that nobody can put a bound on', () => {
  it('is refused under a hard budget, with the cure, so that the next target is asked', async () => {
    const here = books({ pricing: { ...pricing, ...unbounded }, budgets: [{ limit: 100n }] })
    expect(() => here.admit(1)).toThrowError(
      expect.objectContaining({
        kind: 'budget-exceeded',
        code: 'unbounded',
        message: expect.stringMatching(/tools\[0\].*models\.lab\/tiny\.price.*maxOutputTokens.*maxCost/),
      }),
    )
  })

  it('is refused though its caller says that it costs nothing', () => {
    const here = books({ pricing: { ...pricing, ...unbounded }, budgets: [{ limit: 100n }] })
    expect(() => here.admit(1, { context: { maxCost: 0n } })).toThrow(/maxCost/)
  })

  it('is refused by another code where the price is unknown', () => {
    const tokens = { inputTokens: { expected: 1 }, outputTokens: { expected: 1 } }
    const estimate = () => ({ unbounded: ['price: no price of this model is known'], ...tokens })
    const here = books({ pricing: { ...pricing, estimate }, budgets: [{ limit: 100n }] })
    expect(() => here.admit(1)).toThrowError(expect.objectContaining({ code: 'unknown-price' }))
  })

  it('passes soft budgets', async () => {
    const here = books({ pricing: { ...pricing, ...unbounded }, budgets: [{ limit: 5n, kind: 'soft' }] })
    for (let call = 0; call < 3; call++) await here.spend(1, 4)
    expect(await here.accounting.budgets()).toMatchObject([{ kind: 'soft', settled: 12n, left: 0n, usedShare: 2.4 }])
  })
})

describe('what is no attempt of ours', () => {
  it('a nested chain or a count of tokens costs nothing and is not recorded', async () => {
    const here = books({ budgets: [{ limit: 10n }] })
    for (const more of [{ nested: true }, { operation: 'count-tokens' }] as const) await here.spend(50, 50, more)
    expect(here.records).toEqual([])
  })
})

describe('a commit that fails', () => {
  it('is what the caller sees, in place of the answer, and what it was for stays reserved', async () => {
    const inner = createMemoryLedger()
    const failing = {
      ...books({ store: inner }).store,
      commit: () => Promise.reject(new TypeError('postgres://u:secret@h')),
    }
    const here = books({ store: failing, budgets: [{ limit: 100n }] })
    const permit = await here.admit(60)
    const error = await Promise.resolve(permit.settle(completed(10), here.clock.monotonic())).catch(
      (error: unknown) => error,
    )
    expect(error).toMatchObject({ kind: 'unavailable', code: 'ledger' })
    expect(JSON.stringify(error)).not.toContain('secret')
    await here.clock.runAll()
    await here.accounting.dispose()
    expect(await inner.budgets([{ budget: 'budget0', window: Date.UTC(2026, 0, 1) }])).toMatchObject([
      { reserved: 60n },
    ])
  })

  it('keeps from others what was billed, and no more: the rest of the bound is free', async () => {
    const inner = createMemoryLedger()
    const failing = { ...books({ store: inner }).store, commit: () => Promise.reject(new Error('gone')) }
    const here = books({ store: failing, budgets: [{ limit: 100n }] })
    const fail = async (outcome: AttemptOutcome) => {
      const permit = await here.admit(60)
      await expect(permit.settle(outcome, here.clock.monotonic())).rejects.toMatchObject({ code: 'ledger' })
    }
    await fail({ type: 'failed', error: cut, bill: 'nothing', durationMs: 1 })
    await here.clock.advance(0)
    expect(await here.accounting.budgets()).toMatchObject([{ left: 100n, reserved: 0n }])
    await fail(completed(10))
    expect(await here.accounting.budgets()).toMatchObject([{ left: 90n, reserved: 10n }])
    await expect(here.admit(91)).rejects.toMatchObject({ code: 'budget' })
    await expect(here.admit(90)).resolves.toBeDefined()
  })

  it('of ours is told in its own words', async () => {
    const full = new SwitchyardError('unavailable', 'The journal is full.')
    const failing = { ...books().store, commit: () => Promise.reject(full) }
    const here = books({ store: failing })
    const permit = await here.admit(60)
    await expect(permit.settle(completed(10), here.clock.monotonic())).rejects.toBe(full)
  })

  it('as a slab that cannot be taken, refuses the call', async () => {
    const failing = { ...books().store, takeSlab: () => Promise.reject(new Error('gone')) }
    const here = books({ store: failing, budgets: [{ limit: 100n }] })
    await expect(Promise.all([here.admit(60), here.admit(1)])).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'ledger',
    })
    expect(here.clock.pending).toBe(0)
  })

  it('or a slab that cannot be given back, is tried again', async () => {
    const inner = createMemoryLedger()
    let failures = 2
    const closeSlab = (slab: string) => (failures-- > 0 ? Promise.reject(new Error('gone')) : inner.closeSlab(slab))
    const here = books({ store: { ...books({ store: inner }).store, closeSlab }, budgets: [{ limit: 100n }] })
    await here.spend(60, 10)
    await here.clock.runAll()
    expect(await inner.budgets([{ budget: 'budget0', window: Date.UTC(2026, 0, 1) }])).toMatchObject([{ reserved: 0n }])
  })
})

describe('entries', () => {
  it('tell of an attempt what happened, and never what was said', async () => {
    const here = books()
    const permit = await here.admit(60, { context: { principal: 'web', tags: ['a'] }, chains: ['outer', 'chain'] })
    await here.clock.advance(40)
    permit.firstToken?.(here.clock.monotonic())
    await here.clock.advance(60)
    await permit.settle({ ...completed(3), durationMs: 100 } as AttemptOutcome, here.clock.monotonic())
    const text = JSON.stringify(here.records, (_, value) => (typeof value === 'bigint' ? String(value) : value))
    expect(text).not.toContain('Hello?')
    expect(here.records[0]?.attempt).toMatchObject({
      at: Date.UTC(2026, 0, 1),
      principal: 'web',
      tags: ['a'],
      chains: ['outer', 'chain'],
      outcome: 'completed',
      finishReason: 'stop',
      latencyMs: 100,
      firstTokenMs: 40,
      usage: usageOf(3),
    })
  })

  it('tell of a failed one by its kind and status', async () => {
    const { here } = await settled(broken())
    expect(here.records[0]?.attempt).toMatchObject({
      outcome: 'failed',
      errorKind: 'network',
      status: 529,
      latencyMs: 7,
    })
  })

  it('of a request that ended with its attempt are one record, else one of their own', async () => {
    const here = books({ keepPrompts: request => ('messages' in request ? 'redacted' : undefined) })
    const info = attemptOf(5)
    const permit = await here.accounting.step.admit(info, here.clock.monotonic())
    await here.clock.advance(30)
    permit.firstToken?.(here.clock.monotonic())
    await here.clock.advance(70)
    const end = {
      callId: info.callId,
      requestId: 'r',
      chain: 'chain',
      operation: 'message',
      request: info.request,
      context: { principal: 'web' },
      target: 'lab/tiny',
      attempts: 1,
      outcome: { type: 'completed', reason: 'stop' },
      durationMs: 250,
    } as const
    const settling = permit.settle({ ...completed(3), durationMs: 100 } as AttemptOutcome, here.clock.monotonic())
    await Promise.all([settling, here.accounting.recorder.ended(end)])
    const failed = { ...end, callId: 'other', outcome: { type: 'failed', error: cut }, attempts: 0 } as const
    await here.accounting.recorder.ended(failed)
    expect(here.records).toMatchObject([
      {
        attempt: { id: info.id },
        request: { id: info.callId, latencyMs: 250, firstTokenMs: 180, prompt: 'redacted', finishReason: 'stop' },
      },
      { request: { id: 'other', outcome: 'failed', errorKind: 'network', attempts: 0 }, charges: [] },
    ])
  })
})
