import type { SimulatedModel } from '../simulated-model.ts'

/** What a Gemini simulator serves where nothing else is said. Models that can think sign what they say. */
export const geminiModels: readonly SimulatedModel[] = [
  {
    id: 'gemini-sim',
    role: 'usual',
    contextWindow: 1_048_576,
    maxOutputTokens: 65_536,
    reasoning: 'optional',
    thinking: 'effort',
  },
  { id: 'gemini-sim-small', role: 'small', contextWindow: 8_192, maxOutputTokens: 1_024 },
  {
    id: 'gemini-sim-reasoning',
    role: 'reasoning',
    contextWindow: 1_048_576,
    maxOutputTokens: 65_536,
    reasoning: true,
    thinking: 'effort',
  },
  { id: 'gemini-sim-budget', contextWindow: 1_048_576, reasoning: 'optional', thinking: 'budget' },
  { id: 'gemini-sim-prefill', role: 'prefill', prefill: 'continued' },
  { id: 'gemini-embedding-sim', role: 'embedding', contextWindow: 8_192, dimensions: 3_072 },
]

/** Whether a model signs what it says, and wants its calls back signed. */
export function signs({ reasoning }: SimulatedModel): boolean {
  return reasoning === true || reasoning === 'optional'
}
