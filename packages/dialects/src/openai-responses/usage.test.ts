import { expect, test } from 'vitest'
import { decodeUsage, encodeUsage } from './usage.ts'

const counts = (input: number, cached: number, written: number, more: object = {}) => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached, cache_write_tokens: written, ...more },
  output_tokens: 9,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: input + 9,
})

test('counts are split into parts that sum to the total, by the lifetime of what was written', () => {
  const split = { cache_write_tokens_details: { ttl_30m_tokens: 20, ttl_12h_tokens: 5 } }
  expect(decodeUsage(counts(100, 30, 40, split))).toMatchObject({
    input: { uncached: 30, cacheRead: 30, cacheWrite: { '30m': 20, '12h': 5, default: 15 } },
    output: { text: 5, reasoning: 4 },
  })
  expect(decodeUsage(counts(10, 20, 20, split))?.input).toEqual({ uncached: 0, cacheRead: 10, cacheWrite: {} })
  expect(decodeUsage({ input_tokens: 3, output_tokens: -1 })).toMatchObject({
    input: { uncached: 3, cacheRead: 0 },
    output: { text: 0, reasoning: 0 },
  })
  expect(decodeUsage(null)).toBeUndefined()
})

test('searches are units of their own', () => {
  expect(decodeUsage(counts(1, 0, 0), { web_search: { num_requests: 3 } })?.units).toEqual({ searches: 3 })
  expect(decodeUsage(counts(1, 0, 0), { web_search: { num_requests: 0 } })?.units).toBeUndefined()
})

test('what a server said is passed on while it still says the same', () => {
  const said = { ...counts(100, 30, 40), future: 1 }
  const usage = decodeUsage(said)
  expect(usage && encodeUsage(usage)).toBe(said)
  expect(usage && encodeUsage({ ...usage, output: { text: 1, reasoning: 0 } })).toEqual({
    ...counts(100, 30, 40),
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 101,
  })
})
