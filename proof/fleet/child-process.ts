import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { tether } from '@switchyard/test-services'

/** Starts a script on this Node; what it says goes to `log`. It dies with us. */
export function startScript(
  words: readonly string[],
  { log, environment = {} }: { readonly log: string; readonly environment?: Readonly<Record<string, string>> },
): ChildProcess {
  const file = openSync(log, 'a')
  const child = spawn(process.execPath, words, {
    stdio: ['pipe', 'pipe', file],
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  })
  closeSync(file)
  tether(child)
  return child
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

/** Sends the signal and waits for the end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

/** Asks again until the answer is yes. @throws when it takes longer than `timeoutMs`. */
export async function until(
  what: string,
  timeoutMs: number,
  holds: () => boolean | Promise<boolean>,
  everyMs = 25,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}.`)
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}
