import { anthropicApi } from './anthropic/anthropic-api.ts'
import { geminiApi } from './gemini/gemini-api.ts'
import { groqApi } from './groq/groq-api.ts'
import { ollamaApi } from './ollama/ollama-api.ts'
import { openaiApi } from './openai/openai-api.ts'
import type { SimulatedApiFactory } from './simulated-api.ts'
import { xaiApi } from './xai/xai-api.ts'

/** The providers that a simulator can speak like. */
export const simulatedApis = {
  openai: openaiApi,
  xai: xaiApi,
  groq: groqApi,
  anthropic: anthropicApi,
  ollama: ollamaApi,
  gemini: geminiApi,
} satisfies Readonly<Record<string, SimulatedApiFactory>>
