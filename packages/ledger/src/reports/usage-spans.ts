/** Roll-ups are kept by hour, day and month, all of UTC. */
export type Span = 'hour' | 'day' | 'month'

export const spanNumbers = { hour: 0, day: 1, month: 2 } as const satisfies Record<Span, number>

export const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** The beginning of the hour, day or month that the moment is in. */
export function startOf(span: Span, at: number): number {
  if (span === 'hour') return Math.floor(at / hourMs) * hourMs
  if (span === 'day') return Math.floor(at / dayMs) * dayMs
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
}

/** The beginning of the first one that begins at the moment or later. */
export function nextStartOf(span: Span, at: number): number {
  const start = startOf(span, at)
  if (start === at) return at
  if (span === 'hour') return start + hourMs
  if (span === 'day') return start + dayMs
  const date = new Date(start)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

/** From `from` up to, but not including, `to`: milliseconds since 1970. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

export interface SpanRange extends TimeRange {
  readonly span: Span
}

/** Whole hours, in as few months, days and hours as they take. */
export function inSpans({ from, to }: TimeRange): readonly SpanRange[] {
  return split({ from, to }, ['month', 'day', 'hour'])
}

function split({ from, to }: TimeRange, [span, ...smaller]: readonly Span[]): readonly SpanRange[] {
  if (span === undefined || from >= to) return []
  const first = nextStartOf(span, from)
  const last = startOf(span, to)
  if (first >= last) return split({ from, to }, smaller)
  return [
    ...split({ from, to: first }, smaller),
    { span, from: first, to: last },
    ...split({ from: last, to }, smaller),
  ]
}
