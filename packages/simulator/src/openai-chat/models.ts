/** One model that the simulated provider serves. */
export interface SimulatedModel {
  readonly id: string
  /** Tokens, in and out together; default 128,000. */
  readonly contextWindow?: number
  /** Tokens; default 16,384. */
  readonly maxOutputTokens?: number
  /**
   * `true` thinks first: it takes `reasoning_effort` and refuses `max_tokens`, `temperature` and their kin;
   * `optional` thinks when an effort is asked for, and refuses nothing; `false`, the default, refuses an effort.
   */
  readonly reasoning?: boolean | 'optional'
  /** Efforts that it takes where it thinks; default all from `none` to `max`. */
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
  if (model.reasoning === 'optional') return own
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

export const allEfforts: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']
