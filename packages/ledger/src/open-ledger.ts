import { existsSync } from 'node:fs'
import { type Clock, type Random, SwitchyardError, systemClock, systemRandom } from '@switchyard/core'
import { type DataDirectory, dataFile } from './database/data-directory.ts'
import { postgresPlace } from './database/postgres-place.ts'
import { Journal } from './journal/journal.ts'
import { DatabaseLedger, type Ledger } from './ledger.ts'
import { connect, defaultTimeoutMs, type LedgerPlace, takeDirectory } from './ledger-place.ts'
import { type MigrationStatus, migrationStatus, pendingMigrations, runMigrations } from './migrate.ts'
import { UsageUpkeep } from './reports/usage-upkeep.ts'
import { DurableWrites } from './store/durable-writes.ts'
import { expireSlabs } from './store/leases.ts'
import { ledgerFailure } from './store/ledger-failure.ts'
import { SlabOwner } from './store/slab-owner.ts'

export interface OpenLedgerOptions extends LedgerPlace {
  /** Default the machine's. */
  readonly clock?: Clock
  readonly random?: Random
  /** How long a slab stays its process' after the last heartbeat, in milliseconds; default 30,000. */
  readonly leaseMs?: number
  /** How long a connection, a statement, or a lock may take, in milliseconds; default 5,000. */
  readonly timeoutMs?: number
  /** How many records are in one transaction at most; default 500. */
  readonly maxBatch?: number
  /** How long the journal may become, in bytes; default 64 MiB. */
  readonly maxJournalBytes?: number
  /**
   * How long single entries are kept, in milliseconds; sums stay for ever. At least a day, default 90 days. What a
   * journal brings back later than that is not recorded but kept in `ledger.refused`: it might count twice.
   */
  readonly retainMs?: number
  /** Told of what goes wrong without a caller: that the database is away, or a damaged journal. */
  readonly onError?: (error: Error) => void
}

const defaultLeaseMs = 30_000
const leastRetainMs = 86_400_000
const defaultMaxBatch = 500
const defaultMaxJournalBytes = 64 * 1024 * 1024
/**
 * Opens the ledger, its tables brought to this version, and writes what an earlier process left in the journal.
 * Throws `unavailable` where the database does not answer, was made by a newer version, or the data directory belongs
 * to another process; `invalid-request` where the URL is none, or `retainMs` too short.
 */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  const { clock = systemClock, random = systemRandom, leaseMs = defaultLeaseMs, onError = () => {} } = options
  const { maxBatch = defaultMaxBatch, maxJournalBytes = defaultMaxJournalBytes } = options
  checkRetention(options.retainMs)
  const releases: (() => unknown)[] = []
  const release = async (): Promise<void> => {
    for (const each of releases.splice(0).reverse()) await each()
  }
  try {
    const directory = takeDirectory(options)
    if (directory !== undefined) releases.push(() => directory.release())
    const { timeoutMs = defaultTimeoutMs } = options
    // what one statement may take in PostgreSQL is not enough for a migration
    if (options.url !== undefined) await migrate(options, timeoutMs)
    const connections = connect(options, { wall: clock.wall, timeoutMs, connectTimeoutMs: timeoutMs })
    releases.push(() => connections.dispose())
    if (options.url === undefined) await runMigrations(connections)
    const journal = directory && (await Journal.open(dataFile(directory.path, 'ledger.journal'), maxJournalBytes))
    if (journal !== undefined) releases.push(() => journal.close())
    const refusedFile = directory && dataFile(directory.path, 'ledger.refused')
    const writes = new DurableWrites({ connections, journal, refusedFile, maxBatch, clock, random, onError })
    releases.push(() => writes.end())
    await writes.recover()
    const owner = new SlabOwner({ connections, writes, clock, leaseMs, onError })
    releases.push(() => owner.end())
    const { retainMs } = options
    const upkeep = new UsageUpkeep(connections, {
      clock,
      ...(retainMs !== undefined && { retainMs }),
      onError: error => {
        if (!writes.isAway) onError(ledgerFailure('The ledger cannot sum up what was used', connections.place, error))
      },
    })
    releases.push(() => upkeep.dispose())
    // whoever had the directory before is dead: nobody else writes to an embedded database
    if (connections.dialect === 'sqlite') await expireSlabs(connections, { ofOthers: owner.id })
    return new DatabaseLedger({ connections, writes, owner, clock, release })
  } catch (error) {
    await release()
    throw openingFailure(options, error)
  }
}

function checkRetention(retainMs = leastRetainMs): void {
  if (retainMs >= leastRetainMs) return
  const message = `The ledger keeps entries for at least ${leastRetainMs} ms, a day, so that none counts twice; not for ${retainMs} ms.`
  throw new SwitchyardError('invalid-request', message, { param: 'retainMs' })
}

/** Brings the tables to this version, as opening does; answers the names of the migrations that were run. */
export async function migrateLedger(place: LedgerPlace): Promise<readonly string[]> {
  let directory: DataDirectory | undefined
  try {
    // a journal is nothing to a migration: beside PostgreSQL the directory's owner may go on
    directory = place.url === undefined ? takeDirectory(place) : undefined
    return await migrate(place)
  } catch (error) {
    throw openingFailure(place, error)
  } finally {
    directory?.release()
  }
}

/** All migrations of this version, and when they were run. Changes nothing, and needs no directory of its own. */
export async function ledgerMigrations(place: LedgerPlace): Promise<readonly MigrationStatus[]> {
  const connections = connect(place, { readOnly: true })
  try {
    if (connections.dialect === 'sqlite' && !existsSync(connections.place)) return pendingMigrations()
    return await migrationStatus(connections)
  } catch (error) {
    throw openingFailure(place, error)
  } finally {
    await connections.dispose()
  }
}

async function migrate(place: LedgerPlace, connectTimeoutMs?: number): Promise<readonly string[]> {
  const connections = connect(place, connectTimeoutMs === undefined ? {} : { connectTimeoutMs })
  try {
    return await runMigrations(connections)
  } finally {
    await connections.dispose()
  }
}

function openingFailure({ url }: LedgerPlace, error: unknown): Error {
  const place = url === undefined ? 'its embedded database' : postgresPlace(url)
  return ledgerFailure('The ledger cannot be opened', place, error)
}
