import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteStatement, SqliteValue } from './sqlite-messages.ts'
import type { SqliteThread } from './sqlite-thread.ts'

/** Kysely on a SQLite connection in another thread. Transactions begin with `begin`. */
export function sqliteDialect(thread: SqliteThread, begin: 'begin' | 'begin immediate'): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new ThreadDriver(thread, begin),
    createIntrospector: database => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** Kysely denies it, but SQLite takes back the making of tables, too: migrations are run whole or not at all. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** As a query's only parameter: the query is run once with each set, all in one message to the thread. */
export class ParameterSets {
  readonly sets: readonly (readonly SqliteValue[])[]

  constructor(sets: readonly (readonly SqliteValue[])[]) {
    this.sets = sets
  }
}

function once(sql: string): SqliteStatement {
  return { sql, parameterSets: [[]] }
}

class ThreadDriver implements Driver {
  readonly #thread: SqliteThread
  readonly #begin: string
  readonly #connection: ThreadConnection
  readonly #waiting: (() => void)[] = []
  #taken = false

  constructor(thread: SqliteThread, begin: string) {
    this.#thread = thread
    this.#begin = begin
    this.#connection = new ThreadConnection(thread)
  }

  async init(): Promise<void> {}

  // there is one connection: whoever has it is alone, first come first served
  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#taken) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#taken = true
    return this.#connection
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken = false
    else next()
  }

  async beginTransaction(): Promise<void> {
    const generation = this.#thread.generation()
    await this.#thread.run(once(this.#begin), generation)
    this.#connection.generation = generation
  }

  commitTransaction(): Promise<void> {
    return this.#connection.commit()
  }

  rollbackTransaction(): Promise<void> {
    return this.#connection.rollback()
  }

  destroy(): Promise<void> {
    return this.#thread.close()
  }
}

class ThreadConnection implements DatabaseConnection {
  /** The thread's, within a transaction. */
  generation: number | undefined
  readonly #thread: SqliteThread

  constructor(thread: SqliteThread) {
    this.#thread = thread
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const [first] = parameters
    const parameterSets = first instanceof ParameterSets ? first.sets : [parameters as readonly SqliteValue[]]
    const { rows, changes } = await this.#thread.run({ sql, parameterSets }, this.generation)
    return { rows: rows as unknown as Row[], numAffectedRows: changes }
  }

  async commit(): Promise<void> {
    await this.#thread.run(once('commit'), this.generation)
    this.generation = undefined
  }

  async rollback(): Promise<void> {
    const { generation } = this
    this.generation = undefined
    // it fails where what failed before has rolled back, or the thread is gone: that failure is the one to tell
    await this.#thread.run(once('rollback'), generation).catch(() => {})
  }

  // biome-ignore lint/correctness/useYield: rows cross between threads all at once
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Rows of the embedded database cannot be streamed.')
  }
}
