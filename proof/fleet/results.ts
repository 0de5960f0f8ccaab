import type { FleetRecord } from './fleet-record.ts'
import type { Verdict } from './judge.ts'

/** The verdicts as a table, and where promises were broken. */
export function results(record: FleetRecord, verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ promise }) => promise.length))
  const rows = verdicts.map(({ promise, kept, seen, faults }) =>
    [
      `  ${kept ? 'kept  ' : 'BROKEN'}  ${promise.padEnd(width)}  ${seen}`,
      ...(kept ? [] : faults.map(fault => `            ${fault}`)),
    ].join('\n'),
  )
  const head = `Fleet, seed ${record.seed}: ${record.callers.length} requests of callers, ${record.providers.length} at the providers, ${record.seconds.toFixed(1)} s`
  return [head, ...rows].join('\n')
}
