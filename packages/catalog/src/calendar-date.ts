export const dayMs = 86_400_000

// a catalogue has few of them, and every estimate asks for some
const parsed = new Map<string, number | undefined>()
const mostParsed = 1_000

/** Milliseconds since 1970 at 00:00 UTC of `YYYY-MM-DD`; `undefined` where there is no such day. */
export function parseDate(text: string): number | undefined {
  if (parsed.has(text)) return parsed.get(text)
  const ms = parse(text)
  if (parsed.size >= mostParsed) parsed.clear()
  parsed.set(text, ms)
  return ms
}

function parse(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const ms = Date.parse(`${text}T00:00:00Z`)
  // the engine takes 2026-02-30 for the 2nd of March, or for nothing
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : ms
}

/** Whether that day has begun, in UTC. A date that is none never does. */
export function hasBegun(date: string, at: number): boolean {
  const ms = parseDate(date)
  return ms !== undefined && ms <= at
}

/** A moment: milliseconds since 1970, or a `Date`. */
export type Moment = number | Date
