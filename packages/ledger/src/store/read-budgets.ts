import type { WindowKey, WindowState } from '@switchyard/core'
import { sql } from 'kysely'
import type { LedgerConnections } from '../database/connections.ts'
import { rowsOfJson } from '../database/rows-of-json.ts'
import { anyExpired, expireSlabs } from './leases.ts'

interface StandingRow {
  readonly budget: string
  readonly starts_at: bigint
  readonly settled: bigint
  readonly reserved: bigint
  readonly charged: bigint
}

/** Where windows stand, in the order asked. */
export async function readBudgets(
  connections: LedgerConnections,
  windows: readonly WindowKey[],
): Promise<readonly WindowState[]> {
  if (windows.length === 0) return []
  if (await anyExpired(connections)) await expireSlabs(connections)
  const asked = windows.map(({ budget, window }) => ({ budget, starts_at: window }))
  const rows = rowsOfJson(connections.dialect, 'budget_windows', ['budget', 'starts_at'], asked)
  const found = await sql<StandingRow>`
    select distinct standing.budget, standing.starts_at, standing.settled, standing.reserved, standing.charged
    from ${rows} as rows
    join budget_windows as standing on standing.budget = rows.budget and standing.starts_at = rows.starts_at
  `.execute(connections.writing)
  const standings = new Map(found.rows.map(row => [`${row.starts_at} ${row.budget}`, row]))
  return windows.map(({ budget, window }) => {
    const { settled = 0n, reserved = 0n, charged = 0n } = standings.get(`${window} ${budget}`) ?? {}
    return { budget, window, settled, reserved, charged }
  })
}
