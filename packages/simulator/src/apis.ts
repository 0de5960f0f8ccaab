import { openaiApi } from './openai/openai-api.ts'
import type { SimulatedApiFactory } from './simulated-api.ts'

/** The providers that a simulator can speak like. */
export const simulatedApis = {
  openai: openaiApi,
} satisfies Readonly<Record<string, SimulatedApiFactory>>
