import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The tables of version 1. What was released is never changed: what comes later is a migration of its own. */
export const entriesAndBudgets: Migration = {
  async up(database: Kysely<unknown>) {
    await entryTable(database, 'ledger_attempts')
      .addColumn('call_id', 'text', column => column.notNull())
      .addColumn('chains', 'text', column => column.notNull())
      .addColumn('provider', 'text', column => column.notNull())
      .addColumn('model', 'text', column => column.notNull())
      .addColumn('target', 'text', column => column.notNull())
      .addColumn('attempt', 'bigint', column => column.notNull())
      .addColumn('status', 'bigint')
      .addColumn('input_uncached', 'bigint')
      .addColumn('input_cache_read', 'bigint')
      .addColumn('input_cache_write', 'bigint')
      .addColumn('cache_write_lifetimes', 'text')
      .addColumn('output_text', 'bigint')
      .addColumn('output_reasoning', 'bigint')
      .addColumn('units', 'text')
      .addColumn('usage_raw', 'text')
      .addColumn('cost', 'bigint', column => column.notNull())
      .addColumn('cost_is', 'text', column => column.notNull())
      .addColumn('estimate', 'bigint')
      .execute()
    await entryTable(database, 'ledger_requests')
      .addColumn('model', 'text')
      .addColumn('target', 'text')
      .addColumn('attempts', 'bigint', column => column.notNull())
      .addColumn('prompt', 'text')
      .execute()
    for (const table of ['ledger_attempts', 'ledger_requests']) {
      await database.schema.createIndex(`${table}_at`).on(table).column('at').execute()
      await database.schema.createIndex(`${table}_request_id`).on(table).column('request_id').execute()
    }

    await windowTable(database, 'budget_windows')
      .addColumn('settled', 'bigint', column => column.notNull())
      .addColumn('reserved', 'bigint', column => column.notNull())
      .addColumn('charged', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('budget_windows_key', ['budget', 'starts_at'])
      // where PostgreSQL refuses what does not fit, SQLite would go on with a float
      .addCheckConstraint('budget_windows_settled', sql`settled <= 9223372036854775807`)
      .execute()
    await windowTable(database, 'budget_slabs')
      .addColumn('id', 'text', column => column.primaryKey().notNull())
      .addColumn('owner', 'text', column => column.notNull())
      .addColumn('remaining', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addColumn('state', 'text', column => column.notNull())
      .execute()
    await database.schema
      .createIndex('budget_slabs_expiry')
      .on('budget_slabs')
      .columns(['state', 'expires_at'])
      .execute()
    await database.schema.createIndex('budget_slabs_owner').on('budget_slabs').column('owner').execute()
    await windowTable(database, 'budget_alerts')
      .addColumn('threshold', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('budget_alerts_key', ['budget', 'starts_at', 'threshold'])
      .execute()
  },
}

function entryTable(database: Kysely<unknown>, name: string): CreateTableBuilder<string, string> {
  return database.schema
    .createTable(name)
    .addColumn('id', 'text', column => column.primaryKey().notNull())
    .addColumn('request_id', 'text', column => column.notNull())
    .addColumn('at', 'bigint', column => column.notNull())
    .addColumn('chain', 'text', column => column.notNull())
    .addColumn('operation', 'text', column => column.notNull())
    .addColumn('principal', 'text')
    .addColumn('tags', 'text', column => column.notNull())
    .addColumn('outcome', 'text', column => column.notNull())
    .addColumn('error_kind', 'text')
    .addColumn('finish_reason', 'text')
    .addColumn('latency_ms', 'double precision', column => column.notNull())
    .addColumn('first_token_ms', 'double precision')
}

function windowTable(database: Kysely<unknown>, name: string): CreateTableBuilder<string, string> {
  return database.schema
    .createTable(name)
    .addColumn('budget', 'text', column => column.notNull())
    .addColumn('starts_at', 'bigint', column => column.notNull())
}
