import { expect, test } from 'vitest'
import { compareBills } from './bill-comparison.ts'
import type { AttemptRow } from './budget-watch.ts'
import { billed } from './prices.ts'
import type { ProviderRequest } from './provider-account.ts'

const requestIdOf = (traceId: string) => traceId

function request(outputTokens: number, fields: Partial<ProviderRequest> = {}): ProviderRequest {
  const tokens = { inputTokens: 20, cachedTokens: 4, cacheWriteTokens: {}, outputTokens, reasoningTokens: 0 }
  const bill = { requestId: 'req_sim', model: 'gpt-sim', ...tokens, state: 'complete' as const }
  return { provider: 'north', traceId: 'one', arrivedAt: 0, bodyBytes: 200, maxTokens: 60, bill, ...fields }
}

function entry(cost: bigint, costIs: AttemptRow['costIs'], requestId = 'one'): AttemptRow {
  return { requestId, provider: 'north', outcome: costIs === 'bill' ? 'completed' : 'failed', cost, costIs }
}

function costOf({ bill }: ProviderRequest): bigint {
  return bill ? billed(bill) : 0n
}

test('entries that are bills are equal to the providers', () => {
  const [first, second] = [request(10), request(30)]
  const entries = [entry(costOf(second), 'bill'), entry(costOf(first), 'bill')]
  expect(compareBills(entries, [first, second], requestIdOf)).toMatchObject({ equal: 2, faults: [], unrecordedSum: 0n })
})

test('a bill that is off by one pico-dollar is found', () => {
  const one = request(10)
  const { faults } = compareBills([entry(costOf(one) + 1n, 'bill')], [one], requestIdOf)
  expect(faults).toEqual([expect.stringContaining('the provider does not')])
})

test('a bill is not excused by that of another request, or of another provider', () => {
  const one = request(10)
  expect(compareBills([entry(costOf(one), 'bill', 'two')], [one], requestIdOf).faults).toHaveLength(1)
  const other = request(10, { provider: 'south' })
  expect(compareBills([entry(costOf(other), 'bill')], [other], requestIdOf).faults).toHaveLength(1)
})

test('a bound must be no less than the bill, and no more than any request may be held at', () => {
  const one = request(10)
  expect(compareBills([entry(costOf(one), 'bound')], [one], requestIdOf)).toMatchObject({ bounded: 1, faults: [] })
  expect(compareBills([entry(costOf(one) - 1n, 'bound')], [one], requestIdOf).faults).toHaveLength(1)
  expect(compareBills([entry(1_000_000_000_000n, 'bound')], [one], requestIdOf).faults).toHaveLength(1)
})

test('what nobody wrote down is told, with its sum', () => {
  const [first, second] = [request(10), request(30)]
  const { unrecorded, unrecordedSum } = compareBills([entry(costOf(first), 'bill')], [first, second], requestIdOf)
  expect(unrecorded).toEqual([second])
  expect(unrecordedSum).toBe(costOf(second))
})
