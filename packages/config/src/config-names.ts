/** The names a configuration gives and uses, as far as they can be read while other things in it are wrong. */
export interface ConfigNames {
  readonly providers: Readonly<Record<string, { readonly type: string; readonly model?: string }>>
  /** Absent targets are those that cannot be read. */
  readonly chains: Readonly<Record<string, { readonly targets: readonly (TargetName | undefined)[] }>>
  readonly aliases: Readonly<Record<string, string>>
  readonly models: readonly string[]
}

export interface TargetName {
  readonly model: string
  /** Where the name stands, under the target. */
  readonly path: readonly string[]
  /** It has settings beside its name. */
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
      const { targets } = record(chain)
      return { targets: Array.isArray(targets) ? targets.map(targetName) : [] }
    }),
    aliases: mapped(top.aliases, meant => (typeof meant === 'string' ? meant : undefined)),
    models: Object.keys(record(top.models)),
  }
}

function targetName(target: unknown): TargetName | undefined {
  if (typeof target === 'string') return target === '' ? undefined : { model: target, path: [], settings: false }
  const { model, ...settings } = record(target)
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
