import type { SoakRecord } from './run-soak.ts'

/** One promise, and whether it was kept. */
export interface Verdict {
  readonly promise: string
  readonly kept: boolean
  readonly seen: string
}

// what a process of this size gains and loses by itself
const heapSlackBytes = 6_000_000

/** Whether everything is back to where it began, and whether it happened at all. */
export function judgeSoak(record: SoakRecord): readonly Verdict[] {
  const { before, during, after, tally, exitCode, freezes } = record
  const counted = (what: string, key: 'sockets' | 'descriptors' | 'timers', more = ''): Verdict => ({
    promise: `no more ${what} than before`,
    kept: after[key] <= before[key],
    seen: `${before[key]} before, ${during[key]} in the middle, ${after[key]} after${more}`,
  })
  const grown = after.heapBytes - before.heapBytes
  return [
    {
      promise: 'memory is back to where it began',
      kept: grown <= heapSlackBytes,
      seen: `${megabytes(before.heapBytes)} before, ${megabytes(during.heapBytes)} in the middle, ${megabytes(after.heapBytes)} after`,
    },
    counted('sockets', 'sockets', ` (${JSON.stringify(before.peers)}, then ${JSON.stringify(after.peers)})`),
    counted('file descriptors', 'descriptors'),
    counted('timers', 'timers', ` (${JSON.stringify(before.resources)}, then ${JSON.stringify(after.resources)})`),
    {
      promise: 'no attempt is on its way',
      kept: after.inFlight === 0,
      seen: `${during.inFlight} in the middle, ${after.inFlight} after`,
    },
    {
      promise: 'no place is taken or waited for',
      kept: after.places === 0,
      seen: `${during.places} in the middle, ${after.places} after`,
    },
    { promise: 'every circuit is closed', kept: after.circuits === 0, seen: `${after.circuits} are not` },
    {
      promise: 'nobody saw anything but the answer, or its beginning and an error',
      kept: tally.wrong.length === 0,
      seen:
        tally.wrong.slice(0, 3).join('\n') ||
        `${tally.whole} whole, ${tally.failed} broken, ${tally.refused} refused, ${tally.left} left; ${codesText(tally)}`,
    },
    {
      promise: 'all of it happened',
      kept:
        tally.whole > 100 && tally.left > 20 && during.inFlight > 0 && during.sockets > after.sockets && freezes > 0,
      seen: `${tally.whole} whole, ${tally.left} left, ${freezes} times Redis or the database stood still`,
    },
    { promise: 'the process ends by itself', kept: exitCode === 0, seen: `exit code ${exitCode}` },
  ]
}

/** The verdicts for a person. */
export function soakResults(record: SoakRecord, verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ promise, kept, seen }) => `  ${kept ? 'kept  ' : 'BROKEN'}  ${promise}: ${seen}`)
  return [`Soak: ${record.seconds.toFixed(1)} s`, ...lines].join('\n')
}

function codesText({ codes }: SoakRecord['tally']): string {
  const listed = Object.entries(codes).sort(([, one], [, other]) => other - one)
  return listed.map(([code, count]) => `${count} ${code}`).join(', ')
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
