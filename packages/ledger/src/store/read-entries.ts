import type { AttemptEntry, RequestEntry } from '@switchyard/core'
import type { LedgerConnections } from '../database/connections.ts'
import { attemptEntry, requestEntry } from './entries-of-rows.ts'
import { keptRequestId } from './entry-rows.ts'

/** One request, and what came of it. */
export interface LedgerEntry {
  /** Absent where the process died before the request ended. */
  readonly request?: RequestEntry
  /** In the order they began. */
  readonly attempts: readonly AttemptEntry[]
}

/** All requests of this id, oldest first: clients choose the ids, and may choose one again. */
export async function readEntries({ reading }: LedgerConnections, requestId: string): Promise<readonly LedgerEntry[]> {
  const kept = keptRequestId(requestId)
  const requests = await reading
    .selectFrom('ledger_requests')
    .selectAll()
    .where('request_id', '=', kept)
    .orderBy('at')
    .orderBy('id')
    .execute()
  const attempts = await reading
    .selectFrom('ledger_attempts')
    .selectAll()
    .where('request_id', '=', kept)
    .orderBy('at')
    .orderBy('id')
    .execute()
  const entries = new Map<string, { request?: RequestEntry; attempts: AttemptEntry[] }>()
  for (const row of requests) entries.set(row.id, { request: requestEntry(row), attempts: [] })
  for (const row of attempts) {
    const entry = entries.get(row.call_id) ?? { attempts: [] }
    entry.attempts.push(attemptEntry(row))
    entries.set(row.call_id, entry)
  }
  return [...entries.values()]
}
