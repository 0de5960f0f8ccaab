import type { Kysely, RawBuilder } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'

/** The two ways into one database. */
export interface LedgerConnections {
  readonly dialect: 'postgres' | 'sqlite'
  /** `PostgreSQL at host:5432/name`, or the file: for errors, never with a password. */
  readonly place: string
  readonly writing: Kysely<LedgerDatabase>
  /** For what may take long: it never holds up a commit. */
  readonly reading: Kysely<LedgerDatabase>
  /** Milliseconds since 1970 by the clock that decides what expired: PostgreSQL's own, or the only process'. */
  now(): RawBuilder<bigint>
  dispose(): Promise<void>
}
