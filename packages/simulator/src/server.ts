import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Connection } from './delivery.ts'

/** A running HTTP server that knows its sockets. */
export interface RunningServer {
  /** `http://127.0.0.1:41234`. */
  readonly origin: string
  readonly openSockets: number
  /** Called whenever a socket has closed. */
  onSocketClosed: () => void
  close(): Promise<void>
}

export type RequestHandler = (request: IncomingMessage, connection: ServerConnection) => Promise<void>

export async function startServer(handler: RequestHandler, host: string, port: number): Promise<RunningServer> {
  const sockets = new Set<Socket>()
  let closing = false
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    const connection = new ServerConnection(request, response, () => closing)
    handler(request, connection)
      .catch((error: unknown) => connection.fail(error))
      .finally(() => connection.release())
  })
  const running: RunningServer = {
    origin: '',
    get openSockets() {
      return sockets.size
    },
    onSocketClosed: () => {},
    close: () => {
      closing = true
      return closed(server, sockets)
    },
  }
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      running.onSocketClosed()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return Object.assign(running, { origin: `http://${name}:${address.port}` })
}

function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}

/** One request's side of a socket. */
export class ServerConnection implements Connection {
  readonly response: ServerResponse
  readonly id = `req_sim_${randomUUID().replaceAll('-', '')}`
  onClientClosed: () => void = () => {}
  #closed = false
  #resetByUs = false
  readonly #serverCloses: () => boolean
  readonly #socket: Socket
  readonly #waiting = new Set<() => void>()

  constructor(request: IncomingMessage, response: ServerResponse, serverCloses: () => boolean) {
    this.response = response
    this.#serverCloses = serverCloses
    this.#socket = request.socket
    // the client's FIN is seen before the socket is wholly closed
    this.#socket.once('end', this.#close)
    this.#socket.once('close', this.#close)
    this.#socket.on('error', this.#ignore)
  }

  get closed(): boolean {
    return this.#closed
  }

  wait(ms: number): Promise<void> {
    if (ms <= 0 || this.#closed) return Promise.resolve()
    return new Promise(resolve => {
      const over = () => {
        clearTimeout(timer)
        this.#waiting.delete(over)
        resolve()
      }
      const timer = setTimeout(over, ms)
      this.#waiting.add(over)
    })
  }

  gone(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise(resolve => this.#waiting.add(resolve))
  }

  reset(): void {
    this.#resetByUs = true
    this.#socket.resetAndDestroy()
  }

  /** The simulator itself broke: says so, as loudly as HTTP allows. */
  fail(error: unknown): void {
    if (this.#closed || this.response.writableEnded) return
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    if (!this.response.headersSent) this.response.writeHead(500, { 'content-type': 'text/plain' })
    this.response.end(`The simulator failed: ${message}`)
  }

  release(): void {
    this.#socket.off('end', this.#close)
    this.#socket.off('close', this.#close)
    this.#socket.off('error', this.#ignore)
    for (const settle of [...this.#waiting]) settle()
    this.#waiting.clear()
  }

  readonly #ignore = () => {}

  readonly #close = () => {
    if (this.#closed) return
    this.#closed = true
    const byUs = this.#resetByUs || this.#serverCloses()
    if (!byUs && !this.response.writableFinished) this.onClientClosed()
    for (const settle of [...this.#waiting]) settle()
  }
}
