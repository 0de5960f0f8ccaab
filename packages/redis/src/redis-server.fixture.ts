import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'

export const sharedRedis = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

/** Whether there is a Redis to test against. @throws where there has to be one: under `CI=true`. */
export async function hasRedis(url = sharedRedis): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.ping()
    return true
  } catch {
    if (process.env.CI === 'true') throw new Error('There is no Redis to test against: set REDIS_URL.')
    console.warn('There is no Redis to test against: these tests are skipped. Set REDIS_URL.')
    return false
  } finally {
    client.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A Redis of a test's own, which it may kill, stop, flush and start again. Keeps nothing on disk. */
export class RedisServer implements AsyncDisposable {
  readonly port: number
  readonly #directory: string
  #process: ChildProcess | undefined

  private constructor(port: number, directory: string) {
    this.port = port
    this.#directory = directory
  }

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), await mkdtemp(join(tmpdir(), 'switchyard-redis-')))
    await server.restart()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  async restart(): Promise<void> {
    const args = ['--port', String(this.port), '--save', '', '--appendonly', 'no', '--dir', this.#directory]
    this.#process = spawn('redis-server', args, { stdio: 'ignore' })
    for (let tries = 0; ; tries++) {
      try {
        await this.command('PING')
        return
      } catch (error) {
        if (tries > 200) throw error
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
  }

  async kill(): Promise<void> {
    const process = this.#process
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return
    const gone = once(process, 'exit')
    process.kill('SIGKILL')
    await gone
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(name)
  }

  async command(...args: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.sendCommand(args)
    } finally {
      client.destroy()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGCONT')
    await this.kill()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** A way to a server that can fall silent without closing. */
export class SilentProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #silent = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(targetPort: number): Promise<SilentProxy> {
    const proxy: SilentProxy = new SilentProxy(createServer(socket => proxy.#join(socket, targetPort)))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  set silent(silent: boolean) {
    this.#silent = silent
  }

  #join(near: Socket, targetPort: number): void {
    const far = connectSocket(targetPort, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', data => {
        if (!this.#silent) to.write(data)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
