import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  createServer as createSocketServer,
  type Socket,
  type Server as SocketServer,
} from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createTransport, type Transport } from './index.ts'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

const transports: Transport[] = []
const servers: (Server | SocketServer)[] = []
const silent = new Set<Socket>()

afterEach(async () => {
  await Promise.all(transports.splice(0).map(transport => transport.dispose()))
  for (const socket of silent) socket.destroy()
  await Promise.all(
    servers.splice(0).map(server => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      return new Promise(resolve => server.close(resolve))
    }),
  )
})

function transport(...options: Parameters<typeof createTransport>): Transport {
  const made = createTransport(...options)
  transports.push(made)
  return made
}

async function listen(server: Server | SocketServer): Promise<string> {
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function serve(listener: Listener): Promise<string> {
  return listen(createServer(listener))
}

// a connection is not there before TLS is, and this server never says its part
function unreachable(onConnection?: (socket: Socket) => void): Promise<string> {
  const server = createSocketServer(socket => {
    silent.add(socket.on('error', () => {}).resume())
    onConnection?.(socket)
  })
  return listen(server).then(url => url.replace('http:', 'https:'))
}

function closing({ socket }: { readonly socket: Socket }): Promise<number> {
  return new Promise(resolve => socket.once('close', () => resolve(performance.now())))
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    error => error,
  )
}

describe('request', () => {
  it('sends method, headers and body, and reads status, headers and body', async () => {
    const url = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.writeHead(201, { 'x-request-id': 'r1', 'set-cookie': ['a=1', 'b=2'] })
      response.end(`${request.method} ${request.url} ${request.headers['x-one']} ${body}`)
    })
    const response = await transport().request({
      url: `${url}/path?query=1`,
      method: 'POST',
      headers: { 'x-one': '1' },
      body: 'hällo',
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('X-Request-Id')).toBe('r1')
    expect(response.headers.get('set-cookie')).toBe('a=1, b=2')
    expect(response.headers.get('absent')).toBeNull()
    expect(await response.body.text()).toBe('POST /path?query=1 1 hällo')
  })

  it('uses a socket again', async () => {
    const ports = new Set<number | undefined>()
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('ok')
    })
    const one = transport()
    for (let i = 0; i < 5; i++) await (await one.request({ url })).body.text()
    // undici frees a socket only after it has told of the answer's end, so two take turns
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it('gives what one socket read held in one read, and pauses the server when nobody reads', async () => {
    let written = 0
    const url = await serve((_, response) => {
      const piece = Buffer.alloc(64 * 1024, 'x')
      const write = (): void => {
        while (written < 64 * 1024 * 1024) {
          written += piece.length
          if (!response.write(piece)) return void response.once('drain', write)
        }
        response.end()
      }
      write()
    })
    const { body } = await transport().request({ url })
    await delay(100)
    expect(written).toBeLessThan(32 * 1024 * 1024)
    let read = 0
    for (let bytes = await body.read(); bytes !== undefined; bytes = await body.read()) read += bytes.length
    expect(read).toBe(64 * 1024 * 1024)
  })

  it('joins the pieces of one packet', async () => {
    const url = await listen(
      createSocketServer(socket =>
        socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n'),
        ),
      ),
    )
    const { body } = await transport().request({ url })
    expect(Buffer.from((await body.read()) ?? []).toString()).toBe('abc')
    expect(await body.read()).toBeUndefined()
  })

  it('reads no more text than the limit, and closes the socket on the rest', async () => {
    let closed: Promise<number> | undefined
    const url = await serve((request, response) => {
      closed = closing(request)
      response.write('x'.repeat(100_000))
    })
    const { body } = await transport().request({ url })
    expect(await body.text(1000)).toBe('x'.repeat(1000))
    await closed
  })

  it('reads what a server compressed unasked', async () => {
    const { gzipSync, brotliCompressSync } = await import('node:zlib')
    const url = await serve((request, response) => {
      const coding = request.url?.slice(1) ?? ''
      response.setHeader('content-encoding', coding)
      if (coding === 'gzip') response.end(gzipSync('hello'.repeat(10_000)))
      else response.end(coding === 'br' ? brotliCompressSync('hello') : 'hello')
    })
    const one = transport()
    expect(await (await one.request({ url: `${url}/gzip` })).body.text()).toBe('hello'.repeat(10_000))
    expect(await (await one.request({ url: `${url}/br` })).body.text()).toBe('hello')
    expect(await failure(one.request({ url: `${url}/zip` }))).toMatchObject({ kind: 'protocol' })
    const about = { provider: 'lab' }
    const lie = await one.request({ url: `${url}/deflate`, about })
    expect(await failure(lie.body.text())).toMatchObject({ kind: 'protocol', provider: 'lab' })
    expect(await failure(one.request({ url: `${url}/zip`, about }))).toMatchObject({ provider: 'lab' })
  })
})

describe('limits', () => {
  it('fails the connect phase and abandons the socket', async () => {
    let closed: Promise<number> | undefined
    const url = await unreachable(socket => {
      closed = closing({ socket })
    })
    const start = performance.now()
    const error = await failure(transport().request({ url, timeouts: { connectMs: 50 } }))
    expect(error).toMatchObject({ kind: 'timeout', phase: 'connect' })
    expect(((await closed) ?? 0) - start).toBeLessThan(500)
  })

  it('fails the headers phase, not the connect phase, of a server that accepts and says nothing', async () => {
    let closed: Promise<number> | undefined
    const url = await serve(request => {
      closed = closing(request)
    })
    const error = await failure(transport().request({ url, timeouts: { connectMs: 2000, headersMs: 40 } }))
    expect(error).toMatchObject({ kind: 'timeout', phase: 'headers' })
    await closed
  })

  it('stops counting at the headers', async () => {
    const url = await serve((_, response) => {
      response.write('a')
      setTimeout(() => response.end('b'), 120)
    })
    const { body } = await transport().request({ url, timeouts: { headersMs: 60 } })
    expect(await body.text()).toBe('ab')
  })

  it('does not count waiting for a free socket as connecting', async () => {
    const url = await serve((_, response) => void setTimeout(() => response.end('ok'), 100))
    const one = transport({ connections: 1 })
    const timeouts = { connectMs: 50, headersMs: 1000 }
    const texts = [1, 2, 3].map(async () => (await one.request({ url, timeouts })).body.text())
    expect(await Promise.all(texts)).toEqual(['ok', 'ok', 'ok'])
  })

  it('limits the opening of a socket for a call that waited for one, and dispose closes it too', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const opened: Socket[] = []
    const url = await unreachable(socket => opened.push(socket))
    const until = async (count: number): Promise<void> => {
      while (opened.length < count) await new Promise(resolve => setImmediate(resolve))
    }
    const one = transport({ connections: 1 })
    const calls = [1, 2, 3].map(() => failure(one.request({ url, timeouts: { connectMs: 50 } })))
    await until(1)
    vi.advanceTimersByTime(50)
    expect(await calls[0]).toMatchObject({ kind: 'timeout', phase: 'connect' })
    await until(2)
    vi.advanceTimersByTime(10_000)
    expect(await calls[1]).toMatchObject({ kind: 'network', code: 'ETIMEDOUT' })
    await until(3)
    const closed = closing({ socket: opened[2] as Socket })
    await one.dispose()
    await closed
    expect(await calls[2]).toMatchObject({ kind: 'aborted' })
  })
})

describe('aborting', () => {
  it('before the call sends nothing', async () => {
    let requests = 0
    const url = await serve((_, response) => {
      requests++
      response.end()
    })
    const signal = AbortSignal.abort()
    expect(await failure(transport().request({ url, signal }))).toMatchObject({ kind: 'aborted' })
    expect(requests).toBe(0)
  })

  it('while connecting closes the half-open socket within 50 ms', async () => {
    const controller = new AbortController()
    let closed!: Promise<number>
    const connected = new Promise<string>(resolve => {
      const url = unreachable(socket => {
        closed = closing({ socket })
        resolve(url)
      })
      void url.then(address => {
        pending = failure(transport().request({ url: address, signal: controller.signal }))
      })
    })
    let pending: Promise<unknown> | undefined
    await connected
    const start = performance.now()
    controller.abort()
    expect(await pending).toMatchObject({ kind: 'aborted' })
    expect((await closed) - start).toBeLessThan(1_000)
  })

  it('before the headers and within the body closes the socket within 50 ms', async () => {
    for (const early of [true, false]) {
      let arrived!: (request: IncomingMessage) => void
      const arrival = new Promise<IncomingMessage>(resolve => {
        arrived = resolve
      })
      const url = await serve((request, response) => {
        arrived(request)
        if (!early) response.write('a')
      })
      const controller = new AbortController()
      const call = transport().request({ url, signal: controller.signal })
      const reading = early ? call : call.then(async ({ body }) => [await body.read(), await body.read()])
      const pending = failure(reading)
      const closed = closing(await arrival)
      await delay(20)
      const start = performance.now()
      controller.abort()
      expect(await pending).toMatchObject({ kind: 'aborted' })
      expect((await closed) - start).toBeLessThan(1_000)
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    }
  })

  it('by cancelling the body closes the socket and settles the pending read', async () => {
    let closed: Promise<number> | undefined
    const url = await serve((request, response) => {
      closed = closing(request)
      response.write('a')
    })
    const one = transport()
    const { body } = await one.request({ url })
    await body.read()
    const pending = failure(body.read())
    const start = performance.now()
    body.cancel()
    expect(await pending).toMatchObject({ kind: 'aborted' })
    expect(((await closed) ?? 0) - start).toBeLessThan(1_000)
    expect(one.inFlight).toBe(0)
  })

  it('after the answer has arrived keeps its unread rest from the caller', async () => {
    const url = await serve((_, response) => response.end('whole'))
    const controller = new AbortController()
    const one = transport()
    const { body } = await one.request({ url, signal: controller.signal })
    while (one.inFlight > 0) await delay(1)
    controller.abort()
    expect(await failure(body.read())).toMatchObject({ kind: 'aborted' })
  })

  it('leaves no listener on the signal after 1000 calls, and no warning', async () => {
    const url = await serve((_, response) => response.end('ok'))
    const warnings: string[] = []
    const onWarning = (warning: Error): number => warnings.push(warning.name)
    process.on('warning', onWarning)
    const { signal } = new AbortController()
    const one = transport()
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          await (await one.request({ url, signal })).body.text()
        }),
      )
    }
    await delay(0)
    process.off('warning', onWarning)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(warnings).toEqual([])
  })
})

describe('failures of the network', () => {
  it('names the place, the code and the cure where nothing listens', async () => {
    const server = createServer()
    const url = await listen(server)
    await new Promise(resolve => server.close(resolve))
    const { host } = new URL(url)
    const error = await failure(transport().request({ url: `${url}/v1?key=secret-key` }))
    expect(error).toMatchObject({ kind: 'network', code: 'ECONNREFUSED' })
    expect((error as Error).message).toBe(
      `Nothing accepts connections at ${host}: is the server running? (ECONNREFUSED)`,
    )
  })

  it('names a host that does not exist', async () => {
    const error = await failure(transport().request({ url: 'http://no-such-host.invalid/' }))
    expect(error).toMatchObject({ kind: 'network' })
    expect((error as Error).message).toContain('no-such-host.invalid:80')
  })

  it('rejects the pending read when the socket is reset, after giving what had arrived', async () => {
    const url = await serve((_, response) => {
      response.write('abc')
      setTimeout(() => response.socket?.resetAndDestroy(), 30)
    })
    const { body } = await transport().request({ url })
    expect(Buffer.from((await body.read()) ?? []).toString()).toBe('abc')
    expect(await failure(body.read())).toMatchObject({ kind: 'network', code: 'ECONNRESET' })
  })

  it('rejects an answer that is cut before its announced end', async () => {
    const url = await listen(
      createSocketServer(socket =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')),
      ),
    )
    const { body } = await transport().request({ url })
    expect(await failure(body.text())).toMatchObject({ kind: 'network' })
  })

  it('calls an answer that is not HTTP a protocol error', async () => {
    const url = await listen(createSocketServer(socket => socket.once('data', () => socket.end('hello\r\n\r\n'))))
    expect(await failure(transport().request({ url }))).toMatchObject({ kind: 'protocol' })
  })

  it('refuses what cannot be sent, and tells no secret', async () => {
    const one = transport()
    const url = await serve((_, response) => response.end())
    const refused = [
      failure(one.request({ url: 'http://user:hidden-word@127.0.0.1/' })),
      failure(one.request({ url: 'hidden-word' })),
      failure(one.request({ url: 'ftp://hidden-word/' })),
      failure(one.request({ url, headers: { authorization: 'Bearer hidden-word\nx: y' } })),
    ]
    for (const error of await Promise.all(refused)) {
      expect(error).toMatchObject({ kind: 'invalid-request' })
      expect(JSON.stringify([(error as Error).message, error])).not.toContain('hidden-word')
    }
  })
})

describe('dispose', () => {
  const slow: Listener = (_, response) => {
    response.write('a')
    setTimeout(() => response.end('b'), 100)
  }

  it('aborts what is in flight, closes idle sockets and refuses later calls', async () => {
    const server = createServer(slow)
    const url = await listen(server)
    const connections = (): Promise<number> => new Promise(done => server.getConnections((_, count) => done(count)))
    const one = transport()
    await (await one.request({ url })).body.text()
    const { body } = await one.request({ url })
    await body.read()
    const connecting = failure(one.request({ url: await unreachable() }))
    const pending = failure(body.read())
    expect(one.inFlight).toBe(2)
    await one.dispose()
    expect(await pending).toMatchObject({ kind: 'aborted' })
    expect(await connecting).toMatchObject({ kind: 'aborted' })
    expect(one.inFlight).toBe(0)
    await delay(20)
    expect(await connections()).toBe(0)
    expect(await failure(one.request({ url }))).toMatchObject({ kind: 'unavailable', message: /disposed/ })
    expect(await failure(one.fetch(url))).toMatchObject({ kind: 'unavailable', message: /disposed/ })
    await one.dispose()
  })

  it('lets what is in flight finish when draining, and takes nothing new meanwhile', async () => {
    const url = await serve(slow)
    const one = transport()
    const reading = one.request({ url }).then(({ body }) => body.text())
    const drained = Promise.all([one.dispose({ drain: true }), one.dispose({ drain: true })])
    expect(await failure(one.request({ url }))).toMatchObject({ kind: 'unavailable' })
    expect(await reading).toBe('ab')
    await drained
  })

  it('stops waiting for the drain when asked again without it', async () => {
    const url = await serve((_, response) => void response.write('a'))
    const one = transport()
    const { body } = await one.request({ url })
    const drained = one.dispose({ drain: true })
    await one.dispose()
    await drained
    expect(await failure(body.text())).toMatchObject({ kind: 'aborted' })
  })

  it('leaves no socket and no timer behind', async () => {
    const url = await serve((_, response) => response.end('ok'))
    const resources = (): number =>
      process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'TCPSocketWrap').length
    await delay(50)
    const before = resources()
    const one = transport()
    await (await one.request({ url, timeouts: { connectMs: 5000, headersMs: 5000 } })).body.text()
    await one.dispose()
    await delay(20)
    expect(resources()).toBeLessThanOrEqual(before)
  })
})
