import {
  type AdmissionStep,
  BreakerBoard,
  type Chain,
  type ChainOptions,
  type ChainTarget,
  type Clock,
  createChain,
  type EventHub,
  isSwitchyardError,
  type Pricing,
  type Random,
  type RequestRecorder,
} from '@switchyard/core'
import type { ProviderRegistry } from '@switchyard/core/registry'
import { leastBusy, lowestCost, lowestLatency, type Performance, weighted } from '@switchyard/core/routing'
import { everyTarget, targetSection } from './chain-lists.ts'
import { problemAt } from './config-origin.ts'
import { parseModelReference } from './model-reference.ts'
import { choiceOptions, resilienceOptions, targetOptions } from './resilience-options.ts'
import type { ChainConfig, Config, TargetConfig } from './schema.ts'

export interface ConfiguredChainsOptions {
  readonly registry: ProviderRegistry
  /** Shared by all chains. */
  readonly breakers: BreakerBoard
  readonly pricing: Pricing
  /** What was seen of targets, by all chains. */
  readonly performance: Performance
  /** Limits and budgets, and what limits how much runs at once. */
  readonly steps: readonly AdmissionStep[]
  readonly recorders: readonly RequestRecorder[]
  readonly clock: Clock
  readonly random: Random
  readonly events: EventHub
  /** Named in errors. */
  readonly file: string | undefined
}

/** The chains of a configuration. */
export interface ConfiguredChains {
  readonly chains: ReadonlyMap<string, Chain>
  /** A chain of one for `provider/model`, under the defaults; a model that is not `known` gets a breaker of its own beside its account's. */
  direct(model: string, known: boolean): Chain
}

/** @throws {ConfigError} naming the chain that cannot be made. */
export function configuredChains(config: Config, options: ConfiguredChainsOptions): ConfiguredChains {
  const { registry, breakers, performance, pricing, steps, recorders, clock, random, events, file } = options
  const shared = { performance, pricing, steps, recorders, clock, random, events }
  const defaults = resilienceOptions(config.defaults)
  // an account's breaker follows the defaults, whichever chain comes first
  for (const provider of registry.list()) breakers.account(provider.id, defaults.circuitBreaker)
  const chains = new Map<string, Chain>()

  const chainTarget = (written: TargetConfig): ChainTarget => {
    const target = targetSection(written)
    const reference = parseModelReference(target.model)
    const nested = reference.provider === undefined ? chains.get(reference.name) : undefined
    if (nested !== undefined) return { provider: nested, ...choiceOptions(target) }
    const id = reference.provider ?? reference.name
    const provider = config.providers[id] ?? { type: '' }
    const model = reference.provider === undefined ? (provider.model as string) : reference.model
    return { provider: registry.get(id), model, ...targetOptions(target, provider) }
  }
  const chainOptions = (id: string, chain: ChainConfig): ChainOptions => ({
    id,
    targets: chain.targets.map(chainTarget),
    ...selectOptions(chain.select),
    ...stickyOptions(chain.sticky),
    ...(chain.onContextLength && { onContextLength: chain.onContextLength.map(chainTarget) }),
    ...(chain.onContentFilter && { onContentFilter: chain.onContentFilter.map(chainTarget) }),
    ...resilienceOptions(config.defaults, chain),
    ...shared,
    breakers,
  })

  const requirePrices = (name: string, chain: ChainConfig): void => {
    for (const { list, at, target: section } of everyTarget(chain)) {
      const compared = chain.select === 'cost' && list === 'targets'
      if (!compared && section.when?.maxCost === undefined) continue
      const { provider, model } = chainTarget(section)
      if (model === undefined) continue
      const target = `${provider.id}/${model}`
      if (pricing.estimate(anyRequest, target, { at: clock.wall() }).expected !== undefined) continue
      const why = compared ? 'select: cost cannot compare it with others' : 'no request would meet this'
      const cure = `write models.${target}.price, or a price under providers.${provider.id}`
      const path = ['chains', name, list, at, ...(compared ? [] : ['when', 'maxCost'])]
      throw problemAt(config, path, `its price is unknown, so ${why}; ${cure}`, file)
    }
  }

  for (const [name, chain] of nestedFirst(config)) {
    requirePrices(name, chain)
    try {
      chains.set(name, createChain(chainOptions(name, chain)))
    } catch (error) {
      if (!isSwitchyardError(error, 'invalid-request')) throw error
      throw problemAt(config, ['chains', name], error.message, file)
    }
  }
  return {
    chains,
    direct: (model, known) =>
      createChain({
        id: model.replaceAll('/', ':'),
        targets: [chainTarget(model)],
        ...defaults,
        ...shared,
        breakers: known ? breakers : new BreakerBoard({ clock, random, events, accounts: breakers }),
      }),
  }
}

const anyRequest = { messages: [{ role: 'user', content: 'Hello' }] } as const

const policies = {
  weighted: () => weighted(),
  latency: () => lowestLatency(),
  cost: () => lowestCost(),
  leastBusy: () => leastBusy(),
}

// each chain has its own: weights are counted from what it chose
function selectOptions(select: ChainConfig['select']): Pick<ChainOptions, 'select'> {
  return select === undefined || select === 'priority' ? {} : { select: policies[select]() }
}

function stickyOptions(sticky: ChainConfig['sticky']): Pick<ChainOptions, 'sticky'> {
  if (sticky === undefined) return {}
  return { sticky: typeof sticky === 'boolean' ? sticky : { idleMs: sticky.idle } }
}

function nestedFirst(config: Config): [string, ChainConfig][] {
  const chains = config.chains ?? {}
  const ordered = new Map<string, ChainConfig>()
  const place = (name: string): void => {
    const chain = Object.hasOwn(chains, name) ? chains[name] : undefined
    if (chain === undefined || ordered.has(name)) return
    for (const { target } of everyTarget(chain)) place(target.model)
    ordered.set(name, chain)
  }
  for (const name of Object.keys(chains)) place(name)
  return [...ordered]
}
