import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a process that ends with this one at the latest. */
export function run(args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(process.execPath, args, options)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Starts a script of this folder and waits for the one line of JSON that it says first. */
export function start(script: string, env: Record<string, string> = {}): Promise<{ child: ChildProcess; said: Said }> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const child = run(['--expose-gc', file], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout as Readable }).on('line', line => {
      if (line.startsWith('{')) resolve({ child, said: JSON.parse(line) })
    })
    child.once('exit', code => reject(new Error(`${script} ended with code ${code} and without a result`)))
  })
}

export type Said = Record<string, number> & { readonly url: string }

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** The middle value; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}
