import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { createTransport, type Transport } from './index.ts'

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<Place> {
  const server = createServer(listener)
  const transport = createTransport()
  onTestFinished(async () => {
    await transport.dispose()
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { server, transport, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

interface Place {
  readonly server: Server
  readonly transport: Transport
  readonly url: string
}

const sockets = (server: Server): Promise<number> =>
  new Promise(resolve => server.getConnections((_, count) => resolve(count)))

function starting(one: string, rest: (response: ServerResponse) => void) {
  const seen = new Set<unknown>()
  return {
    seen,
    listener: (request: IncomingMessage, response: ServerResponse) => {
      seen.add(request.socket)
      response.write(one)
      rest(response)
    },
  }
}

it('a released body whose end comes soon leaves its connection to the next call', async () => {
  const { seen, listener } = starting('a', response => void setTimeout(() => response.end('the rest'), 30))
  const { transport, url } = await serve(listener)
  const { signal } = new AbortController()
  for (let call = 0; call < 3; call++) {
    const { body } = await transport.request({ url, signal })
    await body.read()
    body.release?.()
    expect(transport.inFlight).toBe(0)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(await body.read()).toBeUndefined()
    await delay(60)
  }
  expect(seen.size).toBe(1)
})

it('a released body that stalls keeps its socket for a second and no longer', async () => {
  const { listener } = starting('a', () => {})
  const { server, transport, url } = await serve(listener)
  const { body } = await transport.request({ url })
  await body.read()
  body.release?.()
  await delay(300)
  expect(await sockets(server)).toBe(1)
  await delay(1000)
  expect(await sockets(server)).toBe(0)
})

it('a released body that goes on and on loses its socket at once', async () => {
  const piece = 'x'.repeat(20_000)
  const { listener } = starting('a', response => {
    const timer = setInterval(() => response.write(piece), 5)
    response.on('close', () => clearInterval(timer))
  })
  const { server, transport, url } = await serve(listener)
  const { body } = await transport.request({ url })
  await body.read()
  body.release?.()
  await delay(150)
  expect(await sockets(server)).toBe(0)
})

it('dispose neither waits for a released body nor leaves its socket open, in a scope too', async () => {
  const { listener } = starting('a', () => {})
  const { server, transport, url } = await serve(listener)
  for (const scope of [transport.scope(), createTransport()]) {
    const { body } = await scope.request({ url })
    await body.read()
    body.release?.()
    const start = performance.now()
    await scope.dispose({ drain: true })
    expect(performance.now() - start).toBeLessThan(1_000)
    await delay(20)
    expect(await sockets(server)).toBe(0)
  }
})

it('an abort after the release leaves the connection alone', async () => {
  const { listener } = starting('a', response => void setTimeout(() => response.end(), 30))
  const { server, transport, url } = await serve(listener)
  const abort = new AbortController()
  const { body } = await transport.request({ url, signal: abort.signal })
  await body.read()
  body.release?.()
  abort.abort()
  await delay(60)
  expect(await sockets(server)).toBe(1)
})

it('a released body that was compressed ends as quietly', async () => {
  const whole = gzipSync('hello'.repeat(1000))
  const seen = new Set<unknown>()
  const { transport, url } = await serve((request, response) => {
    seen.add(request.socket)
    response.setHeader('content-encoding', 'gzip')
    response.write(whole.subarray(0, 20))
    setTimeout(() => response.end(whole.subarray(20)), 30)
  })
  for (let call = 0; call < 2; call++) {
    const { body } = await transport.request({ url })
    body.release?.()
    await delay(60)
  }
  expect(seen.size).toBe(1)
})
