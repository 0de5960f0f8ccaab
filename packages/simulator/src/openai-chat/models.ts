/** One model that the simulated provider serves. */
export interface SimulatedModel {
  readonly id: string
  /** Tokens, in and out together; default 128,000. */
  readonly contextWindow?: number
  /** Tokens; default 16,384. */
  readonly maxOutputTokens?: number
  /** Thinks first: takes `reasoning_effort`, refuses `max_tokens`, `temperature` and their kin. Default `false`. */
  readonly reasoning?: boolean
  /** Efforts that a reasoning model takes; default all from `none` to `high`. */
  readonly reasoningEfforts?: readonly string[]
  /** Function tools are refused unless `reasoning_effort` is `none`. Default `false`. */
  readonly toolsNeedNoEffort?: boolean
  /** Further parameters that it refuses: `stop`, `tools`. */
  readonly refuses?: readonly string[]
  /** What becomes of a conversation that ends with an assistant message; default `ignored`, as OpenAI's do. */
  readonly prefill?: 'continued' | 'ignored' | 'refused'
  /** It makes vectors of this length, and no answers. */
  readonly dimensions?: number
}

/** What is served where nothing else is said. */
export const simulatedModels: readonly SimulatedModel[] = [
  { id: 'gpt-sim' },
  { id: 'gpt-sim-mini', contextWindow: 8_192, maxOutputTokens: 1_024 },
  { id: 'gpt-sim-reasoning', reasoning: true, contextWindow: 400_000, maxOutputTokens: 128_000 },
  { id: 'gpt-sim-prefill', prefill: 'continued' },
  { id: 'text-embedding-sim', dimensions: 64 },
]

/** Parameters that a model refuses, its own and those of its kind. */
export function refusedParameters(model: SimulatedModel): readonly string[] {
  const own = model.refuses ?? []
  return model.reasoning === true ? [...own, ...refusedByReasoning] : [...own, 'reasoning_effort']
}

const refusedByReasoning = [
  'max_tokens',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
]

export const allEfforts: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high']
