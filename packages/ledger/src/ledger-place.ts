import { SwitchyardError, systemClock } from '@switchyard/core'
import type { LedgerConnections } from './database/connections.ts'
import { type DataDirectory, dataFile, takeDataDirectory } from './database/data-directory.ts'
import { openPostgres } from './database/postgres.ts'
import { openSqlite } from './database/sqlite.ts'

/** Where a ledger is. */
export interface LedgerPlace {
  /** `postgres://user:password@host:5432/database`; without one the database is embedded. */
  readonly url?: string
  /**
   * Holds the embedded database (`ledger.db`), and the journal of what waits for a database that is away. One process
   * owns it. Without a URL it is needed; with one it is what lets a database be away for a while.
   */
  readonly dataDirectory?: string
}

// migrations and reports may take their time
const longTimeoutMs = 10 * 60_000
export const defaultTimeoutMs = 5000

export interface ConnectOptions {
  /** Milliseconds since 1970, where the database has no clock of its own; default the machine's. */
  readonly wall?: () => number
  /** How long a statement that writes may take, in milliseconds; default ten minutes, as for those that read. */
  readonly timeoutMs?: number
  /** How long a connection may take to come to be, in milliseconds; default 5,000. */
  readonly connectTimeoutMs?: number
  /** The embedded database is not made, and not written to. */
  readonly readOnly?: boolean
}

/** The ways into a ledger's database; of an embedded one the process must own the directory, or only read. */
export function connect({ url, dataDirectory }: LedgerPlace, options: ConnectOptions = {}): LedgerConnections {
  const {
    wall = systemClock.wall,
    timeoutMs = longTimeoutMs,
    connectTimeoutMs = defaultTimeoutMs,
    readOnly = false,
  } = options
  if (url !== undefined) return openPostgres({ url, connectTimeoutMs, timeoutMs, readTimeoutMs: longTimeoutMs })
  return openSqlite({ file: dataFile(neededDirectory(dataDirectory), 'ledger.db'), wall, timeoutMs, readOnly })
}

/** The directory, as this process' own; `undefined` where none is named, and none is needed. */
export function takeDirectory({ url, dataDirectory }: LedgerPlace): DataDirectory | undefined {
  if (dataDirectory === undefined && url !== undefined) return undefined
  return takeDataDirectory(neededDirectory(dataDirectory))
}

function neededDirectory(dataDirectory: string | undefined): string {
  if (dataDirectory !== undefined && dataDirectory !== '') return dataDirectory
  const message = 'The ledger needs a place: a `url` of PostgreSQL, or a `dataDirectory` for its embedded database.'
  throw new SwitchyardError('invalid-request', message, { param: 'dataDirectory' })
}
