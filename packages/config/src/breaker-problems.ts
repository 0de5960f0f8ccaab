import { everyTarget } from './chain-lists.ts'
import type { Problem } from './problem.ts'
import { resilienceOptions } from './resilience-options.ts'
import type { Config } from './schema.ts'

const openFor = 10_000

/** What is wrong with circuit breakers once defaults and chains are joined: a target has one, whoever asks it. */
export function breakerProblems(config: Config): Problem[] {
  const problems: Problem[] = []
  const settled = new Map<string, { readonly chain: string; readonly settings: string }>()
  for (const [name, chain] of Object.entries(config.chains ?? {})) {
    const { circuitBreaker } = resilienceOptions(config.defaults, chain)
    const path = ['chains', name, ...(chain.circuitBreaker === undefined ? [] : ['circuitBreaker'])]
    if ((circuitBreaker.maxOpenForMs ?? Number.POSITIVE_INFINITY) < (circuitBreaker.openForMs ?? openFor)) {
      problems.push({ path, message: 'maxOpenFor must not be shorter than openFor' })
    }
    const settings = JSON.stringify(Object.entries(circuitBreaker).sort())
    for (const { target } of everyTarget(chain)) {
      if (Object.hasOwn(config.chains ?? {}, target.model)) continue
      const first = settled.get(target.model) ?? { chain: name, settings }
      settled.set(target.model, first)
      if (first.settings === settings) continue
      problems.push({
        path,
        message: `"${target.model}" has one circuit breaker for all chains, and the chain "${first.chain}" sets it otherwise; give both the same circuitBreaker, or write it under defaults`,
      })
    }
  }
  return problems
}
