import { targetLists } from './chain-lists.ts'
import type { ConfigNames, TargetName } from './config-names.ts'
import { holderProblems } from './holder-problems.ts'
import { keyProblems } from './key-problems.ts'
import { parseModelReference } from './model-reference.ts'
import { didYouMean } from './nearest-name.ts'
import type { ConfigPath, Problem } from './problem.ts'

/** What is wrong with the names of a configuration, taken together. */
export function nameProblems(config: ConfigNames): Problem[] {
  return [
    ...providerProblems(config),
    ...chainNameProblems(config),
    ...targetsOf(config).flatMap(({ path, target }) => targetProblems(config, [...path, ...target.path], target)),
    ...duplicateTargetProblems(config),
    ...cycleProblems(config),
    ...aliasProblems(config),
    ...modelProblems(config),
    ...holderProblems(config),
    ...keyProblems(config),
  ]
}

/** The targets that can be read, of all chains. */
function targetsOf({ chains }: ConfigNames) {
  return Object.entries(chains).flatMap(([chain, lists]) => targetsOfChain(chain, lists))
}

function targetsOfChain(chain: string, lists: ConfigNames['chains'][string]) {
  return targetLists.flatMap(list =>
    lists[list].flatMap((target, at) =>
      target === undefined ? [] : [{ target, list, path: ['chains', chain, list, at] satisfies ConfigPath }],
    ),
  )
}

const providerId = /^[a-z0-9][a-z0-9._-]*$/

function providerProblems(config: ConfigNames): Problem[] {
  const problems: Problem[] = []
  for (const id of Object.keys(config.providers)) {
    const path = ['providers', id]
    if (!providerId.test(id)) {
      problems.push({ path, message: 'a provider is named with lower-case letters, digits, ".", "_" and "-"' })
    }
  }
  return problems
}

function chainNameProblems(config: ConfigNames): Problem[] {
  const problems: Problem[] = []
  for (const name of Object.keys(config.chains)) {
    const path = ['chains', name]
    if (name === '') problems.push({ path, message: 'a chain needs a name' })
    if (name.includes('/')) problems.push({ path, message: 'a chain\'s name has no "/": that is for provider/model' })
    if (Object.hasOwn(config.providers, name)) {
      problems.push({ path, message: 'a provider has this name already; rename one of them' })
    }
  }
  return problems
}

function targetProblems(config: ConfigNames, path: ConfigPath, target: TargetName): Problem[] {
  const reference = parseModelReference(target.model)
  const problem = (message: string): Problem[] => [{ path, message }]
  if (reference.provider !== undefined) {
    if (reference.model === '') return problem(`"${reference.provider}/" names no model; write provider/model`)
    if (Object.hasOwn(config.providers, reference.provider)) return []
    return problem(unknownProvider(reference.provider, config))
  }
  const { name } = reference
  if (Object.hasOwn(config.chains, name)) {
    if (!target.settings) return []
    return problem(`"${name}" is a chain, which brings its own settings; take them out (weight and when may stay)`)
  }
  const provider = Object.hasOwn(config.providers, name) ? config.providers[name] : undefined
  if (provider !== undefined) {
    if (provider.model !== undefined) return []
    return problem(`"${name}" is a provider; write ${name}/<model>, or give providers.${name} a model`)
  }
  const known = [...Object.keys(config.chains), ...Object.keys(config.providers)]
  return problem(`there is no chain "${name}"${didYouMean(name, known) || '; a model is written provider/model'}`)
}

function unknownProvider(id: string, config: ConfigNames): string {
  const known = Object.keys(config.providers)
  return `there is no provider "${id}"${didYouMean(id, known) || `; providers: ${known.join(', ')}`}`
}

function duplicateTargetProblems(config: ConfigNames): Problem[] {
  return Object.entries(config.chains).flatMap(([name, chain]) => {
    const seen = new Set<string>()
    return targetsOfChain(name, chain).flatMap(({ target: { model }, list, path }): Problem[] => {
      const place = `${list} ${model}`
      if (!seen.has(place)) {
        seen.add(place)
        return []
      }
      const where = list === 'targets' ? 'this chain' : 'this list'
      return [{ path, message: `"${model}" stands in ${where} already; raise its attempts instead` }]
    })
  })
}

function cycleProblems(config: ConfigNames): Problem[] {
  const chains = config.chains
  const problems: Problem[] = []
  const done = new Set<string>()
  const visit = (name: string, trail: readonly string[]): void => {
    if (done.has(name)) return
    const chain = Object.hasOwn(chains, name) ? chains[name] : undefined
    for (const { target, path } of chain === undefined ? [] : targetsOfChain(name, chain)) {
      const next = target.model
      if (!Object.hasOwn(chains, next)) continue
      const way = [...trail, name]
      if (!way.includes(next)) {
        visit(next, way)
        continue
      }
      const circle = [...way.slice(way.indexOf(next)), next].join(' -> ')
      problems.push({ path, message: `a chain must not name itself (${circle}); take this target out` })
    }
    done.add(name)
  }
  for (const name of Object.keys(chains)) visit(name, [])
  return problems
}

function aliasProblems(config: ConfigNames): Problem[] {
  const chains = Object.keys(config.chains)
  const aliases = config.aliases
  return Object.entries(aliases).flatMap(([alias, meant]): Problem[] => {
    const path = ['aliases', alias]
    const reference = parseModelReference(meant)
    if (alias === '') return [{ path, message: 'an alias needs a name' }]
    if (chains.includes(alias)) return [{ path, message: 'a chain has this name already; rename one of them' }]
    if (Object.hasOwn(config.providers, alias)) {
      return [{ path, message: 'a provider has this name already; rename one of them' }]
    }
    const owner = parseModelReference(alias).provider
    if (owner !== undefined && Object.hasOwn(config.providers, owner)) {
      return [{ path, message: `this would hide a model of the provider "${owner}"; choose another name` }]
    }
    if (reference.provider !== undefined) {
      if (Object.hasOwn(config.providers, reference.provider) && reference.model !== '') return []
      return [{ path, message: unknownProvider(reference.provider, config) }]
    }
    if (chains.includes(meant)) return []
    if (Object.hasOwn(aliases, meant)) return [{ path, message: `"${meant}" is an alias too; name what it stands for` }]
    return [{ path, message: `there is no chain "${meant}"${didYouMean(meant, chains)}` }]
  })
}

function modelProblems(config: ConfigNames): Problem[] {
  return config.models.flatMap((name): Problem[] => {
    const reference = parseModelReference(name)
    const path = ['models', name]
    if (reference.provider === undefined) return [{ path, message: 'a model is named provider/model here' }]
    if (!Object.hasOwn(config.providers, reference.provider)) {
      return [{ path, message: unknownProvider(reference.provider, config) }]
    }
    if (reference.model !== '') return []
    return [{ path, message: `"${name}" names no model; write provider/model` }]
  })
}
