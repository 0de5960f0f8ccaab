import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { between } from '../fleet/seeded-choice.ts'

/** A port that leads to another, slowly. */
export interface DelayedPort extends AsyncDisposable {
  /** The URL with this port in place of its own. */
  readonly url: string
  /** How often it stood still. */
  readonly freezes: number
  /** Passes everything on at once. Default `false`. */
  calm: boolean
}

export interface DelayedPortOptions {
  readonly to: string
  readonly usualPort: number
  readonly random: () => number
  /** The longest delay of each piece, in either direction, in milliseconds. */
  readonly delayMs: number
  /** Stands still for up to so long, every few seconds. */
  readonly freezeMs: number
}

/** Passes on what it gets in its order, each piece late, and at times nothing for a while. */
export async function startDelayedPort(options: DelayedPortOptions): Promise<DelayedPort> {
  const { to, usualPort, random, delayMs, freezeMs } = options
  const target = new URL(to)
  const sockets = new Set<Socket>()
  let frozenUntil = 0
  let freezes = 0
  let calm = false
  const freezing = setInterval(() => {
    if (calm) return
    freezes++
    frozenUntil = performance.now() + random() * freezeMs
  }, 3_000)
  const pass = async (from: Socket, into: Socket): Promise<void> => {
    sockets.add(from)
    from.on('error', () => into.destroy())
    from.on('close', () => {
      sockets.delete(from)
      into.end()
    })
    try {
      for await (const piece of from) {
        if (!calm) await pause(Math.max(between(random, 0, delayMs), frozenUntil - performance.now()))
        if (!into.destroyed && !into.write(piece)) await Promise.race([once(into, 'drain'), once(into, 'close')])
      }
    } catch {
      // whoever broke it, the other side hears of it
    }
    into.end()
  }
  const server = createServer(client => {
    const upstream = connect({ host: target.hostname, port: Number(target.port || usualPort) })
    void pass(client, upstream)
    void pass(upstream, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(to)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    get freezes() {
      return freezes
    },
    get calm() {
      return calm
    },
    set calm(value) {
      calm = value
    },
    async [Symbol.asyncDispose]() {
      clearInterval(freezing)
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
