import { resolve } from 'node:path'
import {
  announceRetirements,
  type Catalog,
  type CatalogSync,
  createCatalog,
  type TargetRetirement,
} from '@switchyard/catalog'
import {
  type Accounting,
  BreakerBoard,
  type Chain,
  type Clock,
  type DisposeOptions,
  EventHub,
  isSwitchyardError,
  type Limiter,
  type Random,
  systemClock,
  systemRandom,
} from '@switchyard/core'
import { ProviderRegistry } from '@switchyard/core/registry'
import { type Concurrency, createConcurrency, createPerformance, type Performance } from '@switchyard/core/routing'
import type { Ledger } from '@switchyard/ledger'
import type { RedisSharing } from '@switchyard/redis'
import { openAccounts } from './accounts.ts'
import { concurrencyDefinitions } from './concurrency-limits.ts'
import { problemAt } from './config-origin.ts'
import { configuredChains } from './configured-chains.ts'
import { configuredPricing } from './configured-pricing.ts'
import { ModelDirectory } from './model-directory.ts'
import { modelOverrides } from './model-overrides.ts'
import { parseModelReference } from './model-reference.ts'
import { modelSync } from './model-sync.ts'
import type { ProviderFactory } from './provider-factory.ts'
import { registerProviders } from './registered-providers.ts'
import type { ChainConfig, Config } from './schema.ts'
import { connectSharing } from './sharing.ts'

export interface AssembleOptions {
  /** Named in errors about a configuration that no file is known of. Default `configuration`. */
  readonly file?: string
  /** From where packages of other people's providers are looked up. Default: the working directory. */
  readonly directory?: string
  /** More provider types, by name. */
  readonly providerTypes?: Readonly<Record<string, ProviderFactory>>
  /**
   * Where the ledger is kept, and what is learned of models, if the configuration does not say. Default `.switchyard`
   * in `directory`. Where it is named, or the configuration has budgets or a ledger, what is used is recorded.
   */
  readonly dataDirectory?: string
  /** Told of what goes wrong with the ledger and is nobody's call: its database is away. */
  readonly onLedgerError?: (error: Error) => void
  readonly events?: EventHub
  readonly clock?: Clock
  readonly random?: Random
}

/** What a configuration describes, running. */
export interface Switchyard extends AsyncDisposable {
  readonly registry: ProviderRegistry
  /** By name. */
  readonly chains: ReadonlyMap<string, Chain>
  /** Every target's circuit breaker; chains share them. */
  readonly breakers: BreakerBoard
  readonly events: EventHub
  /** What is known of models: the catalogue under the configuration's `models`. */
  readonly catalog: Catalog
  /** What was used, and by whom; absent where nothing is recorded. */
  readonly ledger: Ledger | undefined
  /** Where the budgets stand; absent where nothing is recorded. */
  readonly accounting: Accounting | undefined
  /** How much the limits leave; absent where there are none. */
  readonly limiter: Limiter | undefined
  /** How targets have done lately, for selection, hedging and learned time limits. */
  readonly performance: Performance
  /** How many attempts are on their way, and may be; absent where nothing limits them. */
  readonly concurrency: Concurrency | undefined
  /** Redis, where processes count together. */
  readonly sharing: RedisSharing | undefined
  /** Asks the providers for their models, on demand and by the configuration's schedule. */
  readonly modelSync: CatalogSync
  /** Of the models that the configuration names, those that retire soon, are deprecated or are gone. */
  retirements(): readonly TargetRetirement[]
  /**
   * What answers for a request's `model`: a chain, an alias, a provider's default, or `provider/model`
   * as a chain of one under the defaults. Send it the request without its model.
   *
   * @throws {SwitchyardError} `not-found`, naming what there is; `invalid-request` where there is no model.
   */
  resolve(model: string | undefined): Chain
  /** The names that `resolve` knows, in the configuration's order. */
  models(): readonly ConfiguredModel[]
  /** Ends chains and providers; idempotent. */
  dispose(options?: DisposeOptions): Promise<void>
}

export interface ConfiguredModel {
  /** What a request gives as its model. */
  readonly id: string
  readonly kind: 'chain' | 'alias' | 'model'
  /** What it stands for: a chain's targets, an alias's meaning, nothing for a model. */
  readonly targets: readonly string[]
  /** How a chain chooses among them; absent: in their order. */
  readonly select?: Exclude<ChainConfig['select'], 'priority' | undefined>
}

/**
 * Makes providers and chains of a checked configuration. Nothing touches the network but a ledger and a Redis elsewhere.
 *
 * @throws {ConfigError} naming the provider or chain that cannot be made, or the ledger that cannot be opened.
 * @throws {SwitchyardError} `unavailable` where the data directory belongs to another process.
 */
export async function assemble(config: Config, options: AssembleOptions = {}): Promise<Switchyard> {
  const clock = options.clock ?? systemClock
  const random = options.random ?? systemRandom
  const events = options.events ?? new EventHub()
  const ports = { clock, random, events }
  const registry = new ProviderRegistry({ events, clock })
  const catalog = configuredCatalog(config, options, clock)
  // the last is given up first
  const opened: (() => Promise<void>)[] = [() => registry.dispose()]
  try {
    await registerProviders(config, options, registry, catalog.facts)
    const sharing = await connectSharing(config, { clock, random, file: options.file })
    if (sharing !== undefined) opened.push(() => sharing.dispose())
    const breakers = new BreakerBoard({ ...ports, ...(sharing && { sharing: sharing.circuits }) })
    opened.push(async () => breakers.dispose())
    const pricing = configuredPricing(catalog, config.providers)
    const accounts = await openAccounts(config, {
      ...ports,
      pricing,
      sharing,
      dataDirectory: ledgerDirectory(config, options),
      file: options.file,
      onLedgerError: options.onLedgerError,
    })
    opened.push(async () => accounts[Symbol.asyncDispose]())
    const { steps, recorders, ledger, accounting, limiter } = accounts
    const performance = createPerformance({ clock, pricing })
    const concurrency = configuredConcurrency(config, { events, clock })
    if (concurrency !== undefined) opened.push(async () => concurrency.dispose())
    const chainsOf = configuredChains(config, {
      ...ports,
      registry,
      breakers,
      pricing,
      performance,
      // last: whoever waits for a place has passed all others
      steps: concurrency === undefined ? steps : [...steps, concurrency.step],
      recorders,
      file: options.file,
    })
    const { chains } = chainsOf
    const directory = new ModelDirectory(config, chains, chainsOf.direct)
    const dispose = async (how?: DisposeOptions): Promise<void> => {
      await sync.dispose()
      await Promise.all([...chains.values(), ...directory.direct()].map(chain => chain.dispose(how)))
      await registry.dispose(how)
      await disposeInTurn(opened)
    }
    const named = () => directory.models().flatMap(({ id, kind }) => (kind === 'model' ? [id] : []))
    // so that each can be stopped before anybody has asked it
    for (const model of named()) if (isProvided(model, config)) directory.resolve(model)
    const retirements = () => catalog.retirements(named())
    const told = new Set<string>()
    const announce = () => {
      const news = retirements().filter(({ target, state, date }) => isNew(told, `${target} ${state} ${date}`))
      announceRetirements(events, news, clock.wall())
    }
    const sync = modelSync(config, catalog, registry, { ...options, events, clock, onSynced: announce })
    await sync.load()
    announce()
    return {
      registry,
      chains,
      breakers,
      events,
      catalog,
      ledger,
      accounting,
      limiter,
      performance,
      concurrency,
      sharing,
      modelSync: sync,
      retirements,
      resolve: model => directory.resolve(model),
      models: () => directory.models(),
      dispose,
      [Symbol.asyncDispose]: () => dispose(),
    }
  } catch (error) {
    // why it could not be made says more than why it could not be taken down
    await disposeInTurn(opened).catch(() => {})
    throw error
  }
}

// the last first, each whatever became of the others; then the first failure
async function disposeInTurn(opened: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const dispose of opened.splice(0).reverse()) await dispose().catch(error => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

function ledgerDirectory(config: Config, { dataDirectory, directory = process.cwd() }: AssembleOptions) {
  if (dataDirectory !== undefined) return dataDirectory
  return config.ledger || config.budgets ? resolve(directory, '.switchyard') : undefined
}

function configuredConcurrency(
  config: Config,
  ports: { readonly events: EventHub; readonly clock: Clock },
): Concurrency | undefined {
  const definitions = concurrencyDefinitions(config)
  return definitions.limits.length === 0 ? undefined : createConcurrency({ ...definitions, ...ports })
}

function isProvided(model: string, { providers }: Config): boolean {
  const reference = parseModelReference(model)
  return reference.provider !== undefined && reference.model !== '' && Object.hasOwn(providers, reference.provider)
}

function isNew(known: Set<string>, item: string): boolean {
  return known.size < known.add(item).size
}

function configuredCatalog(config: Config, { file }: AssembleOptions, clock: Clock): Catalog {
  const types = Object.entries(config.providers).map(([id, { type }]) => [id, type])
  try {
    return createCatalog({ overrides: modelOverrides(config.models), providers: Object.fromEntries(types), clock })
  } catch (error) {
    if (!isSwitchyardError(error, 'invalid-request')) throw error
    const model = error.param === undefined ? [] : [error.param]
    throw problemAt(config, ['models', ...model], error.message, file)
  }
}
