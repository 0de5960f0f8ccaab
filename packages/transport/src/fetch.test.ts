import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bodyReader, createTransport, type Transport } from './index.ts'

let transport: Transport
const servers: Server[] = []

beforeEach(() => {
  transport = createTransport()
})

afterEach(async () => {
  await transport.dispose()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers with what it was sent. */
function echo(): Promise<string> {
  return serve(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const body = Buffer.concat(pieces).toString()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
  })
}

interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

async function echoed(...parameters: Parameters<Transport['fetch']>): Promise<Echo> {
  return (await (await transport.fetch(...parameters)).json()) as Echo
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    error => error,
  )
}

describe('a response', () => {
  it('is a platform response with status, headers and body', async () => {
    const url = await serve((_, response) => {
      response.writeHead(418, 'Teapot', { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] })
      response.end('{"a":1}')
    })
    const response = await transport.fetch(`${url}/pot`)
    expect(response).toBeInstanceOf(Response)
    expect(response).toMatchObject({
      status: 418,
      statusText: 'Teapot',
      ok: false,
      url: `${url}/pot`,
      redirected: false,
    })
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('X-One')).toBe('1')
    expect(response.bodyUsed).toBe(false)
    const copy = response.clone()
    expect(await response.json()).toEqual({ a: 1 })
    expect(response.bodyUsed).toBe(true)
    expect(await copy.text()).toBe('{"a":1}')
    await expect(response.text()).rejects.toThrow(TypeError)
  })

  it('reads as text, bytes, blob, form and stream', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-type', 'application/x-www-form-urlencoded')
      response.end('a=b')
    })
    expect(await (await transport.fetch(url)).text()).toBe('a=b')
    expect(Buffer.from(await (await transport.fetch(url)).arrayBuffer()).toString()).toBe('a=b')
    expect(Buffer.from(await (await transport.fetch(url)).bytes()).toString()).toBe('a=b')
    expect(await (await (await transport.fetch(url)).blob()).text()).toBe('a=b')
    expect((await (await transport.fetch(url)).formData()).get('a')).toBe('b')
    let text = ''
    for await (const bytes of (await transport.fetch(url)).body ?? []) text += Buffer.from(bytes).toString()
    expect(text).toBe('a=b')
  })

  it('has no body where HTTP allows none', async () => {
    const url = await serve((request, response) => {
      response.statusCode = Number(request.url?.slice(1))
      response.end()
    })
    for (const status of [204, 205, 304]) {
      const response = await transport.fetch(`${url}/${status}`)
      expect(response.status).toBe(status)
      expect(response.body).toBeNull()
      expect(await response.text()).toBe('')
    }
    const head = await transport.fetch(`${url}/200`, { method: 'head' })
    expect(head.body).toBeNull()
  })

  it('streams with backpressure, and closes the socket when the stream is cancelled', async () => {
    let written = 0
    let closed!: Promise<void>
    const url = await serve((request, response) => {
      closed = new Promise(resolve => request.socket.once('close', () => resolve()))
      const piece = Buffer.alloc(64 * 1024)
      const write = (): void => {
        while (!response.destroyed) {
          written += piece.length
          if (!response.write(piece)) return void response.once('drain', write)
        }
      }
      write()
    })
    const response = await transport.fetch(url)
    const reader = response.body?.getReader()
    await reader?.read()
    await delay(100)
    expect(written).toBeLessThan(32 * 1024 * 1024)
    await reader?.cancel()
    await closed
  })

  it('gives its raw body once, to one reader', async () => {
    const url = await serve((_, response) => response.end('abc'))
    const response = await transport.fetch(url)
    const reader = bodyReader(response)
    expect(Buffer.from((await reader.read()) ?? []).toString()).toBe('abc')
    expect(await reader.read()).toBeUndefined()
    expect(() => bodyReader(response)).toThrow(TypeError)
    expect(() => response.body).toThrow(TypeError)
    expect(() => bodyReader(new Response('other'))).toThrow(TypeError)
  })
})

describe('a request', () => {
  it('carries every kind of body with its type and length', async () => {
    const url = await echo()
    const post = (body: NonNullable<RequestInit['body']>): Promise<Echo> =>
      echoed(url, { method: 'POST', body, duplex: 'half' })
    expect(await post('text')).toMatchObject({ body: 'text', headers: { 'content-type': 'text/plain;charset=UTF-8' } })
    expect(await post(new TextEncoder().encode('bytes'))).toMatchObject({
      body: 'bytes',
      headers: { 'content-length': '5' },
    })
    expect(await post(new TextEncoder().encode('buffer').buffer)).toMatchObject({ body: 'buffer' })
    expect(await post(new DataView(new TextEncoder().encode('view').buffer))).toMatchObject({ body: 'view' })
    const form = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }
    expect(await post(new URLSearchParams({ a: 'b c' }))).toMatchObject({ body: 'a=b+c', headers: form })
    expect(await post(new Blob(['blob'], { type: 'text/x' }))).toMatchObject({
      body: 'blob',
      headers: { 'content-type': 'text/x', 'content-length': '4' },
    })
    expect(await post(new Blob(['streamed']).stream())).toMatchObject({
      body: 'streamed',
      headers: { 'transfer-encoding': 'chunked' },
    })
    const data = new FormData()
    data.set('file', new File(['content'], 'name.txt'))
    const sent = await post(data)
    expect(sent.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(sent.body).toContain('filename="name.txt"')
    expect(sent.body).toContain('content')
  })

  it('takes a Request object, which init overrides', async () => {
    const url = await echo()
    const request = new Request(url, { method: 'PUT', headers: { 'x-one': '1' }, body: 'given' })
    expect(await echoed(request)).toMatchObject({ method: 'PUT', body: 'given', headers: { 'x-one': '1' } })
    expect(await echoed(new Request(url), { headers: [['x-two', '2']] })).toMatchObject({ headers: { 'x-two': '2' } })
    expect(await echoed(new URL(`${url}/path?a=b`))).toMatchObject({ method: 'GET', url: '/path?a=b' })
  })

  it('asks for no compression, and refuses a GET with a body', async () => {
    const url = await echo()
    expect(await echoed(url)).toMatchObject({ headers: { accept: '*/*', 'accept-encoding': 'identity' } })
    expect(await failure(transport.fetch(url, { body: 'x' }))).toMatchObject({ kind: 'invalid-request' })
  })
})

describe('redirects', () => {
  it('are followed for GET, with the key to the same origin only', async () => {
    const other = await echo()
    const url = await serve((request, response) => {
      if (request.url === '/same') response.end(request.headers.authorization)
      else response.writeHead(302, { location: request.url === '/here' ? '/same' : `${other}/there` }).end()
    })
    const headers = { authorization: 'Bearer key', 'x-api-key': 'key', cookie: 'a=b', accept: 'text/x' }
    const same = await transport.fetch(`${url}/here`, { headers })
    expect(same.redirected).toBe(true)
    expect(same.url).toBe(`${url}/same`)
    expect(await same.text()).toBe('Bearer key')
    const away = await echoed(`${url}/away`, { headers })
    expect(away.url).toBe('/there')
    expect(away.headers).not.toHaveProperty('authorization')
    expect(away.headers).not.toHaveProperty('x-api-key')
    expect(away.headers).not.toHaveProperty('cookie')
    expect(away.headers.accept).toBe('text/x')
  })

  it('of a POST are given back, and those without end are refused', async () => {
    let posts = 0
    const url = await serve((request, response) => {
      if (request.method === 'POST') posts++
      response.writeHead(307, { location: '/again' }).end()
    })
    expect((await transport.fetch(url, { method: 'POST', body: 'x' })).status).toBe(307)
    expect(posts).toBe(1)
    expect((await transport.fetch(url, { redirect: 'manual' })).status).toBe(307)
    expect(await failure(transport.fetch(url, { redirect: 'error' }))).toMatchObject({ kind: 'protocol' })
    expect(await failure(transport.fetch(url))).toMatchObject({ kind: 'protocol' })
  })
})

describe('an abort', () => {
  it("rejects with the signal's reason before the headers and in the body", async () => {
    const url = await serve((request, response) => {
      if (request.url === '/body') response.write('a')
    })
    const before = new AbortController()
    const pending = failure(transport.fetch(url, { signal: before.signal }))
    await delay(20)
    before.abort()
    expect(await pending).toBe(before.signal.reason)
    expect(before.signal.reason).toHaveProperty('name', 'AbortError')

    const within = new AbortController()
    const response = await transport.fetch(`${url}/body`, { signal: within.signal })
    const text = failure(response.text())
    within.abort(new Error('mine'))
    expect(await text).toBe(within.signal.reason)
    expect(getEventListeners(within.signal, 'abort')).toEqual([])
  })

  it('and limits can be given beside the platform options', async () => {
    const url = await serve(() => {})
    const limited = failure(transport.fetch(url, { switchyard: { headersMs: 30 } }))
    expect(await limited).toMatchObject({ kind: 'timeout', phase: 'headers' })
    const { signal } = new AbortController()
    const own = new AbortController()
    const pending = failure(transport.fetch(url, { signal, switchyard: { signal: own.signal } }))
    await delay(10)
    own.abort()
    expect(await pending).toBe(own.signal.reason)
  })
})

describe('under the official openai SDK', () => {
  function client(baseURL: string): OpenAI {
    return new OpenAI({ apiKey: 'key', baseURL, fetch: transport.fetch, maxRetries: 0, logLevel: 'off' })
  }

  it('whole answers, streams, errors, lists and uploads work', async () => {
    const url = await serve(async (request, response) => {
      let body = ''
      for await (const piece of request) body += piece
      response.setHeader('x-request-id', 'r1')
      response.setHeader('content-type', 'application/json')
      if (request.url === '/models') return response.end('{"object":"list","data":[{"id":"m1"}]}')
      if (request.url === '/files') return response.end(JSON.stringify({ id: 'f1', has: body.includes('line') }))
      const asked = JSON.parse(body)
      if (asked.model === 'none') {
        response.statusCode = 404
        return response.end('{"error":{"message":"no such model","code":"model_not_found"}}')
      }
      if (asked.stream) {
        response.setHeader('content-type', 'text/event-stream')
        response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n')
        return response.end('data: {"choices":[{"index":0,"delta":{"content":"b"}}]}\n\ndata: [DONE]\n\n')
      }
      return response.end('{"choices":[{"message":{"content":"whole"}}]}')
    })
    const sdk = client(url)
    const messages = [{ role: 'user' as const, content: 'hi' }]
    const whole = await sdk.chat.completions.create({ model: 'm', messages })
    expect(whole.choices[0]?.message.content).toBe('whole')
    expect(whole._request_id).toBe('r1')
    let text = ''
    for await (const chunk of await sdk.chat.completions.create({ model: 'm', messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? ''
    }
    expect(text).toBe('ab')
    const error = await failure(sdk.chat.completions.create({ model: 'none', messages }))
    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
    expect(error).toMatchObject({ code: 'model_not_found', requestID: 'r1' })
    expect((await sdk.models.list()).data).toEqual([{ id: 'm1' }])
    const upload = { file: new File(['{"line":1}'], 'batch.jsonl'), purpose: 'batch' as const }
    expect(await sdk.files.create(upload)).toMatchObject({ id: 'f1', has: true })
  })

  it('its abort is its own error, and leaving its stream closes the socket', async () => {
    let closed!: Promise<void>
    const url = await serve((request, response) => {
      closed = new Promise(resolve => request.socket.once('close', () => resolve()))
      response.setHeader('content-type', 'text/event-stream')
      if (request.headers['x-stay'] === undefined) response.write('data: {"choices":[]}\n\n')
    })
    const sdk = client(url)
    const controller = new AbortController()
    const headers = { 'x-stay': '1' }
    const body = { model: 'm', messages: [], stream: true as const }
    const pending = failure(sdk.chat.completions.create(body, { signal: controller.signal, headers }))
    await delay(20)
    controller.abort()
    expect(await pending).toBeInstanceOf(OpenAI.APIUserAbortError)
    for await (const _ of await sdk.chat.completions.create(body)) break
    await closed
  })
})
