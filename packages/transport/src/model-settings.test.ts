import type { ModelFacts } from '@switchyard/core/contract'
import { describe, expect, it, vi } from 'vitest'
import { ModelSettings } from './model-settings.ts'

describe('what is known of a model', () => {
  it('is the same object until more is learned, and then what was learned', () => {
    let learned: ModelFacts | undefined
    const settings = new ModelSettings('toy', {
      modelDefaults: { thinking: 'effort', capabilities: { tools: true } },
      facts: (provider, model) => (provider === 'toy' && model === 'm' ? learned : undefined),
    })
    const usual = settings.facts('m')
    expect(usual).toEqual({ thinking: 'effort', capabilities: { tools: true } })
    expect(settings.facts('m')).toBe(usual)
    learned = { thinking: 'budget', capabilities: { images: false } }
    const known = settings.facts('m')
    expect(known).toEqual({ thinking: 'budget', capabilities: { tools: true, images: false } })
    expect(settings.facts('m')).toBe(known)
    learned = undefined
    expect(settings.facts('m')).toEqual(usual)
  })

  it('is not kept of all the models that clients invent', () => {
    const modelDefaults = vi.fn((model: string): ModelFacts => ({ apiVersion: model }))
    const settings = new ModelSettings('toy', { modelDefaults })
    settings.facts('first')
    settings.facts('first')
    expect(modelDefaults).toHaveBeenCalledTimes(1)
    for (let at = 0; at < 1_000; at++) settings.facts(`m${at}`)
    expect(settings.facts('first')).toEqual({ apiVersion: 'first' })
    expect(modelDefaults).toHaveBeenCalledTimes(1_002)
  })
})
