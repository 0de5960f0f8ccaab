import { once } from 'node:events'
import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'

/** A way to a server that can fall silent without closing. */
export class SilentProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #silent = false

  private constructor(server: Server) {
    this.#server = server
  }

  /** To the Redis at this URL. */
  static async start(url: string): Promise<SilentProxy> {
    const proxy: SilentProxy = new SilentProxy(createServer(socket => proxy.#join(socket, Number(new URL(url).port))))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as { port: number }).port}`
  }

  set silent(silent: boolean) {
    this.#silent = silent
  }

  #join(near: Socket, targetPort: number): void {
    const far = connectSocket(targetPort, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('data', data => {
        if (!this.#silent) to.write(data)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
