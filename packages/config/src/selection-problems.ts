import { everyTarget, type TargetSection, targetSection } from './chain-lists.ts'
import type { Problem } from './problem.ts'
import type { ChainConfig, Config } from './schema.ts'

/** What would choose nothing: weights that nobody looks at, conditions that nothing meets, a second target that is not there. */
export function selectionProblems(config: Config): Problem[] {
  return Object.entries(config.chains ?? {}).flatMap(([name, chain]) => {
    const path = ['chains', name]
    const problems: Problem[] = weightProblems(chain).map(problem => ({ ...problem, path: [...path, ...problem.path] }))
    if (chain.targets.length === 1 && chain.hedge) {
      const message = 'asks the next target as well, and there is none; add a target, or remove the key'
      problems.push({ path: [...path, 'hedge'], message })
    }
    for (const { list, at, target } of everyTarget(chain)) {
      const message = unmetCondition(config, target)
      if (message !== undefined) problems.push({ path: [...path, list, at, 'when'], message })
    }
    return problems
  })
}

function weightProblems(chain: ChainConfig): Problem[] {
  const stated = everyTarget(chain).filter(({ target }) => target.weight !== undefined)
  const problems: Problem[] = stated.flatMap(({ list, at }) => {
    const path = [list, at, 'weight']
    if (list !== 'targets') return [{ path, message: `${list} is asked in its order; remove the key` }]
    if (chain.select === 'weighted') return []
    return [{ path, message: `counts only where select is weighted; write select: weighted, or remove the key` }]
  })
  if (problems.length === 0 && chain.targets.every(target => targetSection(target).weight === 0)) {
    problems.push({ path: ['targets'], message: 'every weight is 0, so nobody would be asked; give one of them more' })
  }
  return problems
}

// by what the configuration itself says of the model; what the catalogue says may change
function unmetCondition({ models = {} }: Config, { model, when }: TargetSection): string | undefined {
  const known = Object.hasOwn(models, model) ? models[model] : undefined
  if (when === undefined || known === undefined) return undefined
  if (when.minInputTokens !== undefined && when.minInputTokens > (known.contextWindow ?? Number.POSITIVE_INFINITY)) {
    return `no request has minInputTokens ${when.minInputTokens} and fits into its contextWindow, ${known.contextWindow}; make it smaller`
  }
  if (when.capabilities?.every(capability => known.capabilities?.[capability] === false)) {
    return `models says that it has none of these capabilities (${when.capabilities.join(', ')}); correct one of the two`
  }
  return undefined
}
