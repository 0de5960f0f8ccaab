import type { Holding } from '@switchyard/core'
import type { ConcurrencyDefinition } from '@switchyard/core/routing'
import { everyTarget } from './chain-lists.ts'
import { parseModelReference } from './model-reference.ts'
import type { ConfigPath, Problem } from './problem.ts'
import type { Config } from './schema.ts'

type WrittenConcurrency = NonNullable<Config['providers'][string]['concurrency']>

/** One limit on what runs at once, and where it is written. */
export interface ConcurrencyLimit {
  readonly path: ConfigPath
  readonly written: WrittenConcurrency
}

/** How many attempts may run at once, by provider and by `provider/model`: a target has one limit, whoever asks it. */
export function concurrencyLimits(config: Config): {
  readonly providers: ReadonlyMap<string, ConcurrencyLimit>
  readonly targets: ReadonlyMap<string, ConcurrencyLimit>
  readonly problems: readonly Problem[]
} {
  const providers = new Map<string, ConcurrencyLimit>()
  const targets = new Map<string, ConcurrencyLimit>()
  const problems: Problem[] = []
  for (const [id, { concurrency }] of Object.entries(config.providers)) {
    if (concurrency !== undefined) providers.set(id, { path: ['providers', id, 'concurrency'], written: concurrency })
  }
  const add = (target: string, limit: ConcurrencyLimit): void => {
    const first = targets.get(target)
    if (first === undefined) targets.set(target, limit)
    else if (JSON.stringify(first.written) !== JSON.stringify(limit.written)) {
      problems.push({
        path: limit.path,
        message: `"${target}" has one limit for all chains, and ${first.path.slice(0, 2).join('.')} sets it otherwise; keep one of them`,
      })
    }
  }
  for (const [model, { concurrency }] of Object.entries(config.models ?? {})) {
    if (concurrency !== undefined) add(model, { path: ['models', model, 'concurrency'], written: concurrency })
  }
  for (const [name, chain] of Object.entries(config.chains ?? {})) {
    for (const { list, at, target } of everyTarget(chain)) {
      if (target.concurrency === undefined) continue
      const path = ['chains', name, list, at, 'concurrency']
      add(wholeName(config, target.model), { path, written: target.concurrency })
    }
  }
  return { providers, targets, problems }
}

/** The same as `createConcurrency` takes it; what is about a model is asked before what is about its provider. */
export function concurrencyDefinitions(config: Config): {
  readonly limits: readonly ConcurrencyDefinition[]
  readonly holdings: readonly Holding[]
} {
  const { providers, targets } = concurrencyLimits(config)
  const limits: ConcurrencyDefinition[] = []
  const holdings: Holding[] = []
  const add = (type: 'model' | 'provider', found: ReadonlyMap<string, ConcurrencyLimit>): void => {
    for (const [name, { written }] of found) {
      limits.push(definition(name, written))
      holdings.push({ scope: { type, name }, name })
    }
  }
  add('model', targets)
  add('provider', providers)
  return { limits, holdings }
}

function definition(name: string, { limit, adaptive, maxQueue, maxWait }: WrittenConcurrency): ConcurrencyDefinition {
  const waiting = { ...(maxQueue !== undefined && { maxQueue }), ...(maxWait !== undefined && { maxWaitMs: maxWait }) }
  if (limit !== undefined) return { name, limit, ...waiting }
  const { min, max } = adaptive === undefined || adaptive === true ? {} : adaptive
  return { name, adaptive: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) }, ...waiting }
}

// `lab` means its default model
function wholeName({ providers }: Config, model: string): string {
  const reference = parseModelReference(model)
  return reference.provider === undefined ? `${model}/${providers[model]?.model}` : model
}
