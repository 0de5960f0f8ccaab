import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// below those that systems give to outgoing connections: a server that restarts finds it free again
const first = 15_000
const last = 32_000

/** A port of 127.0.0.1 that nobody listens on, and hardly anybody will until it is taken. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, last)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
