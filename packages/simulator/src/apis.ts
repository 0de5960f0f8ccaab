import { anthropicApi } from './anthropic/anthropic-api.ts'
import { openaiApi } from './openai/openai-api.ts'
import type { SimulatedApiFactory } from './simulated-api.ts'

/** The providers that a simulator can speak like. */
export const simulatedApis = {
  openai: openaiApi,
  anthropic: anthropicApi,
} satisfies Readonly<Record<string, SimulatedApiFactory>>
