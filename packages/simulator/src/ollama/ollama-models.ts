import type { SimulatedModel } from '../simulated-model.ts'

/** What an Ollama simulator serves where nothing else is said. */
export const ollamaModels: readonly SimulatedModel[] = [
  { id: 'llama-sim:latest', role: 'usual', contextWindow: 131_072 },
  { id: 'llama-sim:1b', role: 'small', contextWindow: 8_192, maxOutputTokens: 1_024, refuses: ['images'] },
  { id: 'qwen-sim:latest', role: 'reasoning', contextWindow: 40_960, reasoning: true },
  { id: 'gemma-sim:latest', contextWindow: 8_192, refuses: ['tools', 'images'] },
  { id: 'llama-sim:text', role: 'prefill', contextWindow: 8_192, prefill: 'continued' },
  { id: 'embed-sim:latest', role: 'embedding', contextWindow: 2_048, dimensions: 64 },
]

/** What the server says that a model can do. */
export function capabilitiesOf({ dimensions, reasoning, refuses = [] }: SimulatedModel): readonly string[] {
  if (dimensions !== undefined) return ['embedding']
  return [
    'completion',
    ...(refuses.includes('tools') ? [] : ['tools']),
    ...(refuses.includes('images') ? [] : ['vision']),
    ...(reasoning ? ['thinking'] : []),
  ]
}

/** Tokens that a model was trained to have before it. */
export function trainedContext({ contextWindow = 131_072 }: SimulatedModel): number {
  return contextWindow
}
