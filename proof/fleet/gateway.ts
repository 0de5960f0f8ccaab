import type { ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@switchyard/test-services'
import { end, hasEnded, startScript, until } from './child-process.ts'

const main = fileURLToPath(new URL('../../apps/gateway/dist/main.js', import.meta.url))

export interface ProcessOptions {
  /** Before the script's own words: `--expose-gc`. */
  readonly nodeWords?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** One real gateway process, which comes back on the same port and with the same data directory. */
export class Gateway {
  readonly name: string
  readonly url: string
  /** How often it was started. */
  starts = 0
  /** Stopped by SIGSTOP. */
  stopped = false
  readonly #folder: string
  readonly #configuration: string
  readonly #port: number
  readonly #process: ProcessOptions
  #child: ChildProcess | undefined

  private constructor(name: string, folder: string, configuration: string, port: number, process: ProcessOptions) {
    this.name = name
    this.url = `http://127.0.0.1:${port}`
    this.#folder = folder
    this.#configuration = configuration
    this.#port = port
    this.#process = process
  }

  static async create(
    name: string,
    folder: string,
    configuration: string,
    process: ProcessOptions = {},
  ): Promise<Gateway> {
    const own = join(folder, name)
    mkdirSync(own)
    return new Gateway(name, own, configuration, await freePort(), process)
  }

  /** Settles when it is ready for requests. @throws when it ends instead, with the last that it said. */
  async start(): Promise<void> {
    const log = join(this.#folder, 'log')
    const { nodeWords = [], environment } = this.#process
    const words = [...nodeWords, main, '--config', this.#configuration, '--port', String(this.#port)]
    const data = { SWITCHYARD_DATA_DIR: join(this.#folder, 'data') }
    const child = startScript(words, { log, environment: { ...data, ...environment } })
    child.stdout?.resume()
    this.#child = child
    this.starts++
    let last = ''
    const ready = async (): Promise<boolean> => {
      if (hasEnded(child)) throw new Error(`${this.name} ended: ${this.#said()}`)
      // a busy machine answers late
      const signal = AbortSignal.timeout(10_000)
      try {
        const response = await fetch(`${this.url}/readyz`, { signal })
        last = `${response.status} ${await response.text()}`
        return response.ok
      } catch (error) {
        last = String((error as Error).cause ?? error)
        return false
      }
    }
    await until(`${this.name} is ready`, 120_000, ready).catch((error: Error) => {
      throw new Error(`${error.message} It answered last: ${last}. ${this.#said()}`)
    })
  }

  /** 0 while it is not running. */
  get pid(): number {
    return this.#child?.pid ?? 0
  }

  async kill(): Promise<void> {
    if (this.#child) await end(this.#child, 'SIGKILL')
  }

  stop(): void {
    this.stopped = true
    this.#child?.kill('SIGSTOP')
  }

  goOn(): void {
    this.stopped = false
    this.#child?.kill('SIGCONT')
  }

  /** Lets it finish what it does. @returns its exit code. */
  async close(): Promise<number | null> {
    if (this.#child === undefined) return null
    await end(this.#child, 'SIGTERM')
    return this.#child.exitCode
  }

  #said(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8').slice(-2_000)
  }
}
