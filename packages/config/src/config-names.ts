import { type TargetList, targetLists } from './chain-lists.ts'
import type { ConfigPath } from './problem.ts'

/** The names a configuration gives and uses, as far as they can be read while other things in it are wrong. */
export interface ConfigNames {
  readonly providers: Readonly<Record<string, { readonly type: string; readonly model?: string }>>
  readonly chains: Readonly<Record<string, ChainNames>>
  readonly aliases: Readonly<Record<string, string>>
  readonly models: readonly string[]
  readonly budgets: readonly string[]
  readonly limits: readonly string[]
  readonly keys: readonly KeyNames[]
  /** Everything that names budgets and limits. */
  readonly holders: readonly HolderNames[]
}

/** Absent targets are those that cannot be read. */
type ChainNames = Readonly<Record<TargetList, readonly (TargetName | undefined)[]>>

interface KeyNames {
  readonly name?: string
  readonly hash?: string
  readonly chains: readonly unknown[]
}

/** A place that may hold budgets and limits, and the names it gives. */
interface HolderNames {
  readonly path: ConfigPath
  readonly budget: readonly NameAt[]
  readonly limit: readonly NameAt[]
}

interface NameAt {
  readonly name: string
  readonly path: ConfigPath
}

export interface TargetName {
  readonly model: string
  /** Where the name stands, under the target. */
  readonly path: readonly string[]
  /** It has settings that a chain brings itself. */
  readonly settings: boolean
}

/** Picks the names out of a configuration's data, of whatever shape that is. */
export function configNames(value: unknown): ConfigNames {
  const top = record(value)
  return {
    providers: mapped(top.providers, provider => {
      const { type, model } = record(provider)
      return { type: typeof type === 'string' ? type : '', ...(typeof model === 'string' && { model }) }
    }),
    chains: mapped(top.chains, chain => {
      const lists = targetLists.map(name => [name, list(record(chain)[name]).map(targetName)])
      return Object.fromEntries(lists) as ChainNames
    }),
    aliases: mapped(top.aliases, meant => (typeof meant === 'string' ? meant : undefined)),
    models: Object.keys(record(top.models)),
    budgets: Object.keys(record(top.budgets)),
    limits: Object.keys(record(top.limits)),
    keys: list(top.keys).map(keyNames),
    holders: [
      holderNames(top.server, ['server']),
      ...['providers', 'models', 'chains', 'tags'].flatMap(section =>
        Object.entries(record(top[section])).map(([name, holder]) => holderNames(holder, [section, name])),
      ),
      ...list(top.keys).map((key, at) => holderNames(key, ['keys', at])),
    ],
  }
}

function keyNames(key: unknown): KeyNames {
  const { name, hash, chains } = record(key)
  return {
    chains: list(chains),
    ...(typeof name === 'string' && { name }),
    ...(typeof hash === 'string' && { hash }),
  }
}

function holderNames(holder: unknown, path: ConfigPath): HolderNames {
  const { budget, limit } = record(holder)
  return { path, budget: namesAt(budget, [...path, 'budget']), limit: namesAt(limit, [...path, 'limit']) }
}

function namesAt(written: unknown, path: ConfigPath): readonly NameAt[] {
  if (typeof written === 'string') return [{ name: written, path }]
  return list(written).flatMap((name, at) => (typeof name === 'string' ? [{ name, path: [...path, at] }] : []))
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function targetName(target: unknown): TargetName | undefined {
  if (typeof target === 'string') return target === '' ? undefined : { model: target, path: [], settings: false }
  const { model, weight: _, when: __, ...settings } = record(target)
  if (typeof model !== 'string' || model === '') return undefined
  return { model, path: ['model'], settings: Object.keys(settings).length > 0 }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function mapped<Value>(value: unknown, read: (element: unknown) => Value | undefined): Record<string, Value> {
  const entries = Object.entries(record(value)).map(([name, element]) => [name, read(element)] as const)
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, Value] => entry[1] !== undefined))
}
