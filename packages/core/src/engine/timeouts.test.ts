import { describe, expect, it } from 'vitest'
import { modelCapabilities } from '../contract/capabilities.ts'
import type { ReasoningEffort } from '../contract/request.ts'
import { firstTokenLimit } from './timeouts.ts'

const ask = (reasoningEffort?: ReasoningEffort) => ({ messages: [], ...(reasoningEffort && { reasoningEffort }) })
const thinks = modelCapabilities({ reasoning: true })

describe('the wait for a first token', () => {
  it('is the configured one for a model that does not think', () => {
    expect(firstTokenLimit(15_000, ask('high'), modelCapabilities({ reasoning: false }))).toBe(15_000)
    expect(firstTokenLimit(15_000, ask(), modelCapabilities())).toBe(15_000)
    expect(firstTokenLimit(15_000, ask('none'), thinks)).toBe(15_000)
    expect(firstTokenLimit(15_000, ask('minimal'), thinks)).toBe(15_000)
  })

  it('grows with the effort, never shrinks', () => {
    expect(firstTokenLimit(15_000, ask(), thinks)).toBe(60_000)
    expect(firstTokenLimit(15_000, ask('high'), thinks)).toBe(120_000)
    expect(firstTokenLimit(15_000, ask('high'), modelCapabilities())).toBe(120_000)
    expect(firstTokenLimit(400_000, ask('max'), thinks)).toBe(400_000)
  })

  it('follows what is known of the model', () => {
    const known = modelCapabilities({ reasoning: true, silentReasoningMs: 20_000 })
    expect(firstTokenLimit(15_000, ask('high'), known)).toBe(20_000)
  })
})
