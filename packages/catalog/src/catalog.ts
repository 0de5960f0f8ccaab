import {
  type Clock,
  type EmbeddingRequest,
  type MessageRequest,
  type ModelFactsPort,
  SwitchyardError,
  systemClock,
  type Usage,
} from '@switchyard/core'
import { billingAt, type FindModel } from './billing.ts'
import type { Moment } from './calendar-date.ts'
import { type Cost, type CostOptions, costOf } from './cost.ts'
import { catalogData } from './data/index.ts'
import { type CostEstimate, type EstimateOptions, estimateOf } from './estimate.ts'
import type { CatalogModel } from './model.ts'
import { type ModelFilter, matches } from './model-filter.ts'
import { splitReference } from './model-names.ts'
import { checkOverride, type ModelOverride } from './model-override.ts'
import { statusAt } from './model-status.ts'
import { type LearnedModels, ProviderModels } from './provider-models.ts'
import { type RetirementOptions, retirementOf, type TargetRetirement } from './retirements.ts'

export interface CatalogOptions {
  /** What the user knows better, or adds, by `provider/model`. */
  readonly overrides?: Readonly<Record<string, ModelOverride>>
  /**
   * The provider that each configured one is: `{ work: 'openai' }`. `openai`, `anthropic`, `gemini`, `xai`, `groq` and
   * `ollama` are themselves unless it says otherwise.
   */
  readonly providers?: Readonly<Record<string, string>>
  /** Tells now; default: the machine's. */
  readonly clock?: Pick<Clock, 'wall'>
}

/** A model of the catalogue, or its `provider/model`. */
export type ModelReference = CatalogModel | string

/** What is known of models. Providers are named as the configuration names them. */
export interface Catalog {
  /** For providers: `undefined` for a model nobody knows, and the same object for the same model until more is learned. */
  readonly facts: ModelFactsPort
  /** By id, alias or dated id, as `get('openai', 'gpt-5.4')` or `get('openai/gpt-5.4')`; never by likeness. */
  get(provider: string, model: string): CatalogModel | undefined
  get(reference: string): CatalogModel | undefined
  /** Every model that fits, in the catalogue's order. */
  find(filter?: ModelFilter): readonly CatalogModel[]
  /**
   * What a call cost, at the prices of a moment (default: now).
   *
   * @throws {SwitchyardError} `invalid-request` where a count of the usage is no whole number from 0 up.
   */
  cost(usage: Usage, model: ModelReference, at?: Moment, options?: CostOptions): Cost
  /** What a request will cost, and what it cannot exceed; of embeddings too. With `cost`, a `Pricing` for accounts. */
  estimate(request: MessageRequest | EmbeddingRequest, model: ModelReference, options?: EstimateOptions): CostEstimate
  /** Of these targets (`provider/model`), those whose models end, with when and what instead; in the order given. */
  retirements(targets: Iterable<string>, options?: RetirementOptions): readonly TargetRetirement[]
  /** Takes what a provider's own list tells, instead of what it told before. */
  learn(provider: string, learned: LearnedModels): void
}

/** @throws {SwitchyardError} `invalid-request` where an override cannot be. */
export function createCatalog(options: CatalogOptions = {}): Catalog {
  return new ModelCatalog(options)
}

const soon = 60
class ModelCatalog implements Catalog {
  readonly #providers = new Map<string, ProviderModels>()
  readonly #families: Readonly<Record<string, string>>
  readonly #overrides = new Map<string, Map<string, ModelOverride>>()
  readonly #clock: Pick<Clock, 'wall'>

  constructor({ overrides = {}, providers = {}, clock = systemClock }: CatalogOptions) {
    this.#clock = clock
    this.#families = { ...Object.fromEntries(Object.keys(catalogData).map(name => [name, name])), ...providers }
    for (const [reference, override] of Object.entries(overrides)) {
      const halves = splitReference(reference)
      if (halves === undefined) {
        throw new SwitchyardError('invalid-request', `"${reference}" names no model: write provider/model.`)
      }
      checkOverride(reference, override)
      const [provider, model] = halves
      const own = this.#overrides.get(provider) ?? new Map<string, ModelOverride>()
      this.#overrides.set(provider, own.set(model, override))
    }
    for (const id of [...Object.keys(this.#families), ...this.#overrides.keys()]) this.#provider(id)
  }

  readonly facts: ModelFactsPort = (provider, model) => this.#providers.get(provider)?.find(model)?.facts

  get(provider: string, model?: string): CatalogModel | undefined {
    if (model !== undefined) return this.#providers.get(provider)?.find(model)?.model
    const halves = splitReference(provider)
    return halves && this.get(...halves)
  }

  find(filter: ModelFilter = {}): readonly CatalogModel[] {
    const at = this.#clock.wall()
    return [...this.#providers.values()].flatMap(models =>
      models.list().filter(model => {
        const period = billingAt(model, at, this.#find)?.period
        const now = { status: statusAt(model, at), inputPrice: period?.input, outputPrice: period?.output }
        return matches(model, now, filter)
      }),
    )
  }

  cost(usage: Usage, model: ModelReference, at?: Moment, options?: CostOptions): Cost {
    const known = this.#model(model)
    return costOf(usage, known && billingAt(known, this.#moment(at), this.#find), options)
  }

  estimate(
    request: MessageRequest | EmbeddingRequest,
    model: ModelReference,
    options: EstimateOptions = {},
  ): CostEstimate {
    const known = this.#model(model) ?? unknownModel(model)
    const family = this.#families[known.provider] ?? known.provider
    return estimateOf(request, known, family, this.#find, this.#moment(options.at), options)
  }

  retirements(targets: Iterable<string>, options: RetirementOptions = {}): readonly TargetRetirement[] {
    const { withinDays = soon } = options
    return [...targets].flatMap(target => {
      const model = this.get(target)
      const found = model && retirementOf(target, model, this.#moment(options.at), withinDays)
      return found ? [found] : []
    })
  }

  learn(provider: string, learned: LearnedModels): void {
    this.#provider(provider).learn(learned)
  }

  readonly #find: FindModel = (provider, id) => this.get(provider, id)

  #model(reference: ModelReference): CatalogModel | undefined {
    return typeof reference === 'string' ? this.get(reference) : reference
  }

  #moment(at: Moment = this.#clock.wall()): number {
    return typeof at === 'number' ? at : at.getTime()
  }

  #provider(id: string): ProviderModels {
    const known = this.#providers.get(id)
    if (known !== undefined) return known
    const family = this.#families[id] ?? id
    const made = new ProviderModels({
      id,
      family,
      data: Object.hasOwn(catalogData, family) ? (catalogData[family] ?? []) : [],
      overrides: this.#overrides.get(id) ?? new Map(),
    })
    this.#providers.set(id, made)
    return made
  }
}

function unknownModel(reference: ModelReference): CatalogModel {
  const [provider, id] = splitReference(String(reference)) ?? ['', String(reference)]
  return { provider, id, origin: 'provider', status: 'active', capabilities: {}, prices: [] }
}
