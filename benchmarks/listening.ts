import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { run } from './processes.ts'

/** Starts a server and waits until it answers. */
export async function listening(args: readonly string[], port: number, path: string, env: Record<string, string> = {}) {
  const child = run(args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } })
  const address = `http://127.0.0.1:${port}`
  for (let attempt = 0; attempt < 300; attempt++) {
    await new Promise(resolve => setTimeout(resolve, 100))
    if (child.exitCode !== null) throw new Error(`${args[0]} ended with code ${child.exitCode}`)
    const answer = await fetch(address + path, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return { child, address }
  }
  throw new Error(`${args[0]} did not begin to listen`)
}

export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
