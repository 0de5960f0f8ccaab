import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { findPostgres } from './services.ts'

/** An empty database that nobody else uses. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  /** Ends the connections to it, and removes it. Idempotent. */
  drop(): Promise<void>
}

const prefix = 'switchyard_test_'
const abandonedAfterMs = 2 * 3_600_000

/**
 * Makes an empty database in the PostgreSQL that `findPostgres` finds; `undefined` where there is none.
 * What earlier runs left behind is removed after two hours.
 */
export async function createTestDatabase(): Promise<TestDatabase | undefined> {
  const server = await findPostgres()
  if (server === undefined) return undefined
  const name = `${prefix}${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
  await administer(server, async client => {
    await removeAbandoned(client)
    await client.query(`create database "${name}"`)
  })
  const url = new URL(server)
  url.pathname = `/${name}`
  const drop = () => administer(server, client => remove(client, name))
  return { url: url.href, drop, [Symbol.asyncDispose]: drop }
}

async function removeAbandoned(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where datname like '${prefix}%'`,
  )
  for (const { name } of rows) {
    const madeAt = Number.parseInt(name.slice(prefix.length).split('_')[0] ?? '', 36)
    if (madeAt < Date.now() - abandonedAfterMs) await remove(client, name)
  }
}

async function remove(client: Client, name: string): Promise<void> {
  await client.query(`drop database if exists "${name}" with (force)`)
}

async function administer(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
