import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import type { SwitchyardError } from '@switchyard/core/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { createTransport, type Transport, type TransportRequest } from './index.ts'

const ends: (() => unknown)[] = []

afterEach(async () => {
  await Promise.all(ends.splice(0).map(end => end()))
})

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)))
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function transport(...options: Parameters<typeof createTransport>): Transport {
  const made = createTransport(...options)
  ends.push(() => made.dispose())
  return made
}

async function failure(url: string, more: Partial<TransportRequest> = {}, by = transport()): Promise<SwitchyardError> {
  return by.request({ url, method: 'POST', body: '{}', ...more }).then(
    ({ body }) =>
      body.text().then(
        text => expect.fail(`it answered ${text}`),
        error => error,
      ),
    error => error,
  )
}

const silent = (): Server => createServer(socket => void socket.resume())

function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), 'unsent-'))
  ends.push(() => rmSync(directory, { recursive: true }))
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', ...subject], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

describe('a request that never left is told as unsent', () => {
  it('where nothing listens', async () => {
    const server = silent()
    const place = await listen(server)
    await new Promise(resolve => server.close(resolve))
    expect(await failure(`http://${place}`)).toMatchObject({ code: 'ECONNREFUSED', unsent: true })
  })

  it('where the host has no address', async () => {
    expect(await failure('http://no-such-host.invalid')).toMatchObject({ kind: 'network', unsent: true })
  })

  it('where no connection came about in time', async () => {
    const place = await listen(silent())
    const error = await failure(`https://${place}`, { timeouts: { connectMs: 30 }, about: { provider: 'lab' } })
    expect(error).toMatchObject({ kind: 'timeout', phase: 'connect', unsent: true, provider: 'lab' })
  })

  it('where the server speaks no TLS', async () => {
    const place = await listen(createServer(socket => void socket.once('data', () => socket.end('hello\r\n'))))
    expect(await failure(`https://${place}`)).toMatchObject({ kind: 'network', unsent: true })
  })

  it('where its certificate is not trusted', async () => {
    const place = await listen(createTlsServer(selfSigned(), () => expect.fail('it connected')))
    expect(await failure(`https://${place}`)).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', unsent: true })
  })

  it('where the caller left before a socket was free for it, or there', async () => {
    const place = await listen(silent())
    const one = transport({ connections: 1 })
    const first = failure(`http://${place}`, {}, one)
    const controller = new AbortController()
    const second = failure(`http://${place}`, { signal: controller.signal }, one)
    await new Promise(resolve => setTimeout(resolve, 50))
    controller.abort()
    expect(await second).toMatchObject({ kind: 'aborted', unsent: true })
    await one.dispose()
    expect(await first).not.toHaveProperty('unsent')
  })

  it('where the transport is disposed of', async () => {
    const one = transport()
    await one.dispose()
    expect(await failure('http://127.0.0.1:1', {}, one)).toMatchObject({ kind: 'unavailable', unsent: true })
  })
})

describe('a request that may have left is never told as unsent', () => {
  it('where the socket was reset once it had been read', async () => {
    const place = await listen(createServer(socket => void socket.once('data', () => socket.resetAndDestroy())))
    const error = await failure(`http://${place}`)
    expect(error).toMatchObject({ kind: 'network' })
    expect(error).not.toHaveProperty('unsent')
  })

  it('where no headers came in time', async () => {
    const place = await listen(silent())
    const error = await failure(`http://${place}`, { timeouts: { headersMs: 30 } })
    expect(error).toMatchObject({ kind: 'timeout', phase: 'headers' })
    expect(error).not.toHaveProperty('unsent')
  })

  it('where a socket that was kept is closed by the server as it is used again', async () => {
    let calls = 0
    const server = createHttpServer((request, response) => {
      calls++
      if (calls > 1) request.socket.destroy()
      else response.end('ok')
    })
    const place = await listen(server)
    const one = transport()
    const { body } = await one.request({ url: `http://${place}`, method: 'POST', body: '{}' })
    await body.text()
    const error = await failure(`http://${place}`, {}, one)
    expect(error).toMatchObject({ kind: 'network' })
    expect(error).not.toHaveProperty('unsent')
  })

  it('where the answer was cut', async () => {
    const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'
    const place = await listen(createServer(socket => void socket.once('data', () => socket.end(answer))))
    const error = await failure(`http://${place}`)
    expect(error).toMatchObject({ kind: 'network' })
    expect(error).not.toHaveProperty('unsent')
  })
})
