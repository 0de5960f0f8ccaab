import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Roll-ups of usage, and which entries are in them. */
export const usageRollups: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable('usage_dimensions')
      .addColumn('id', 'bigint', column => column.primaryKey().notNull())
      .addColumn('key', 'text', column => column.notNull().unique())
      .addColumn('source', 'text', column => column.notNull())
      .addColumn('chains', 'text', column => column.notNull())
      .addColumn('target', 'text')
      .addColumn('provider', 'text')
      .addColumn('principal', 'text')
      .addColumn('tags', 'text', column => column.notNull())
      .addColumn('operation', 'text', column => column.notNull())
      .addColumn('outcome', 'text', column => column.notNull())
      .addColumn('error_kind', 'text')
      .addColumn('cost_is', 'text')
      .execute()
    let rollups: CreateTableBuilder<string, string> = database.schema.createTable('usage_rollups')
    for (const name of integers) rollups = rollups.addColumn(name, 'bigint', column => column.notNull())
    for (const name of ['cache_writes', 'latencies', 'first_tokens']) rollups = rollups.addColumn(name, 'text')
    await rollups.addPrimaryKeyConstraint('usage_rollups_key', ['span', 'starts_at', 'dimension']).execute()
    await database.schema
      .createTable('usage_state')
      .addColumn('id', 'bigint', column => column.primaryKey().notNull())
      .addColumn('raw_since', 'bigint', column => column.notNull())
      .execute()
    await sql`insert into usage_state (id, raw_since) values (1, 0)`.execute(database)
    for (const table of ['ledger_attempts', 'ledger_requests']) {
      await database.schema
        .alterTable(table)
        .addColumn('rolled_up', 'bigint', column => column.notNull().defaultTo(0))
        .execute()
      const index = sql.ref(`${table}_not_rolled_up`)
      await sql`create index ${index} on ${sql.table(table)} (at, id) where rolled_up = 0`.execute(database)
    }
  },
}

const integers = [
  'span',
  'starts_at',
  'dimension',
  'entries',
  'cost_milli',
  'cost_pico',
  'estimate_milli',
  'estimate_pico',
  'input_uncached',
  'input_cache_read',
  'output_text',
  'output_reasoning',
]
