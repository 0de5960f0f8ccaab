import { inputTokens, outputTokens } from '@switchyard/core/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wireUsage } from './answers.fixture.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

test('the parts are disjoint, and their sum is the total', () => {
  fc.assert(
    fc.property(wireUsage, wire => {
      const usage = decodeUsage(wire, false)
      expect(usage && inputTokens(usage)).toBe(wire.prompt_tokens)
      expect(usage && outputTokens(usage)).toBe(wire.completion_tokens)
      expect(usage && encodeUsage(usage)).toEqual(wire)
    }),
  )
})

test('nothing is ever negative, whatever the server counts', () => {
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(null, 'x', undefined))
  const details = fc.record({ cached_tokens: number, cache_write_tokens: number, reasoning_tokens: number })
  const wire = fc.record({
    prompt_tokens: number,
    completion_tokens: number,
    total_tokens: number,
    prompt_tokens_details: fc.oneof(details, fc.constant(null)),
    completion_tokens_details: fc.oneof(details, fc.constant(null)),
  })
  fc.assert(
    fc.property(wire, fc.constantFrom(true, false, undefined), (told, outside) => {
      const usage = decodeUsage(told, outside)
      const parts = [usage?.input.uncached, usage?.input.cacheRead, usage?.output.text, usage?.output.reasoning]
      for (const part of [...parts, ...Object.values(usage?.input.cacheWrite ?? {})]) {
        expect(Number.isInteger(part)).toBe(true)
        expect(part).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})

const outside = {
  prompt_tokens: 30,
  completion_tokens: 9,
  total_tokens: 133,
  prompt_tokens_details: { cached_tokens: 6 },
  completion_tokens_details: { reasoning_tokens: 94 },
  num_sources_used: 2,
}

test('reasoning outside the completion is seen by the total, or known', () => {
  const parts = { input: { uncached: 24, cacheRead: 6 }, output: { text: 9, reasoning: 94 }, units: { sources: 2 } }
  expect(decodeUsage(outside)).toMatchObject(parts)
  expect(decodeUsage({ ...outside, total_tokens: 0 }, true)).toMatchObject(parts)
  expect(decodeUsage(outside, false)?.output).toEqual({ text: 0, reasoning: 9 })
})

test('clients of the dialect are told reasoning inside the completion', () => {
  const usage = decodeUsage(outside)
  expect(usage && encodeUsage(usage)).toEqual({
    prompt_tokens: 30,
    completion_tokens: 103,
    total_tokens: 133,
    prompt_tokens_details: { cached_tokens: 6 },
    completion_tokens_details: { reasoning_tokens: 94 },
  })
})

test('usage of another dialect, or that grew since, is counted anew', () => {
  const usage = {
    input: { uncached: 1, cacheRead: 2, cacheWrite: { '5m': 3, '1h': 4 } },
    output: { text: 5, reasoning: 6 },
  }
  const counted = {
    prompt_tokens: 10,
    completion_tokens: 11,
    total_tokens: 21,
    prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 7 },
    completion_tokens_details: { reasoning_tokens: 6 },
  }
  expect(encodeUsage(usage)).toEqual(counted)
  expect(encodeUsage({ ...usage, raw: { input_tokens: 1 } })).toEqual(counted)
  expect(encodeUsage({ ...usage, raw: { prompt_tokens: 99, completion_tokens: 1 } })).toEqual(counted)
})

test('no usage is none', () => {
  expect(decodeUsage(null)).toBeUndefined()
})
