import type { EventHub, EventMap, EventName } from '@switchyard/core'

/** One line of the log. */
export type EventLine = Readonly<Record<string, unknown>> & { readonly event: EventName }

/** Where lines of the log go. */
export interface EventLog {
  info(line: EventLine): void
  warn(line: EventLine): void
}

const news = [
  'model-new',
  'model-changed',
  'model-deprecated',
  'model-gone',
  'circuit-half-opened',
  'circuit-closed',
  'stream-continued',
] as const
const warnings = [
  'target-retiring',
  'model-sync-failed',
  'model-file-failed',
  'budget-alert',
  'budget-overrun',
  'circuit-opened',
  'circuit-isolated',
] as const

/** Writes what is worth a line of the log: news of models, circuits that change, and money and limits that run out. */
export function logEvents(events: EventHub, log: EventLog): void {
  for (const name of news) events.on(name, event => log.info(lineOf(name, event)))
  for (const name of warnings) events.on(name, event => log.warn(lineOf(name, event)))
  const refused = new Map<string, Refusals>()
  events.on('budget-refused', event => {
    warnCalmly(log, refused, `budget ${event.budget}`, lineOf('budget-refused', event), event.at)
  })
  events.on('limit-refused', event => {
    warnCalmly(log, refused, `limit ${event.limit} ${event.quantity}`, lineOf('limit-refused', event), event.at)
  })
}

/** What came of one budget or limit since its last line. */
interface Refusals {
  since: number
  untold: number
}

const quietMs = 10_000

// who is refused asks again, a thousand times a second
function warnCalmly(log: EventLog, refused: Map<string, Refusals>, key: string, line: EventLine, at: number): void {
  const before = refused.get(key)
  if (before !== undefined && at - before.since < quietMs) {
    before.untold++
    return
  }
  refused.set(key, { since: at, untold: 0 })
  log.warn(before?.untold ? { ...line, notTold: before.untold } : line)
}

function lineOf<Name extends EventName>(event: Name, { at: _, ...told }: EventMap[Name]): EventLine {
  return { event, ...told }
}
