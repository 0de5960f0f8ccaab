import type { Holding, Scope } from '@switchyard/core'
import type { Config } from './schema.ts'

type Held = 'budget' | 'limit'
type Holder = { readonly [Kind in Held]?: readonly string[] | undefined }

/** Whom each budget, or each limit, of a configuration holds for. */
export function holdings(config: Config, kind: Held): readonly Holding[] {
  const found: Holding[] = []
  const add = (scope: Scope, holder: Holder | undefined): void => {
    for (const name of holder?.[kind] ?? []) found.push({ scope, name })
  }
  const addAll = (
    type: 'chain' | 'provider' | 'model' | 'tag',
    holders: Readonly<Record<string, Holder>> = {},
  ): void => {
    for (const [name, holder] of Object.entries(holders)) add({ type, name }, holder)
  }
  add({ type: 'all' }, config.server)
  addAll('provider', config.providers)
  addAll('model', config.models)
  addAll('chain', config.chains)
  addAll('tag', config.tags)
  for (const key of config.keys ?? []) add({ type: 'key', name: key.name }, key)
  return found
}
