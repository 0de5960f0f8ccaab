import type { LimitDefinition } from '@switchyard/core'
import type { Config } from './schema.ts'

/** The limits of a configuration, in the engine's words. */
export function limitDefinitions(config: Config): readonly LimitDefinition[] {
  return Object.entries(config.limits ?? {}).map(([name, { maxWait, ...limit }]) => {
    const given = Object.fromEntries(Object.entries(limit).filter(([, value]) => value !== undefined))
    return { name, ...given, ...(maxWait !== undefined && { maxWaitMs: maxWait }) }
  })
}
