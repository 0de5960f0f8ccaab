import type { ModelFacts, ModelInfo } from '@switchyard/core'
import type { CatalogModel, ModelData } from './model.ts'
import { modelFacts } from './model-facts.ts'
import { idOfSnapshot, withoutDefaultTag } from './model-names.ts'
import { learnedModel, type ModelOverride, overriddenModel } from './model-override.ts'

/** What a provider's own list told. */
export interface LearnedModels {
  readonly models: readonly ModelInfo[]
  /** What it listed once and lists no more. */
  readonly gone?: readonly GoneModel[]
}

export interface GoneModel {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly since: number
}

export interface ModelEntry {
  readonly model: CatalogModel
  readonly facts: ModelFacts
}

/** An entry, and what of the provider's list it was made from. */
interface MadeEntry {
  readonly from: string
  readonly entry: ModelEntry
}

export interface ProviderModelsOptions {
  /** As the configuration names it. */
  readonly id: string
  /** The provider whose naming it follows. */
  readonly family: string
  readonly data: readonly ModelData[]
  /** By the model's name. */
  readonly overrides: ReadonlyMap<string, ModelOverride>
}

// snapshots are named by clients, who can invent any number of dates
const mostSnapshots = 1_000

/** The models of one provider, by all their names. Entries keep their identity until what is known changes. */
export class ProviderModels {
  readonly #options: ProviderModelsOptions
  /** The data by every name in them. */
  readonly #data: ReadonlyMap<string, ModelData>
  readonly #distinct: ReadonlySet<string>
  #names: ReadonlyMap<string, ModelEntry> = new Map()
  #snapshots = new Map<string, ModelEntry>()
  #made: ReadonlyMap<string, MadeEntry> = new Map()

  constructor(options: ProviderModelsOptions) {
    this.#options = options
    this.#data = namesOf(options.data)
    this.#distinct = new Set(options.data.flatMap(model => model.distinctSnapshots ?? []))
    this.learn({ models: [] })
  }

  /** Every model once, in the order of the data. */
  list(): readonly CatalogModel[] {
    return [...this.#made.values()].map(({ entry }) => entry.model)
  }

  find(name: string): ModelEntry | undefined {
    return this.#names.get(name) ?? this.#snapshots.get(name) ?? this.#findByPattern(name)
  }

  /** Takes a new list for all that the provider told. */
  learn({ models, gone = [] }: LearnedModels): void {
    const { data, overrides } = this.#options
    const told = this.#told(models)
    const known = new Map<string, ModelData>()
    const made = new Map<string, MadeEntry>()
    const goneSince = new Map(gone.map(({ id, since }) => [this.#data.get(id)?.id ?? id, since]))
    const add = (model: ModelData, origin: CatalogModel['origin']) => {
      made.set(model.id, this.#entry(model, origin, told.get(model.id), goneSince.get(model.id)))
    }
    for (const model of data) {
      const info = told.get(model.id)
      known.set(model.id, info ? learnedModel(model, info) : model)
    }
    for (const { id } of [...told.values(), ...gone]) {
      if (!known.has(id) && !this.#data.has(id)) known.set(id, learnedModel(undefined, told.get(id) ?? { id }))
    }
    for (const [id, model] of known) add(model, this.#data.has(id) ? 'catalog' : 'provider')
    for (const [name, override] of overrides) add(this.#overridden(name, override, known), 'override')
    this.#made = made
    this.#names = entriesByName([...made.values()].map(({ entry }) => entry))
    this.#snapshots = new Map()
  }

  // a provider may list a model by its id, by another of its names, or by both: the id's entry counts
  #told(models: readonly ModelInfo[]): ReadonlyMap<string, ModelInfo> {
    const told = new Map<string, ModelInfo>()
    for (const info of models) {
      const id = this.#data.get(info.id)?.id ?? info.id
      const isSnapshot = !this.#data.has(id) && this.#data.has(this.#idOfSnapshot(id) ?? '')
      if (!isSnapshot && (id === info.id || !told.has(id))) told.set(id, info)
    }
    return told
  }

  #entry(
    model: ModelData,
    origin: CatalogModel['origin'],
    info: ModelInfo | undefined,
    goneSince: number | undefined,
  ): MadeEntry {
    const from = JSON.stringify([origin, info, goneSince])
    const before = this.#made.get(model.id)
    if (before?.from === from) return before
    const whole = { ...model, provider: this.#options.id, origin, ...(goneSince !== undefined && { goneSince }) }
    return { from, entry: { model: whole, facts: modelFacts(whole) } }
  }

  #overridden(name: string, override: ModelOverride, known: ReadonlyMap<string, ModelData>): ModelData {
    const meant = this.#data.get(name) ?? this.#data.get(this.#idOfSnapshot(name) ?? '')
    const base = known.get(meant?.id ?? name) ?? { id: name, status: 'active', capabilities: {}, prices: [] }
    // a name of its own takes none of the other names along
    const { aliases, datedIds, ...own } = base
    return overriddenModel(name === base.id ? base : { ...own, id: name }, override)
  }

  #findByPattern(name: string): ModelEntry | undefined {
    const id = this.#idOfSnapshot(name)
    const entry = id === undefined ? undefined : this.#names.get(id)
    if (entry === undefined) return undefined
    if (this.#snapshots.size >= mostSnapshots) this.#snapshots.clear()
    this.#snapshots.set(name, entry)
    return entry
  }

  #idOfSnapshot(name: string): string | undefined {
    if (this.#distinct.has(name)) return undefined
    const { family } = this.#options
    return withoutDefaultTag(family, name) ?? idOfSnapshot(family, name)
  }
}

function namesOf(data: readonly ModelData[]): ReadonlyMap<string, ModelData> {
  const names = new Map<string, ModelData>()
  for (const model of data) {
    for (const name of [model.id, ...(model.aliases ?? []), ...(model.datedIds ?? [])]) names.set(name, model)
  }
  return names
}

function entriesByName(entries: readonly ModelEntry[]): ReadonlyMap<string, ModelEntry> {
  const names = new Map(entries.map(entry => [entry.model.id, entry]))
  for (const entry of entries) {
    for (const name of [...(entry.model.aliases ?? []), ...(entry.model.datedIds ?? [])]) {
      if (!names.has(name)) names.set(name, entry)
    }
  }
  return names
}
