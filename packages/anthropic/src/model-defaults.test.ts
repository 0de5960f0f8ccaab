import { describe, expect, it } from 'vitest'
import { modelDefaults } from './index.ts'

describe('what is known of a model by its name', () => {
  it.each([
    ['claude-opus-5-5', '2026-10-21', 'always', false, 128_000],
    ['claude-opus-6', '2026-10-21', 'always', false, 128_000],
    ['claude-fable-5', '2026-10-21', 'always', undefined, 128_000],
    ['claude-fable-5-1', '2026-10-21', 'always', false, 128_000],
    ['claude-fable-5-2', '2026-10-21', 'always', undefined, 128_000],
    ['claude-sonnet-5-5-20260801', '2026-10-21', 'effort', undefined, 128_000],
    ['claude-opus-4-8', '2026-10-21', 'effort', undefined, 128_000],
    ['anthropic.claude-opus-4-7-v1:0', '2026-10-21', 'effort', undefined, 128_000],
    ['claude-sonnet-4-6', '2023-06-01', 'effort', undefined, 128_000],
    ['claude-haiku-4-5-20251001', '2023-06-01', 'budget', undefined, 64_000],
    ['claude-opus-4-1', '2023-06-01', 'budget', undefined, 32_000],
    ['claude-sonnet-4-20250514', '2023-06-01', 'budget', undefined, 64_000],
    ['claude-3-7-sonnet-latest', '2023-06-01', 'budget', undefined, 64_000],
    ['claude-3-5-haiku-20241022', '2023-06-01', undefined, undefined, 8192],
    ['claude-3-opus', '2023-06-01', undefined, undefined, 4096],
    ['claude-next', '2026-10-21', undefined, undefined, undefined],
    ['glm-4.6', '2023-06-01', 'budget', undefined, undefined],
  ])('%s: version %s, thinking %s', (model, apiVersion, thinking, forcedToolChoice, maxOutputTokens) => {
    const facts = modelDefaults(model)
    expect([facts.apiVersion, facts.thinking, facts.forcedToolChoice]).toEqual([apiVersion, thinking, forcedToolChoice])
    expect(facts.capabilities?.maxOutputTokens).toBe(maxOutputTokens)
  })

  it('goes with the version of the API', () => {
    expect(modelDefaults('claude-opus-4-6').capabilities).toMatchObject({ temperature: true, prefill: false })
    expect(modelDefaults('claude-opus-4-7').capabilities).toMatchObject({ temperature: false, topP: false })
    expect(modelDefaults('claude-sonnet-4-5').capabilities).not.toHaveProperty('prefill')
    expect(modelDefaults('claude-sonnet-4-0').capabilities).toMatchObject({ jsonSchema: false, reasoning: true })
    expect(modelDefaults('claude-3-haiku').capabilities).toMatchObject({ documents: false, reasoning: false })
  })
})
