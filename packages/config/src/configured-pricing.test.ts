import { createCatalog } from '@switchyard/catalog'
import type { MessageRequest, Usage } from '@switchyard/core'
import { expect, test } from 'vitest'
import { configuredPricing } from './configured-pricing.ts'
import { modelOverrides } from './model-overrides.ts'
import { parseConfig } from './parse-config.ts'

function pricing(text: string) {
  const config = parseConfig(text)
  const providers = Object.fromEntries(Object.entries(config.providers).map(([id, { type }]) => [id, type]))
  const catalog = createCatalog({ overrides: modelOverrides(config.models), providers })
  return configuredPricing(catalog, config.providers)
}

const at = Date.UTC(2026, 10, 21)
const request: MessageRequest = { messages: [{ role: 'user', content: 'hello' }], maxOutputTokens: 100 }
const uncapped: MessageRequest = { messages: request.messages }
const usage: Usage = { input: { uncached: 1_000, cacheRead: 500, cacheWrite: {} }, output: { text: 100, reasoning: 0 } }
const lab = 'lab: { type: openai-compatible, baseURL: "http://127.0.0.1:9/v1", price: { input: 1, output: 2 } }'

test("a provider's price holds for its models whose price is not known, cached tokens included", () => {
  const { estimate, cost } = pricing(`providers: { ${lab} }`)
  expect(cost(usage, 'lab/anything', at).total).toBe(1_700_000_000n)
  const { bound, expected } = estimate(request, 'lab/anything', { at })
  expect(bound).toBeGreaterThanOrEqual(expected as bigint)
  expect(expected).toBeGreaterThan(200_000_000n)
})

test('what is known of a model comes before it', () => {
  const { cost } = pricing(`
providers:
  ${lab}
  openai: { type: openai, apiKey: x, price: { input: 0, output: 0 } }
models: { lab/tiny: { price: { input: 3, output: 3, cachedInput: 1 } } }`)
  expect(cost(usage, 'lab/tiny', at).total).toBe(3_800_000_000n)
  expect(cost(usage, 'openai/gpt-5.4-mini', at).total).toBeGreaterThan(0n)
})

test('a model that is known but for its price gets it, and keeps its window', () => {
  const { estimate } = pricing(`
providers: { ${lab} }
models: { lab/tiny: { maxOutputTokens: 50 } }`)
  expect(estimate(uncapped, 'lab/tiny', { at }).outputTokens.most).toBe(50)
  expect(estimate(uncapped, 'lab/tiny', { at }).bound).toBeDefined()
})

test('what is free has a bound, however long its answers may get', () => {
  const { estimate } = pricing(
    'providers: { own: { type: ollama, price: { input: 0, output: 0 } }, ollama: { type: ollama } }',
  )
  expect(estimate(uncapped, 'own/anything', { at })).toMatchObject({ bound: 0n, unbounded: [] })
  expect(estimate(uncapped, 'ollama/qwen3', { at })).toMatchObject({ bound: 0n, unbounded: [] })
})

test('what has a price, and no known end, has none', () => {
  const { estimate } = pricing(`providers: { ${lab} }`)
  const { bound, unbounded } = estimate(uncapped, 'lab/anything', { at })
  expect(bound).toBeUndefined()
  expect(unbounded.join()).toContain('state a cap')
})

test('without any price the cost stays unknown', () => {
  const { estimate, cost } = pricing(
    'providers: { lab: { type: openai-compatible, baseURL: "http://127.0.0.1:9/v1" } }',
  )
  expect(estimate(request, 'lab/x', { at }).unbounded.join()).toContain('no price of this model is known')
  expect(cost(usage, 'lab/x', at).total).toBeUndefined()
})
