import { Client } from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase } from './test-database.ts'

test('a test database is empty, and gone after it was dropped, connections or not', async context => {
  const database = await createTestDatabase()
  if (database === undefined) return context.skip('no PostgreSQL')
  const client = new Client({ connectionString: database.url })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query("select count(*)::int as tables from pg_tables where schemaname = 'public'")
  expect(rows).toEqual([{ tables: 0 }])
  await database.drop()
  await expect(client.query('select 1')).rejects.toThrow()
  await expect(new Client({ connectionString: database.url }).connect()).rejects.toThrow('does not exist')
})
