import { type MessageRequest, type ModelFacts, type ModelFactsPort, SwitchyardError } from '@switchyard/core/contract'

export interface ModelSettingsOptions {
  /** What holds for every model of the provider, under what `facts` knows of one. */
  readonly modelDefaults?: ModelFacts | ((model: string) => ModelFacts)
  readonly facts?: ModelFactsPort | undefined
  readonly model?: string | undefined
  readonly maxTokens?: number | undefined
  readonly temperature?: number | undefined
}

interface KnownModel {
  readonly usual: ModelFacts
  readonly known: ModelFacts | undefined
  readonly facts: ModelFacts
}

const none: ModelFacts = {}
// clients may name as many models as they like
const mostKept = 256

/** What a provider adds to a request of its own: the model, the settings that it leaves open, and what is known. */
export class ModelSettings {
  readonly #provider: string
  readonly #options: ModelSettingsOptions
  readonly #kept = new Map<string, KnownModel>()

  constructor(provider: string, options: ModelSettingsOptions) {
    this.#provider = provider
    this.#options = options
  }

  /** @throws {SwitchyardError} `invalid-request` where nobody names a model. */
  model(asked: string | undefined): string {
    const model = asked ?? this.#options.model
    if (model) return model
    const message = `Name a model: neither the request nor provider "${this.#provider}" does.`
    throw new SwitchyardError('invalid-request', message, { provider: this.#provider, param: 'model' })
  }

  /** The same object for as long as the same is known: it is asked for at every call. */
  facts(model: string): ModelFacts {
    const { facts, modelDefaults = none } = this.#options
    const kept = this.#kept.get(model)
    const known = facts?.(this.#provider, model)
    if (kept !== undefined && kept.known === known) return kept.facts
    const usual = kept?.usual ?? (typeof modelDefaults === 'function' ? modelDefaults(model) : modelDefaults)
    const made = { usual, known, facts: known === undefined ? usual : mergedFacts(usual, known) }
    if (this.#kept.size >= mostKept) this.#kept.clear()
    this.#kept.set(model, made)
    return made.facts
  }

  completed(request: MessageRequest): MessageRequest {
    const { maxTokens, temperature } = this.#options
    const cap = request.maxOutputTokens === undefined ? maxTokens : undefined
    const warmth = request.temperature === undefined ? temperature : undefined
    if (cap === undefined && warmth === undefined) return request
    return {
      ...request,
      ...(cap !== undefined && { maxOutputTokens: cap }),
      ...(warmth !== undefined && { temperature: warmth }),
    }
  }
}

/** Both, the second over the first where both know. */
export function mergedFacts(first: ModelFacts, second: ModelFacts): ModelFacts {
  return { ...first, ...second, capabilities: { ...first.capabilities, ...second.capabilities } }
}
