import { SwitchyardError } from '@switchyard/core'
import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { LedgerConnections } from './database/connections.ts'
import { migrations } from './migrations/index.ts'
import type { LedgerDatabase } from './schema.ts'

const migrationTable = 'ledger_migrations'

export interface MigrationStatus {
  readonly name: string
  /** `undefined` of one that is still to be run. */
  readonly executedAt?: Date
}

/** Brings the tables to this version; answers the names of what was run. Of several that start at once, one does it. */
export async function runMigrations(connections: LedgerConnections): Promise<readonly string[]> {
  const migrator = await migratorOf(connections)
  await refuseNewer(connections)
  const { error, results = [] } = await migrator.migrateToLatest()
  // another process may have brought a newer version meanwhile
  if (error !== undefined) await refuseNewer(connections)
  if (error !== undefined) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** All migrations of this version, and when they were run. */
export async function migrationStatus(connections: LedgerConnections): Promise<readonly MigrationStatus[]> {
  await refuseNewer(connections)
  const executed = await executedMigrations(connections)
  return Object.keys(migrations).map(name => {
    const at = executed.get(name)
    return { name, ...(at && { executedAt: new Date(at) }) }
  })
}

/** What stands where nothing was run yet. */
export function pendingMigrations(): readonly MigrationStatus[] {
  return Object.keys(migrations).map(name => ({ name }))
}

async function migratorOf({ writing, dialect }: LedgerConnections): Promise<Migrator> {
  return new Migrator({
    db: writing,
    provider: { getMigrations: async () => migrations },
    migrationTableName: migrationTable,
    migrationLockTableName: `${migrationTable}_lock`,
    // else a table of this name in any other schema would count
    ...(dialect === 'postgres' && { migrationTableSchema: await currentSchema(writing) }),
  })
}

async function currentSchema(database: Kysely<LedgerDatabase>): Promise<string> {
  const { rows } = await sql<{ readonly schema: string | null }>`select current_schema() as schema`.execute(database)
  const schema = rows[0]?.schema
  if (schema) return schema
  throw new SwitchyardError('unavailable', 'The ledger found no schema in the search_path of its database.')
}

async function refuseNewer(connections: LedgerConnections): Promise<void> {
  const unknown = [...(await executedMigrations(connections)).keys()].filter(name => !(name in migrations))
  if (unknown.length === 0) return
  const message = `The ledger in ${connections.place} was made by a newer version of Switchyard (${unknown.join(', ')}). Run that version, or another database.`
  throw new SwitchyardError('unavailable', message, { code: 'newer-ledger' })
}

async function executedMigrations({ writing, dialect }: LedgerConnections): Promise<ReadonlyMap<string, string>> {
  const there =
    dialect === 'postgres'
      ? sql`select to_regclass(${migrationTable}) is not null as there`
      : sql`select 1 as there from sqlite_master where type = 'table' and name = ${migrationTable}`
  const [found] = (await there.execute(writing)).rows as readonly { readonly there: unknown }[]
  if (!found?.there) return new Map()
  const { rows } = await sql<{ readonly name: string; readonly timestamp: string }>`
    select name, "timestamp" from ${sql.table(migrationTable)}`.execute(writing)
  return new Map(rows.map(({ name, timestamp }) => [name, timestamp]))
}
