import type { Socket } from 'node:net'
import { Agent, buildConnector, type Dispatcher, Pool } from 'undici'

export interface ConnectionOptions {
  /** The most sockets to one origin; further calls wait. Default: no limit. */
  readonly connections?: number
  /** How long an idle socket is kept, in milliseconds, unless the server says otherwise. Default 4000, as undici. */
  readonly keepAliveMs?: number
}

/** Where an attempt learns which socket is being opened for it. */
export interface ConnectionSeeker {
  connecting(socket: Socket): void
}

// for sockets that nobody's own limit watches: those opened later for a call that waited for a free one
const unwatchedConnectMs = 10_000

/** The sockets of one transport. */
export class Connections {
  readonly #agent: Agent
  readonly #opening = new Set<Socket>()
  #seeker: ConnectionSeeker | undefined

  constructor(options: ConnectionOptions) {
    const open = buildConnector({ timeout: 0, allowH2: false }) as (
      ...parameters: Parameters<buildConnector.connector>
    ) => Socket
    this.#agent = new Agent({
      connections: options.connections ?? null,
      ...(options.keepAliveMs !== undefined && { keepAliveTimeout: options.keepAliveMs }),
      pipelining: 1,
      // for one connection undici would take a client, where one call's failure to connect fails those behind it
      factory: (origin, poolOptions) => new Pool(origin, poolOptions),
      headersTimeout: 0,
      bodyTimeout: 0,
      // aborting one call must close its socket, which calls sharing an HTTP/2 session cannot
      allowH2: false,
      connect: (target, callback) => {
        let watch: NodeJS.Timeout | undefined
        const socket = open(target, (...result) => {
          this.#opening.delete(socket)
          clearTimeout(watch)
          callback(...result)
        })
        this.#opening.add(socket)
        if (this.#seeker !== undefined) this.#seeker.connecting(socket)
        else watch = setTimeout(() => socket.destroy(timedOut()), unwatchedConnectMs)
      },
    })
  }

  /** Sends a request. undici opens a new socket within the call, which is how the attempt learns of its own. */
  dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler & ConnectionSeeker): void {
    this.#seeker = handler
    try {
      this.#agent.dispatch(options, handler)
    } finally {
      this.#seeker = undefined
    }
  }

  /** Closes every socket, at once; resolves when they are closed. */
  async destroy(): Promise<void> {
    const gone = this.#agent.destroy()
    for (const socket of this.#opening) socket.destroy()
    await gone
  }
}

function timedOut(): Error {
  return Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' })
}
