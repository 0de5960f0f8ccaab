import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a server that can be cut, and can swallow all that is said, as a stopped server does. */
export interface FlakyWay {
  /** The server's URL, by this way. */
  readonly url: string
  /** Ends all connections, and refuses new ones. */
  cut(): void
  /** Takes connections and all that is said, and answers nothing. */
  stall(): void
  /** Says no more of what the server answers, but still passes on what it is asked. */
  deafen(): void
  mend(): void
}

export async function flakyWay(serverUrl: string): Promise<FlakyWay> {
  const server = new URL(serverUrl)
  const pairs = new Set<readonly [Socket, Socket]>()
  let state: 'open' | 'cut' | 'stalled' | 'deaf' = 'open'
  const way = createServer(near => {
    if (state === 'cut') return near.destroy()
    const far = connect(Number(server.port || 5432), server.hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    near.on('data', data => {
      if (state !== 'stalled') far.write(data)
    })
    far.on('data', data => {
      if (state === 'open') near.write(data)
    })
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('error', () => {})
      one.on('close', () => {
        if (state !== 'deaf' && state !== 'stalled') other.destroy()
        pairs.delete(pair)
      })
    }
  })
  way.listen(0, '127.0.0.1')
  await once(way, 'listening')
  const endAll = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  onTestFinished(() => {
    endAll()
    way.close()
  })
  const url = new URL(serverUrl)
  url.hostname = '127.0.0.1'
  url.port = String((way.address() as AddressInfo).port)
  return {
    url: url.href,
    cut() {
      state = 'cut'
      endAll()
    },
    stall() {
      state = 'stalled'
    },
    deafen() {
      state = 'deaf'
    },
    mend() {
      // what was swallowed is gone: these connections can never go on
      if (state !== 'cut') endAll()
      state = 'open'
    },
  }
}
