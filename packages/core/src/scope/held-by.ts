import type { Holding, Scope, ScopedAttempt } from './scope.ts'

/** What one scope holds, in order. */
interface Held<Value> {
  readonly places: readonly number[]
  readonly values: readonly Value[]
}

/**
 * What holds for an attempt, each once, in the order of the holdings; `meaning` tells what a holding's name stands for.
 * However many holdings there are, an attempt is looked up, not compared with all.
 */
export function heldBy<Value>(
  holdings: readonly Holding[],
  meaning: (name: string) => Value,
): (attempt: ScopedAttempt) => readonly Value[] {
  const names = [...new Set(holdings.map(holding => holding.name))]
  const values = names.map(meaning)
  const held = (of: readonly Holding[]): Held<Value> => {
    const places = [...new Set(of.map(({ name }) => names.indexOf(name)))].sort((one, other) => one - other)
    return { places, values: places.map(place => values[place] as Value) }
  }
  const named = (type: Scope['type']): ReadonlyMap<string, Held<Value>> | undefined => {
    const byName = new Map<string, Holding[]>()
    for (const holding of holdings) {
      const { scope } = holding
      if (scope.type !== type) continue
      const name = scope.type === 'all' ? '' : scope.name
      byName.set(name, [...(byName.get(name) ?? []), holding])
    }
    return byName.size === 0 ? undefined : new Map([...byName].map(([name, of]) => [name, held(of)]))
  }
  const all = named('all')?.get('')
  const chains = named('chain')
  const keys = named('key')
  const providers = named('provider')
  const models = named('model')
  const tags = named('tag')
  return attempt => {
    const found: (Held<Value> | undefined)[] = all === undefined ? [] : [all]
    if (chains !== undefined) for (const chain of attempt.chains) found.push(chains.get(chain))
    const { principal, tags: own } = attempt.context
    if (keys !== undefined && principal !== undefined) found.push(keys.get(principal))
    if (providers !== undefined) found.push(providers.get(attempt.provider))
    if (models !== undefined) found.push(models.get(attempt.target))
    if (tags !== undefined && own !== undefined) for (const tag of own) found.push(tags.get(tag))
    return together(found, values)
  }
}

function together<Value>(found: readonly (Held<Value> | undefined)[], values: readonly Value[]): readonly Value[] {
  let only: Held<Value> | undefined
  let places: Set<number> | undefined
  for (const held of found) {
    if (held === undefined) continue
    if (only === undefined) only = held
    else {
      places ??= new Set(only.places)
      for (const place of held.places) places.add(place)
    }
  }
  if (places === undefined) return only?.values ?? []
  return [...places].sort((one, other) => one - other).map(place => values[place] as Value)
}
