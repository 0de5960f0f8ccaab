import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
  sql,
} from 'kysely'
import pg from 'pg'
import type { LedgerDatabase } from '../schema.ts'
import type { LedgerConnections } from './connections.ts'
import { ConnectionsBusy } from './connections-busy.ts'
import { postgresPlace } from './postgres-place.ts'

export interface PostgresOptions {
  readonly url: string
  /** How long a statement, or a lock, may take, in milliseconds. */
  readonly timeoutMs: number
  /** How long a connection may take to come to be, in milliseconds; default as long as a statement. */
  readonly connectTimeoutMs?: number
  /** The same for statements that only read. */
  readonly readTimeoutMs: number
}

/** Two pools of connections to PostgreSQL, opened as they are needed. */
export function openPostgres(options: PostgresOptions): LedgerConnections {
  const { timeoutMs, readTimeoutMs } = options
  const place = postgresPlace(options.url)
  const open = (max: number, statementMs: number): Kysely<LedgerDatabase> => {
    const pool = new BoundedPool(options, max, statementMs)
    return new Kysely<LedgerDatabase>({ dialect: new PostgresDialect({ pool }) })
  }
  const writing = open(4, timeoutMs)
  const reading = open(2, readTimeoutMs)
  return {
    dialect: 'postgres',
    place,
    writing,
    reading,
    now: () => sql<bigint>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    async dispose() {
      await Promise.all([writing.destroy(), reading.destroy()])
    },
  }
}

const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, BigInt)

const goodbyeMs = 1000
// what pg says of who waited for others to give a connection back; of the way to the server it says otherwise
const queueTimeout = 'timeout exceeded when trying to connect'

/** Whatever is asked of it ends in time: a connection that did not answer is cut, and never asked again. */
class BoundedPool implements PostgresPool {
  readonly options = {}
  readonly #pool: pg.Pool
  readonly #clients = new Set<pg.PoolClient>()

  constructor({ url, timeoutMs, connectTimeoutMs = timeoutMs }: PostgresOptions, max: number, statementMs: number) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max,
      types,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeoutMs,
      application_name: 'switchyard',
      statement_timeout: statementMs,
      lock_timeout: timeoutMs,
      idle_in_transaction_session_timeout: statementMs,
      // the server answers first, where it lives
      query_timeout: statementMs + 500,
      onConnect: async client => {
        await client.query('set synchronous_commit = on')
      },
    })
    this.#pool.on('connect', client => {
      this.#clients.add(client)
      // what breaks between two statements is told by the second
      client.on('error', () => {})
    })
    this.#pool.on('remove', client => this.#clients.delete(client))
    // an idle connection that broke is replaced when one is needed
    this.#pool.on('error', () => {})
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      return new BoundedClient(await this.#pool.connect())
    } catch (error) {
      if ((error as Error).message !== queueTimeout) throw error
      throw new ConnectionsBusy('All connections to it are in use.')
    }
  }

  async end(): Promise<void> {
    const ended = this.#pool.end()
    // a server that is stopped never says goodbye
    const timer = setTimeout(() => {
      for (const client of this.#clients) socketOf(client)?.destroy()
    }, goodbyeMs)
    await ended
    clearTimeout(timer)
  }
}

class BoundedClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient
  #broken: unknown

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  query<Cursor>(cursor: Cursor): Cursor
  async query(text: unknown, parameters: readonly unknown[] = []): Promise<unknown> {
    if (this.#broken !== undefined) throw this.#broken
    try {
      return await this.#client.query(text as string, parameters as unknown[])
    } catch (error) {
      // what the server did not say itself leaves the connection in an unknown state; its last words end it
      if (endsConnection(error)) this.#broken = error
      throw error
    }
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#broken !== undefined)
  }
}

// connection exceptions, the server's shutdown, and its patience with a transaction that does nothing
const lastWords = /^(?:08|57P|25P03)/

function endsConnection(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || lastWords.test(error.code ?? '')
}

function socketOf(client: pg.PoolClient): { destroy(): void } | undefined {
  return (client as pg.PoolClient & { readonly connection?: { readonly stream: { destroy(): void } } }).connection
    ?.stream
}
