import { Kysely, sql } from 'kysely'
import type { LedgerDatabase } from '../schema.ts'
import type { LedgerConnections } from './connections.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { SqliteThread } from './sqlite-thread.ts'

export interface SqliteOptions {
  readonly file: string
  /** Milliseconds since 1970. */
  readonly wall: () => number
  /** How long a statement waits for others that hold the file, in milliseconds. */
  readonly timeoutMs: number
  readonly readOnly?: boolean
}

/** Two threads with a connection each: reports never hold up commits, nor either of them the event loop. */
export function openSqlite({ file, wall, timeoutMs, readOnly = false }: SqliteOptions): LedgerConnections {
  const thread = (reads: boolean): SqliteThread => new SqliteThread({ file, readOnly: reads, busyTimeoutMs: timeoutMs })
  const writing = new Kysely<LedgerDatabase>({ dialect: sqliteDialect(thread(readOnly), 'begin immediate') })
  const reading = new Kysely<LedgerDatabase>({ dialect: sqliteDialect(thread(true), 'begin') })
  return {
    dialect: 'sqlite',
    place: file,
    writing,
    reading,
    now: () => sql<bigint>`cast(${Math.floor(wall())} as integer)`,
    async dispose() {
      await Promise.all([writing.destroy(), reading.destroy()])
    },
  }
}
