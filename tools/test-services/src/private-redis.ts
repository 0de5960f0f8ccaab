import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { tether } from './tether.ts'

export interface PrivateRedisOptions {
  /** Whether it writes all to disk, and has it again after `restart`; default `false`: a restart loses everything. */
  readonly durable?: boolean
}

/** A redis-server that nobody else uses, on a port of its own. It dies with this process. */
export interface PrivateRedis extends AsyncDisposable {
  /** The same after `restart`. */
  readonly url: string
  /** As `redis-cli` would send it; the answer as it stands on the wire. For what tests do behind everybody's back. */
  command(...words: readonly string[]): Promise<string>
  /** Kills it; clients lose their connections. */
  kill(): Promise<void>
  /** Starts it again on the same port, after `kill` or instead of it. */
  restart(): Promise<void>
  /** It answers nothing, and its connections stay open, until `resume`. */
  pause(): void
  resume(): void
  /** Kills it for good, and removes what it wrote. Idempotent. */
  stop(): Promise<void>
}

/**
 * Starts a redis-server of the test's own; `undefined` where none is installed, after saying so.
 * @throws with `CI=true` where none is installed.
 */
export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-redis-'))
  const started = await firstStart(folder, options).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true })
    if (process.env.CI === 'true' || (error as { code?: string }).code !== 'ENOENT') throw error
    console.warn('redis-server is not installed. Tests that need one of their own are skipped.')
    return undefined
  })
  if (started === undefined) return undefined
  const { port } = started
  let { child } = started
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const stop = async (): Promise<void> => {
    await kill()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    command: (...words) => command(port, words),
    kill,
    async restart() {
      await kill()
      child = await start(port, folder, options)
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

// another may take a port between our asking for a free one and the server's
async function firstStart(
  folder: string,
  options: PrivateRedisOptions,
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return { child: await start(port, folder, options), port }
    } catch (error) {
      if (attempt === 5 || (error as { code?: string }).code === 'ENOENT') throw error
    }
  }
}

async function start(port: number, folder: string, { durable = false }: PrivateRedisOptions): Promise<ChildProcess> {
  const kept = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...kept]
  const child = spawn('redis-server', words, { stdio: 'ignore' })
  await once(child, 'spawn')
  tether(child)
  while (child.exitCode === null) {
    const answer = await command(port, ['PING']).catch(() => '')
    if (answer.startsWith('+PONG')) return child
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error(`redis-server ended with code ${child.exitCode} on port ${port}.`)
}

function command(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 5_000 })
    socket.once('connect', () => {
      const parts = words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
      socket.write(`*${words.length}\r\n${parts.join('')}`)
    })
    socket.once('data', data => {
      socket.destroy()
      resolve(data.toString())
    })
    socket.once('timeout', () => socket.destroy(new Error(`Redis on port ${port} does not answer.`)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`Redis on port ${port} closed the connection.`)))
  })
}
