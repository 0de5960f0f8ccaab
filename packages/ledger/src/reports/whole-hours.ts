import { hourMs, nextStartOf, startOf, type TimeRange } from './usage-spans.ts'

/** What of a range roll-ups tell, and what has to be counted entry by entry. */
export interface HoursAndEdges {
  readonly hours?: TimeRange
  readonly edges: readonly TimeRange[]
  /** An hour that the range cuts has lost its entries: it counts as a whole where it begins. */
  readonly rounded: boolean
}

/** @param rawSince The hour since when no entry was deleted. */
export function wholeHours({ from, to }: TimeRange, rawSince: number): HoursAndEdges {
  const first = startOf('hour', from)
  const last = startOf('hour', to)
  const cutsFirst = first !== from
  const cutsLast = last !== to
  const firstIsRaw = cutsFirst && first >= rawSince
  const lastIsRaw = cutsLast && last >= rawSince
  const rounded = (cutsFirst && !firstIsRaw) || (cutsLast && !lastIsRaw)
  if (first === last && (firstIsRaw || lastIsRaw)) return { edges: [{ from, to }], rounded }
  const hours = { from: nextStartOf('hour', from), to: cutsLast && !lastIsRaw ? last + hourMs : last }
  const edges: TimeRange[] = []
  if (firstIsRaw) edges.push({ from, to: hours.from })
  if (lastIsRaw) edges.push({ from: last, to })
  return { ...(hours.from < hours.to && { hours }), edges, rounded }
}
