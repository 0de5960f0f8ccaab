import type { ModelInfo } from '@switchyard/core'
import type { CatalogModel } from '../model.ts'
import type { GoneModel } from '../provider-models.ts'
import type { ModelList } from './model-lists.ts'

/** How a provider's list differs from what was known before it. */
export interface ModelChanges {
  readonly added: readonly ModelInfo[]
  readonly changed: readonly { readonly id: string; readonly changes: readonly string[] }[]
  readonly deprecated: readonly { readonly id: string; readonly retiresAt: string }[]
  readonly gone: readonly string[]
}

/**
 * Against the list before; where there is none, against the catalogue, of which a provider may lack any model.
 * `known` finds what the catalogue says.
 */
export function modelChanges(
  before: ModelList | undefined,
  now: readonly ModelInfo[],
  known: (id: string) => CatalogModel | undefined,
): ModelChanges {
  const told = new Map(before?.models.map(info => [info.id, info]))
  const listed = new Set(now.map(info => info.id))
  const added: ModelInfo[] = []
  const changed: { id: string; changes: readonly string[] }[] = []
  const deprecated: { id: string; retiresAt: string }[] = []
  for (const info of now) {
    const model = before === undefined ? known(info.id) : undefined
    const previous = told.get(info.id) ?? (model && infoOf(model))
    if (previous === undefined) added.push(info)
    if (info.retiresAt !== undefined && previous?.retiresAt === undefined) {
      deprecated.push({ id: info.id, retiresAt: info.retiresAt })
    }
    const changes = previous === undefined ? [] : differences(previous, info, before !== undefined)
    if (changes.length > 0) changed.push({ id: info.id, changes })
  }
  return { added, changed, deprecated, gone: [...told.keys()].filter(id => !listed.has(id)) }
}

/** The models that were listed once and are not now. */
export function goneModels(
  before: ModelList | undefined,
  now: readonly ModelInfo[],
  gone: readonly string[],
  at: number,
): readonly GoneModel[] {
  const listed = new Set(now.map(info => info.id))
  const earlier = before?.gone.filter(({ id }) => !listed.has(id)) ?? []
  return [...earlier, ...gone.map(id => ({ id, since: at }))]
}

function infoOf({ id, contextWindow, maxOutputTokens, retirement }: CatalogModel): ModelInfo {
  return {
    id,
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(retirement?.date !== undefined && { retiresAt: retirement.date }),
  }
}

// what is not said any more is no change; what is said for the first time is one, unless only the catalogue is compared
function differences(before: ModelInfo, now: ModelInfo, complete: boolean): string[] {
  const changes: string[] = []
  const compare = (name: string, was: unknown, is: unknown) => {
    if (is !== undefined && is !== was && (complete || was !== undefined)) changes.push(name)
  }
  compare('contextWindow', before.contextWindow, now.contextWindow)
  compare('maxOutputTokens', before.maxOutputTokens, now.maxOutputTokens)
  if (before.retiresAt !== undefined) compare('retiresAt', before.retiresAt.slice(0, 10), now.retiresAt?.slice(0, 10))
  for (const [name, is] of Object.entries(now.capabilities ?? {})) {
    compare(`capabilities.${name}`, before.capabilities?.[name as keyof ModelInfo['capabilities']], is)
  }
  return changes
}
