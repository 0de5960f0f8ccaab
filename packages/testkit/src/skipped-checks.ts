import type { ConformanceCheck } from './conformance.ts'
import { conformanceChecks } from './conformance-checks.ts'

/** Each check that is left out, with the reason. */
export type SkippedChecks = ReadonlyMap<ConformanceCheck, string>

/** @throws {TypeError} when a name is no check and no topic, or has no reason. */
export function skippedChecks(skip: Readonly<Record<string, string>> = {}): SkippedChecks {
  const skipped = new Map<ConformanceCheck, string>()
  for (const [name, reason] of Object.entries(skip)) {
    const checks = conformanceChecks.filter(check => check.name === name || check.topic === name)
    if (checks.length === 0) throw new TypeError(`skip names "${name}", which is no check and no topic.`)
    if (reason.trim() === '') throw new TypeError(`skip gives no reason for "${name}".`)
    for (const check of checks) skipped.set(check, reason)
  }
  return skipped
}
