import type { Holding, Scope, ScopedAttempt } from './scope.ts'

/**
 * What holds for an attempt, each once, in the order of the holdings; `meaning` tells what a holding's name stands for.
 * However many holdings there are, an attempt is looked up, not compared with all.
 */
export function heldBy<Value>(
  holdings: readonly Holding[],
  meaning: (name: string) => Value,
): (attempt: ScopedAttempt) => readonly Value[] {
  const all: number[] = []
  const named = new Map<Scope['type'], Map<string, number[]>>()
  const names = [...new Set(holdings.map(holding => holding.name))]
  const values = names.map(meaning)
  for (const { scope, name } of holdings) {
    const at = names.indexOf(name)
    if (scope.type === 'all') {
      all.push(at)
      continue
    }
    const places = named.get(scope.type) ?? new Map<string, number[]>()
    named.set(scope.type, places)
    places.set(scope.name, [...(places.get(scope.name) ?? []), at])
  }
  const [chains, keys, providers, models, tags] = (['chain', 'key', 'provider', 'model', 'tag'] as const).map(type =>
    named.get(type),
  )
  return attempt => {
    const found = [...all]
    const add = (places: Map<string, number[]> | undefined, name: string | undefined): void => {
      const more = name === undefined ? undefined : places?.get(name)
      if (more !== undefined) found.push(...more)
    }
    if (chains !== undefined) for (const chain of attempt.chains) add(chains, chain)
    add(keys, attempt.context.principal)
    add(providers, attempt.provider)
    add(models, attempt.target)
    if (tags !== undefined) for (const tag of attempt.context.tags ?? []) add(tags, tag)
    if (found.length < 2) return found.map(at => values[at] as Value)
    return [...new Set(found)].sort((one, other) => one - other).map(at => values[at] as Value)
  }
}
