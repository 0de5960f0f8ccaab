// runs in a thread of its own, from source too: it imports nothing but node and types
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type {
  SqliteReply,
  SqliteRequest,
  SqliteResult,
  SqliteStatement,
  SqliteThreadSettings,
} from './sqlite-messages.ts'

const maxStatements = 200
const settings = workerData as SqliteThreadSettings
const port = parentPort
if (port === null) throw new Error('sqlite-worker runs only as a worker thread')

let database: DatabaseSync | undefined
const statements = new Map<string, StatementSync>()

port.on('message', (request: SqliteRequest) => {
  port.postMessage(answer(request))
  if (request.type === 'close') port.close()
})

function answer(request: SqliteRequest): SqliteReply {
  try {
    if (request.type === 'run') return { id: request.id, result: run(request) }
    statements.clear()
    database?.close()
    database = undefined
    return { id: request.id, result: { rows: [], changes: 0n } }
  } catch (error) {
    const { message, errcode } = error as Error & { readonly errcode?: number }
    return { id: request.id, error: { message, resultCode: errcode ?? 1 } }
  }
}

function run({ sql, parameterSets }: SqliteStatement): SqliteResult {
  const prepared = statement(sql)
  const counts = /^\s*(?:insert|update|delete|with)\b/i.test(sql)
  const rows: SqliteResult['rows'][number][] = []
  let changes = 0n
  for (const parameters of parameterSets) {
    for (const row of prepared.all(...parameters)) rows.push(row)
    if (counts) changes += changed()
  }
  return { rows, changes }
}

function changed(): bigint {
  return statement('select changes() as changes').get()?.changes as bigint
}

function statement(sql: string): StatementSync {
  let found = statements.get(sql)
  if (found === undefined) {
    found = opened().prepare(sql)
    found.setReadBigInts(true)
    if (statements.size >= maxStatements) statements.delete(statements.keys().next().value as string)
    statements.set(sql, found)
  }
  return found
}

// opened with the first statement, so that a failure is that statement's and the next one tries again
function opened(): DatabaseSync {
  if (database !== undefined) return database
  const { file, readOnly, busyTimeoutMs } = settings
  const opening = new DatabaseSync(file, { readOnly, enableForeignKeyConstraints: true })
  try {
    opening.exec(`pragma busy_timeout = ${Math.ceil(busyTimeoutMs)}`)
    // a disk of macOS is asked to empty its own cache, too
    if (!readOnly) opening.exec('pragma journal_mode = wal; pragma synchronous = full; pragma fullfsync = on')
  } catch (error) {
    opening.close()
    throw error
  }
  database = opening
  return opening
}
