import { describe, it } from 'vitest'
import { runCheck, wireOf } from './bench.ts'
import type { ConformanceCheck, ConformanceOptions } from './conformance.ts'
import { conformanceChecks } from './conformance-checks.ts'
import { gapsOf } from './gaps.ts'

/** Generous: the slowest check takes a few seconds on a busy machine. */
const checkTimeoutMs = 60_000

/**
 * Registers the conformance suite for a provider in a vitest file; call it once.
 * @throws {TypeError} when `skip` names no check, or gives no reason, and when nothing is known of the dialect.
 */
export function testProvider(name: string, options: ConformanceOptions): void {
  wireOf(options)
  const skipped = gapsOf(options).checks
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
