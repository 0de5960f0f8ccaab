import type { SimulatedModel } from '../simulated-model.ts'

/** What an Anthropic simulator serves where nothing else is said. */
export const anthropicModels: readonly SimulatedModel[] = [
  {
    id: 'claude-sim',
    role: 'usual',
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    reasoning: 'optional',
    thinking: 'effort',
    refuses: ['temperature', 'top_p', 'top_k'],
  },
  { id: 'claude-sim-small', role: 'small', contextWindow: 8_192, maxOutputTokens: 1_024 },
  {
    id: 'claude-sim-reasoning',
    role: 'reasoning',
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    reasoning: true,
    thinking: 'always',
    forcedToolChoice: false,
    refuses: ['temperature', 'top_p', 'top_k'],
  },
  {
    id: 'claude-sim-prefill',
    role: 'prefill',
    contextWindow: 200_000,
    maxOutputTokens: 32_000,
    reasoning: 'optional',
    thinking: 'budget',
    prefill: 'continued',
  },
]
