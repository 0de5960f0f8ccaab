import type { ConformanceOptions } from '@switchyard/testkit'
import { createAnthropic } from './index.ts'

export const conformance: ConformanceOptions = {
  dialect: 'anthropic-messages',
  create: setup => createAnthropic(setup),
  facts: {
    prefill: {
      capabilities: { prefill: true, reasoning: true, maxOutputTokens: 32_000 },
      thinking: 'budget',
      apiVersion: '2023-06-01',
    },
  },
}
