import { describe, it } from 'vitest'
import { runCheck } from './bench.ts'
import type { ConformanceCheck, ConformanceOptions } from './conformance.ts'
import { conformanceChecks } from './conformance-checks.ts'
import { skippedChecks } from './skipped-checks.ts'

/** Generous: the slowest check takes a few seconds on a busy machine. */
const checkTimeoutMs = 30_000

/**
 * Registers the conformance suite for a provider in a vitest file; call it once.
 * @throws {TypeError} when `skip` names no check, or gives no reason.
 */
export function testProvider(name: string, options: ConformanceOptions): void {
  const skipped = skippedChecks(options.skip)
  describe(`${name} as a provider`, () => {
    for (const [topic, checks] of byTopic(conformanceChecks)) {
      describe(topic, () => {
        for (const check of checks) {
          const reason = skipped.get(check)
          if (reason === undefined) it(check.name, () => runCheck(check, options), checkTimeoutMs)
          else it.skip(`${check.name} (skipped: ${reason})`, () => {})
        }
      })
    }
  })
}

function byTopic(checks: readonly ConformanceCheck[]): ReadonlyMap<string, readonly ConformanceCheck[]> {
  const topics = new Map<string, ConformanceCheck[]>()
  for (const check of checks) topics.set(check.topic, [...(topics.get(check.topic) ?? []), check])
  return topics
}
