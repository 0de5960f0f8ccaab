import { createHash } from 'node:crypto'
import { createClient } from 'redis'
import type { RedisSettings } from './redis-options.ts'

/** A script, and what Redis knows it by. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/** What a script answers: numbers and texts. */
export type Reply = readonly (number | string)[]

/** Redis did not answer in time, or could not be reached. */
class RedisAway extends Error {
  override readonly name = 'RedisAway'
}

export interface ConnectionListener {
  /** Connected, again or for the first time. */
  ready(): void
  lost(): void
  message(text: string): void
}

type Client = ReturnType<typeof clientOf>

const longestBackoffMs = 500

/** How long a connection may take to come about. */
export function connectTimeout({ timeoutMs }: RedisSettings): number {
  return Math.max(1_000, 4 * timeoutMs)
}

function clientOf(settings: RedisSettings) {
  const { url, random } = settings
  return createClient({
    url,
    RESP: 3,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 65_536,
    maintNotifications: 'disabled',
    socket: {
      connectTimeout: connectTimeout(settings),
      reconnectStrategy: retries => Math.min(longestBackoffMs, 25 * 2 ** Math.min(retries, 10)) * (0.5 + random() / 2),
    },
  })
}

/** One connection that is made anew for as long as it takes, and on which nothing waits longer than it may. */
export class Connection {
  readonly #settings: RedisSettings
  readonly #scripts: readonly Script[]
  readonly #channel: string
  readonly #listener: ConnectionListener
  #client: Client | undefined
  #ready = false
  #problem: string | undefined

  constructor(settings: RedisSettings, scripts: readonly Script[], channel: string, listener: ConnectionListener) {
    this.#settings = settings
    this.#scripts = scripts
    this.#channel = channel
    this.#listener = listener
  }

  /** What went wrong last, in one word that holds no secret: `ECONNREFUSED`, `WRONGPASS`, `timeout`. */
  get problem(): string | undefined {
    return this.#problem
  }

  get isReady(): boolean {
    return this.#ready
  }

  /** Leaves the connection there is, if any, for a new one. */
  open(): void {
    this.close()
    const client = clientOf(this.#settings)
    this.#client = client
    client.on('error', (error: unknown) => {
      this.#problem = problemOf(error)
      this.#lose(client)
    })
    // one that was left while it connected would stay open for good
    client.on('connect', () => client !== this.#client && client.destroy())
    client.on('ready', () => void this.#prepare(client))
    client.connect().catch(() => this.#lose(client))
  }

  close(): void {
    const client = this.#client
    if (client === undefined) return
    this.#client = undefined
    this.#lose(client)
    client.destroy()
  }

  /**
   * Runs a script in one round trip. Of an answer that comes too late nobody hears.
   *
   * @throws {RedisAway}
   */
  run(which: Script, keys: readonly string[], args: readonly string[]): Promise<Reply> {
    const client = this.#client
    if (client === undefined || !this.#ready) return Promise.reject(new RedisAway('Redis is away.'))
    const { clock, timeoutMs } = this.#settings
    return new Promise((resolve, reject) => {
      let isAnswered = false
      const timer = clock.timer(timeoutMs, async () => {
        // a process that was busy may have the answer, and not have read it
        await clock.turn()
        if (isAnswered) return
        this.#problem = 'timeout'
        reject(new RedisAway(`Redis did not answer within ${timeoutMs} ms.`))
      })
      evaluate(client, which, keys, args).then(
        reply => {
          isAnswered = true
          timer.cancel()
          resolve(reply)
        },
        (error: unknown) => {
          isAnswered = true
          this.#problem = problemOf(error)
          timer.cancel()
          reject(new RedisAway('Redis could not answer.', { cause: error }))
        },
      )
    })
  }

  async #prepare(client: Client): Promise<void> {
    try {
      await Promise.all([
        ...this.#scripts.map(({ text }) => client.scriptLoad(text)),
        client.isPubSubActive
          ? undefined
          : client.subscribe(this.#channel, message => {
              if (client === this.#client) this.#listener.message(message)
            }),
      ])
    } catch (error) {
      this.#problem = problemOf(error)
      return
    }
    if (client !== this.#client || !client.isReady) return
    this.#ready = true
    this.#listener.ready()
  }

  #lose(client: Client): void {
    if (!this.#ready || (this.#client !== undefined && client !== this.#client)) return
    this.#ready = false
    this.#listener.lost()
  }
}

// messages may name hosts, users and keys
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return code
  return /^[A-Z]{3,}(?= )/.exec(error.message)?.[0] ?? error.name
}

async function evaluate(
  client: Client,
  which: Script,
  keys: readonly string[],
  args: readonly string[],
): Promise<Reply> {
  const options = { keys: [...keys], arguments: [...args] }
  try {
    return (await client.evalSha(which.sha, options)) as unknown as Reply
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return (await client.eval(which.text, options)) as unknown as Reply
  }
}
