import type { SimulatedModel } from '../simulated-model.ts'

/** What an OpenAI simulator serves where nothing else is said. */
export const simulatedModels: readonly SimulatedModel[] = [
  { id: 'gpt-sim', role: 'usual' },
  { id: 'gpt-sim-mini', role: 'small', contextWindow: 8_192, maxOutputTokens: 1_024 },
  { id: 'gpt-sim-reasoning', role: 'reasoning', reasoning: true, contextWindow: 400_000, maxOutputTokens: 128_000 },
  // chat completions take function tools from it only while it does not think
  { id: 'gpt-sim-chat-tools', reasoning: true, toolsNeedNoEffort: true },
  // and from this one never: it cannot but think
  {
    id: 'gpt-sim-responses',
    reasoning: true,
    toolsNeedNoEffort: true,
    reasoningEfforts: ['low', 'medium', 'high', 'xhigh'],
  },
  { id: 'gpt-sim-prefill', role: 'prefill', prefill: 'continued' },
  { id: 'text-embedding-sim', role: 'embedding', dimensions: 64 },
]
