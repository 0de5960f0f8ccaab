import { type Chain, SwitchyardError } from '@switchyard/core'
import type { ConfiguredModel } from './assemble.ts'
import { everyTarget, targetSection } from './chain-lists.ts'
import { parseModelReference } from './model-reference.ts'
import { nearestName } from './nearest-name.ts'
import type { Config } from './schema.ts'

// far longer than any there is; names go into logs, headers and our memory
const longestName = 256

function checkName(model: string): void {
  const problem =
    model.length > longestName
      ? `is longer than ${longestName} characters`
      : // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
        /[\u0000-\u001f\u007f]/.test(model)
        ? 'holds a line break or another control character'
        : undefined
  if (problem !== undefined) {
    throw new SwitchyardError('invalid-request', `The model's name ${problem}.`, { param: 'model' })
  }
}

// models that only clients name are as many as clients invent
const mostUnlisted = 1_000

/** What a request's `model` stands for. */
export class ModelDirectory {
  readonly #config: Config
  readonly #chains: ReadonlyMap<string, Chain>
  readonly #createDirect: (model: string, listed: boolean) => Chain
  readonly #listed = new Set<string>()
  readonly #direct = new Map<string, Chain>()
  readonly #unlisted = new Map<string, Chain>()

  /** `createDirect` makes the chain of one for `provider/model`; unlisted models get breakers of their own. */
  constructor(
    config: Config,
    chains: ReadonlyMap<string, Chain>,
    createDirect: (model: string, listed: boolean) => Chain,
  ) {
    this.#config = config
    this.#chains = chains
    this.#createDirect = createDirect
    for (const chain of Object.values(config.chains ?? {})) {
      for (const { target } of everyTarget(chain)) this.#list(target.model)
    }
    for (const [id, provider] of Object.entries(config.providers)) {
      if (provider.model !== undefined) this.#list(`${id}/${provider.model}`)
    }
    for (const model of Object.keys(config.models ?? {})) this.#list(model)
    for (const meant of Object.values(config.aliases ?? {})) this.#list(meant)
  }

  resolve(model: string | undefined): Chain {
    if (model === undefined || model === '') {
      throw new SwitchyardError('invalid-request', `Name a model. ${this.#there()}`, { param: 'model' })
    }
    const chain = this.#chains.get(model)
    if (chain !== undefined) return chain
    const { aliases = {}, providers } = this.#config
    const meant = Object.hasOwn(aliases, model) ? aliases[model] : undefined
    if (meant !== undefined) return this.resolve(meant)
    const reference = parseModelReference(model)
    if (reference.provider === undefined) {
      const own = Object.hasOwn(providers, model) ? providers[model]?.model : undefined
      if (own !== undefined) return this.resolve(`${model}/${own}`)
    } else if (Object.hasOwn(providers, reference.provider) && reference.model !== '') {
      return this.#directChain(model)
    }
    throw this.#notFound(model)
  }

  models(): readonly ConfiguredModel[] {
    const { chains = {}, aliases = {} } = this.#config
    return [
      ...Object.entries(chains).map(([id, chain]) => ({
        id,
        kind: 'chain' as const,
        targets: chain.targets.map(target => targetSection(target).model),
        ...(chain.select !== undefined && chain.select !== 'priority' && { select: chain.select }),
      })),
      ...Object.entries(aliases).map(([id, meant]) => ({ id, kind: 'alias' as const, targets: [meant] })),
      ...[...this.#listed].map(id => ({ id, kind: 'model' as const, targets: [] })),
    ]
  }

  /** The chains of one that were made so far. */
  direct(): readonly Chain[] {
    return [...this.#direct.values(), ...this.#unlisted.values()]
  }

  #list(model: string): void {
    if (parseModelReference(model).provider !== undefined) this.#listed.add(model)
  }

  #directChain(model: string): Chain {
    const listed = this.#listed.has(model)
    if (!listed) checkName(model)
    const chains = listed ? this.#direct : this.#unlisted
    const chain = chains.get(model) ?? this.#createDirect(model, listed)
    if (!listed) {
      // to the end: the least recently used is first
      chains.delete(model)
      if (chains.size >= mostUnlisted) chains.delete(chains.keys().next().value as string)
    }
    chains.set(model, chain)
    return chain
  }

  #notFound(model: string): SwitchyardError {
    const names = this.models().map(known => known.id)
    const nearest = nearestName(model, names)
    const guess = nearest === undefined ? '' : ` Did you mean "${nearest}"?`
    const shown = JSON.stringify(model.length > 100 ? `${model.slice(0, 100)}...` : model)
    return new SwitchyardError('not-found', `There is no model ${shown}.${guess} ${this.#there()}`, { param: 'model' })
  }

  #there(): string {
    const { chains = {}, aliases = {}, providers } = this.#config
    const names = [...Object.keys(chains), ...Object.keys(aliases)]
    const listed = names.length === 0 ? '' : `Chains and aliases: ${names.join(', ')}. `
    return `${listed}Or name a provider's model: ${Object.keys(providers)
      .map(id => `${id}/<model>`)
      .join(', ')}.`
  }
}
