import { expect, it } from 'vitest'
import { capabilityNames, modelCapabilities } from './capabilities.ts'
import { responseText } from './response.ts'
import { inputTokens, outputTokens } from './usage.ts'

it('the parts of usage add up to the totals', () => {
  const usage = {
    input: { uncached: 1, cacheRead: 20, cacheWrite: { '5m': 300, '1h': 4_000 } },
    output: { text: 5, reasoning: 60 },
  }
  expect(inputTokens(usage)).toBe(4_321)
  expect(outputTokens(usage)).toBe(65)
})

it('the text of an answer is its text parts joined, and nothing else', () => {
  const content = [
    { type: 'reasoning', text: 'hm', origin: 'x' },
    { type: 'text', text: 'Hel' },
    { type: 'opaque', origin: 'x', value: 1 },
    { type: 'text', text: 'lo' },
  ] as const
  expect(responseText({ content })).toBe('Hello')
})

it('every capability is unknown until somebody knows it', () => {
  const nothing = modelCapabilities()
  expect(capabilityNames.map(name => nothing[name])).toEqual(capabilityNames.map(() => 'unknown'))
  const some = modelCapabilities({ tools: true, prefill: false, contextWindow: 8192 })
  expect(some).toMatchObject({ tools: true, prefill: false, contextWindow: 8192, json: 'unknown' })
})
