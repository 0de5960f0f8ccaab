/** What a test needs a model for. */
export type ModelRole = 'usual' | 'small' | 'reasoning' | 'prefill' | 'embedding'

/** The names of a simulator's models by what they are good for; a role is absent where the provider has none. */
export type ModelRoles = { readonly usual: string } & { readonly [Role in Exclude<ModelRole, 'usual'>]?: string }

/** One model that the simulated provider serves. */
export interface SimulatedModel {
  readonly id: string
  /** What `Simulator.models` names it as; the first that answers is `usual` where no model says so. */
  readonly role?: ModelRole
  /** Tokens, in and out together; default 128,000. */
  readonly contextWindow?: number
  /** Tokens; default 16,384. */
  readonly maxOutputTokens?: number
  /**
   * `true` thinks first, and refuses what its provider's thinking models refuse (OpenAI: `max_tokens`, `temperature`
   * and their kin); `optional` thinks when it is asked to, and refuses nothing; `false`, the default, cannot think.
   */
  readonly reasoning?: boolean | 'optional'
  /**
   * How thinking is asked for where that differs by model (Anthropic): by an effort, by a budget of tokens, or by an
   * effort and never turned off. Default: `always` where `reasoning` is `true`, else either way.
   */
  readonly thinking?: 'effort' | 'budget' | 'always'
  /** Efforts that it takes where it thinks; default all from `none` to `max`. */
  readonly reasoningEfforts?: readonly string[]
  /** Function tools are refused unless `reasoning_effort` is `none`. Default `false`. */
  readonly toolsNeedNoEffort?: boolean
  /** Whether it can be made to call a tool; default `true`. */
  readonly forcedToolChoice?: boolean
  /** Further parameters that it refuses: `stop`, `tools`. */
  readonly refuses?: readonly string[]
  /** What becomes of a conversation that ends with an assistant message; the default is the provider's. */
  readonly prefill?: 'continued' | 'ignored' | 'refused'
  /** It makes vectors of this length, and no answers. */
  readonly dimensions?: number
}

// what a caller knows of the real model of that name must fit
const generous = { contextWindow: 2_097_152, maxOutputTokens: 1_048_576 }

/** The models of one simulator. */
export class ServedModels {
  readonly all: readonly SimulatedModel[]
  readonly roles: ModelRoles
  readonly #any: boolean

  constructor(models: readonly SimulatedModel[], anyModel = false) {
    this.all = models
    this.#any = anyModel
    this.roles = rolesOf(models)
  }

  /** The model of a name. With `anyModel` an unknown one is as the first of its kind, without its limits, and thinks when asked to. */
  find(name: string, kind: 'answers' | 'vectors'): SimulatedModel | undefined {
    const found = this.all.find(model => model.id === name)
    if (found !== undefined || !this.#any) return found
    const vectors = kind === 'vectors'
    const kin = this.all.find(model => (model.dimensions !== undefined) === vectors)
    return { ...(kin ?? (vectors ? { dimensions: 64 } : {})), ...generous, reasoning: 'optional', id: name }
  }
}

function rolesOf(models: readonly SimulatedModel[]): ModelRoles {
  const roles: Partial<Record<ModelRole, string>> = {}
  for (const { role, id } of models) if (role !== undefined) roles[role] ??= id
  const first = models.find(model => model.dimensions === undefined) ?? models[0]
  return { usual: first?.id ?? '', ...roles }
}

export const allEfforts: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']
