import { existsSync } from 'node:fs'
import { SwitchyardError, type WindowKey, type WindowState } from '@switchyard/core'
import type { LedgerConnections } from '../database/connections.ts'
import { connect, type LedgerPlace } from '../ledger-place.ts'
import { migrationStatus } from '../migrate.ts'
import { ledgerFailure } from '../store/ledger-failure.ts'
import { usage } from './usage.ts'
import type { UsageFilter, UsageOptions, UsageReport } from './usage-report.ts'

/** A ledger that is only looked into, also while a gateway uses it. */
export interface LedgerReader extends AsyncDisposable {
  /** `PostgreSQL at host:5432/database`, or the file. */
  readonly place: string
  /**
   * What was used: exact, but for latencies.
   *
   * @throws {SwitchyardError} `invalid-request`, with `param`, for what cannot be asked.
   */
  usage(filter?: UsageFilter, options?: UsageOptions): Promise<UsageReport>
  /** Where windows of budgets stand, in the order asked; slabs that expire are charged by gateways alone. */
  budgets(windows: readonly WindowKey[]): Promise<readonly WindowState[]>
  dispose(): Promise<void>
}

/**
 * Opens a ledger to read from it: nothing is made, changed or owned.
 *
 * @throws {SwitchyardError} `not-found` where there is none, `unavailable` where it does not answer or is of another
 * version.
 */
export async function openLedgerReader(place: LedgerPlace): Promise<LedgerReader> {
  const connections = connect(place, { readOnly: true })
  try {
    await requireTables(connections)
  } catch (error) {
    await connections.dispose()
    throw ledgerFailure('The ledger cannot be read', connections.place, error)
  }
  const dispose = (): Promise<void> => connections.dispose()
  const ask = <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch(error => Promise.reject(ledgerFailure('The ledger cannot be read', connections.place, error)))
  return {
    place: connections.place,
    usage: (filter, options) => ask(usage(connections.reading, filter, options)),
    budgets: windows => ask(readWindows(connections, windows)),
    dispose,
    [Symbol.asyncDispose]: dispose,
  }
}

async function requireTables(connections: LedgerConnections): Promise<void> {
  const { dialect, place } = connections
  if (dialect === 'sqlite' && !existsSync(place)) {
    throw new SwitchyardError(
      'not-found',
      `There is no ledger yet: ${place} does not exist. A gateway makes it, or switchyard migrate.`,
      { code: 'no-ledger' },
    )
  }
  const status = await migrationStatus(connections)
  const missing = status.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name)
  if (missing.length === 0) return
  const message = `The ledger in ${place} lacks tables of this version (${missing.join(', ')}); switchyard migrate makes them.`
  throw new SwitchyardError('unavailable', message, { code: 'older-ledger' })
}

async function readWindows(
  { reading }: LedgerConnections,
  windows: readonly WindowKey[],
): Promise<readonly WindowState[]> {
  const nothing = { settled: 0n, reserved: 0n, charged: 0n }
  const states: WindowState[] = []
  for (const { budget, window } of windows) {
    const found = await reading
      .selectFrom('budget_windows')
      .select(['settled', 'reserved', 'charged'])
      .where('budget', '=', budget)
      .where('starts_at', '=', BigInt(window))
      .executeTakeFirst()
    states.push({ budget, window, ...(found ?? nothing) })
  }
  return states
}
