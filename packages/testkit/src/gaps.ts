import type { ConformanceCheck, ConformanceOptions } from './conformance.ts'
import { conformanceChecks } from './conformance-checks.ts'
import { dialectGaps } from './dialect-gaps.ts'
import { type Feature, features, isFeature } from './features.ts'

/** What a dialect or a provider cannot do, each with the reason. */
export interface Gaps {
  readonly features: ReadonlyMap<Feature, string>
  /** The checks that are left out. */
  readonly checks: ReadonlyMap<ConformanceCheck, string>
}

/**
 * The gaps of the dialect and those that the provider names in `skip`.
 * @throws {TypeError} when a name is no feature, no topic and no check, or has no reason.
 */
export function gapsOf({ dialect, skip = {} }: Pick<ConformanceOptions, 'dialect' | 'skip'>): Gaps {
  const named = Object.entries({ ...dialectGaps[dialect], ...skip })
  const lacking = new Map<Feature, string>()
  const skipped = new Map<ConformanceCheck, string>()
  for (const check of conformanceChecks) {
    const reason = check.except?.[dialect]
    if (reason !== undefined) skipped.set(check, reason)
  }
  for (const [name, reason] of named) {
    const checks = conformanceChecks.filter(check => concerns(check, name))
    if (checks.length === 0 && !isFeature(name)) {
      const known = features.join(', ')
      throw new TypeError(`skip names "${name}", which is no check, no topic and no feature. Features: ${known}.`)
    }
    if (reason.trim() === '') throw new TypeError(`skip gives no reason for "${name}".`)
    if (isFeature(name)) lacking.set(name, reason)
    for (const check of checks) skipped.set(check, reason)
  }
  return { features: lacking, checks: skipped }
}

function concerns(check: ConformanceCheck, name: string): boolean {
  return check.name === name || check.topic === name || check.needs.some(feature => feature === name)
}
