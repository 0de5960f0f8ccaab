import { describe, expect, it } from 'vitest'
import { SwitchyardError } from '../contract/errors.ts'
import { books, completed } from './accounting.fixture.ts'

describe('a hard budget', () => {
  it('admits what it has room for, at once where a slab has room', async () => {
    const { admit, clock } = books({ budgets: [{ limit: 10_000n }] })
    const first = admit(10)
    expect(first).toBeInstanceOf(Promise)
    await (await first).settle(completed(4), clock.monotonic())
    expect(admit(10)).not.toBeInstanceOf(Promise)
  })

  it('refuses what is beyond it, and says what is left, when it renews and what was asked', async () => {
    const { admit, events } = books({ budgets: [{ limit: 100n, timeZone: 'Europe/Berlin' }] })
    await admit(60)
    await expect(admit(50)).rejects.toMatchObject({
      kind: 'budget-exceeded',
      code: 'budget',
      message:
        'The budget "budget0" has 0.00000000004 USD of 0.0000000001 USD left (attempts under way hold 0.00000000006 USD), ' +
        'and an attempt at lab/tiny may cost up to 0.00000000005 USD. It renews on 2026-01-02 00:00 (Europe/Berlin). ' +
        'Try again when those have ended, or state a lower maxOutputTokens.',
      retryAfterMs: 1_000,
    })
    expect(events).toMatchObject([{ name: 'budget-refused', event: { asked: '0.00000000005 USD', budget: 'budget0' } }])
  })

  it('lets exactly so many of fifty that start at once through as it has money for', async () => {
    const { admit, accounting } = books({ budgets: [{ limit: 105n }] })
    const permits = await Promise.allSettled(Array.from({ length: 50 }, () => admit(10)))
    expect(permits.filter(permit => permit.status === 'fulfilled')).toHaveLength(10)
    expect(await accounting.budgets()).toMatchObject([{ reserved: 100n, left: 5n, settled: 0n }])
  })

  it('gives back what a bill leaves of the bound, and holds what it does not', async () => {
    const { spend, accounting, admit } = books({ budgets: [{ limit: 100n }] })
    await spend(60, 7)
    expect(await accounting.budgets()).toMatchObject([{ settled: 7n, reserved: 0n, left: 93n }])
    await admit(93)
    await expect(admit(1)).rejects.toMatchObject({ kind: 'budget-exceeded' })
  })

  it('gives everything back where nothing was sent', async () => {
    const { admit, clock, accounting, records } = books({ budgets: [{ limit: 100n }] })
    await (await admit(60)).settle({ type: 'withdrawn' }, clock.monotonic())
    expect(await accounting.budgets()).toMatchObject([{ settled: 0n, left: 100n }])
    expect(records).toEqual([])
  })

  it('counts an attempt whose bill nobody knows at its bound', async () => {
    const { admit, clock, accounting, records } = books({ budgets: [{ limit: 100n }] })
    const error = new SwitchyardError('network', 'Cut.')
    const permit = await admit(60)
    await permit.settle({ type: 'failed', error, bill: 'unknown', durationMs: 1 }, clock.monotonic())
    expect(await accounting.budgets()).toMatchObject([{ settled: 60n, left: 40n }])
    expect(records).toMatchObject([{ attempt: { cost: 60n, costIs: 'bound', estimate: 0n, errorKind: 'network' } }])
    expect(permit.charge).toEqual({ cost: '0.00000000006 USD', isBound: true })
  })
})
