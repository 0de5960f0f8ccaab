import { Worker } from 'node:worker_threads'
import type {
  SqliteReply,
  SqliteRequest,
  SqliteResult,
  SqliteStatement,
  SqliteThreadSettings,
} from './sqlite-messages.ts'

/** What SQLite refused; `resultCode` is its own, extended. */
export class SqliteError extends Error {
  readonly resultCode: number

  constructor(message: string, resultCode: number) {
    super(message)
    this.name = 'SqliteError'
    this.resultCode = resultCode
  }
}

/** The thread ended while it was asked, or was closed before. */
class SqliteThreadGone extends Error {
  override readonly name = 'SqliteThreadGone'
}

interface Waiting {
  resolve(result: SqliteResult): void
  reject(error: Error): void
}

// built code lies beside built code, source beside source
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js',
  import.meta.url,
)

/** One SQLite connection in a thread of its own. A thread that died is replaced when it is next asked. */
export class SqliteThread {
  readonly #settings: SqliteThreadSettings
  readonly #onStart: (worker: Worker) => void
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #lastId = 0
  #generation = 0
  #closed = false

  constructor(settings: SqliteThreadSettings, started: (worker: Worker) => void = () => {}) {
    this.#settings = settings
    this.#onStart = started
  }

  /** Which of its threads, one after another, is asked next; starts it. */
  generation(): number {
    if (!this.#closed) this.#started()
    return this.#generation
  }

  /** Refuses where a thread of another generation would run it, outside the transaction it belongs to. */
  run(statement: SqliteStatement, generation?: number): Promise<SqliteResult> {
    if (this.#closed) return Promise.reject(new SqliteThreadGone('The database was closed.'))
    if (generation !== undefined && (this.#worker === undefined || generation !== this.#generation))
      return Promise.reject(new SqliteThreadGone("The database's thread ended within a transaction."))
    return this.#ask({ type: 'run', id: ++this.#lastId, ...statement })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const worker = this.#worker
    if (worker === undefined) return
    const ended = new Promise(resolve => worker.once('exit', resolve))
    await this.#ask({ type: 'close', id: ++this.#lastId }).catch(() => worker.terminate())
    await ended
  }

  #ask(request: SqliteRequest): Promise<SqliteResult> {
    const worker = this.#started()
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject })
      // the process lives while somebody waits for an answer, not because a thread is idle
      worker.ref()
      worker.postMessage(request)
    })
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker
    // flags of the process may be none for a thread
    const worker = new Worker(workerFile, { workerData: this.#settings, execArgv: [] })
    this.#worker = worker
    this.#generation += 1
    this.#onStart(worker)
    worker.on('message', (reply: SqliteReply) => this.#take(worker, reply))
    worker.on('error', error => this.#lost(worker, `: ${error.message}`))
    worker.on('exit', () => this.#lost(worker))
    return worker
  }

  #take(worker: Worker, reply: SqliteReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0 && !this.#closed) worker.unref()
    if ('result' in reply) waiting?.resolve(reply.result)
    else waiting?.reject(new SqliteError(reply.error.message, reply.error.resultCode))
  }

  #lost(worker: Worker, reason = '.'): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const lost = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of lost) reject(new SqliteThreadGone(`The database's thread ended${reason}`))
  }
}
