import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { IAIProvider, MessageRequest, SwitchyardError } from '@switchyard/core/contract'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createOpenAI, createProvider, type OpenAIOptions } from './index.ts'

const servers: Server[] = []
const providers: IAIProvider[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(providers.splice(0).map(provider => provider.dispose()))
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
}

async function serve(
  answer: (seen: Seen, response: ServerResponse, request: IncomingMessage) => void,
): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    const { method, url, headers } = request
    const one = { method, url, headers, body: text === '' ? {} : JSON.parse(text) }
    seen.push(one)
    answer(one, response, request)
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen }
}

function provide(baseURL: string, options: Partial<OpenAIOptions> = {}): IAIProvider {
  const provider = createOpenAI({ apiKey: 'sk-own-0123456789', baseURL, ...options })
  providers.push(provider)
  return provider
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'r1' })
  response.end(JSON.stringify(body))
}

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm-1', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

function streamed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(chunk({ role: 'assistant', content: 'Hel' }))
  response.write(chunk({ content: 'lo' }))
  response.write(chunk({}, 'stop'))
  response.end('data: [DONE]\n\n')
}

const question: MessageRequest = { model: 'm', messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 9 }

async function failure(promise: Promise<unknown>): Promise<SwitchyardError> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    error => error,
  )
}

describe('on the wire', () => {
  it('a call is one request of the official SDK', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const answer = await (await provide(url).sendMessage(question, { traceParent: '00-1-2-01' })).response()
    expect(answer).toMatchObject({ model: 'openai/m', content: [{ type: 'text', text: 'Hello' }], reason: 'stop' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/chat/completions',
      headers: {
        authorization: 'Bearer sk-own-0123456789',
        'content-type': 'application/json',
        'x-stainless-lang': 'js',
        traceparent: '00-1-2-01',
      },
      body: { model: 'm', stream: true, max_completion_tokens: 9 },
    })
    expect(seen[0]?.headers['user-agent']).toMatch(/^OpenAI\/JS /)
  })

  it('a whole answer, models and embeddings are read too', async () => {
    const { url, seen } = await serve((one, response) => {
      if (one.url === '/v1/models') return json(response, { object: 'list', data: [{ id: 'm', object: 'model' }] })
      if (one.url === '/v1/embeddings') {
        return json(response, {
          object: 'list',
          model: 'e',
          data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
        })
      }
      const choices = [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }]
      return json(response, { id: 'c1', object: 'chat.completion', created: 1, model: 'm-1', choices })
    })
    const provider = provide(url)
    const answer = await (await provider.sendMessage({ ...question, stream: false })).response()
    expect(answer.content).toEqual([{ type: 'text', text: 'Hello' }])
    expect(await provider.getModels()).toMatchObject([{ id: 'm' }])
    expect(await provider.embed?.({ model: 'e', input: ['a'] })).toMatchObject({ embeddings: [[0.5]] })
    expect(seen.map(one => one.method)).toEqual(['POST', 'GET', 'POST'])
  })

  it('nothing of the environment reaches a server', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/leaked')
    vi.stubEnv('OPENAI_API_KEY', 'leaked-key')
    vi.stubEnv('OPENAI_ADMIN_KEY', 'leaked-admin')
    vi.stubEnv('OPENAI_ORG_ID', 'leaked-organization')
    vi.stubEnv('OPENAI_PROJECT_ID', 'leaked-project')
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-leaked: leaked\nauthorization: leaked\nuser-agent: leaked')
    await (await provide(url).sendMessage(question)).response()
    expect(JSON.stringify(seen)).not.toContain('leaked')
    expect(seen[0]?.headers.authorization).toBe('Bearer sk-own-0123456789')
  })

  it('a tool result is text in chat completions, whatever the tool gave', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const image = { type: 'image', source: { type: 'url', url: 'https://a.example/a.png' } } as const
    const messages: MessageRequest['messages'] = [
      { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'look', input: {} }] },
      { role: 'tool', content: [{ type: 'tool-result', callId: 'c', content: [image] }] },
    ]
    const provider = provide(url, { api: 'chat-completions' })
    const answer = await (await provider.sendMessage({ model: 'm', messages })).response()
    expect(answer.warnings).toMatchObject([{ setting: 'messages[1].content[0].content[0]' }])
    expect(JSON.stringify(seen[0]?.body)).not.toContain('image_url')
  })

  it('metadata is sent with what is stored, and only with that', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url)
    const metadata = { team: 'a' }
    const left = await (await provider.sendMessage({ ...question, metadata })).response()
    expect(left.warnings).toMatchObject([{ setting: 'metadata' }])
    const extra = { 'openai-chat': { store: true } }
    const sent = await (await provider.sendMessage({ ...question, metadata, extra })).response()
    expect(sent.warnings).toBeUndefined()
    expect(seen.map(({ body }) => body.metadata)).toEqual([undefined, metadata])
  })

  it('a base URL keeps its path and its query', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(`${url}/?api-version=7`)
    await (await provider.sendMessage(question)).response()
    expect(seen[0]?.url).toBe('/v1/chat/completions?api-version=7')
  })

  it('what the options say does', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const headers = { 'x-own': 'mine' }
    await (await provide(url, { organization: 'o1', project: 'p1', headers }).sendMessage(question)).response()
    expect(seen[0]?.headers).toMatchObject({ 'openai-organization': 'o1', 'openai-project': 'p1', 'x-own': 'mine' })
  })
})

describe('errors', () => {
  it('never show a secret of the headers', async () => {
    const secret = 'gw-0123456789abcdef'
    const { url } = await serve((_, response) => json(response, { error: { message: `No such key: ${secret}` } }, 401))
    const error = await failure(provide(url, { headers: { 'x-gateway-key': secret } }).sendMessage(question))
    expect(error).toMatchObject({ kind: 'authentication', message: expect.stringContaining('No such key') })
    expect(error.message).not.toContain(secret)
  })

  it('are not retried beneath the caller', async () => {
    const { url, seen } = await serve((_, response) => {
      response.setHeader('x-should-retry', 'true')
      json(response, { error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 429)
    })
    const error = await failure(provide(url).sendMessage(question))
    expect(error).toMatchObject({ kind: 'rate-limit', provider: 'openai', model: 'm', status: 429, requestId: 'r1' })
    await delay(20)
    expect(seen).toHaveLength(1)
  })

  it('of the server are read up to 64 KB, and hold no secret', async () => {
    const { url } = await serve((one, response) => {
      if (one.url?.endsWith('/models')) {
        return json(response, { error: { message: `Incorrect API key: ${one.headers.authorization}` } }, 401)
      }
      response.statusCode = 500
      return response.write('x'.repeat(200_000))
    })
    const provider = provide(url)
    expect(await failure(provider.sendMessage(question))).toMatchObject({ kind: 'unavailable', status: 500 })
    const error = await failure(provider.initialize({ verify: true }))
    expect(error).toMatchObject({ kind: 'authentication', status: 401 })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain('0123456789')
  })

  it('of the network and of time are ours, not wrapped by the SDK', async () => {
    const error = await failure(provide('http://127.0.0.1:1').sendMessage(question))
    expect(error).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', provider: 'openai', model: 'm' })
    const { url } = await serve(() => {})
    const late = failure(provide(url).sendMessage(question, { timeouts: { headersMs: 30 } }))
    expect(await late).toMatchObject({ kind: 'timeout', phase: 'headers', provider: 'openai', model: 'm' })
  })

  it('of options come at creation, with the cure', () => {
    vi.stubEnv('OPENAI_API_KEY', 'from-the-environment')
    for (const apiKey of ['', '  ', undefined as unknown as string]) {
      expect(() => createProvider({ apiKey })).toThrow(/OPENAI_API_KEY/)
    }
    expect(() => createOpenAI({ apiKey: 'k', baseURL: 'nowhere' })).toThrow(/baseURL of provider "openai"/)
    expect(() => createOpenAI({ apiKey: 'k', id: 'a/b' })).toThrow(/`id`/)
  })

  it('of what the SDK refuses to make tell no secret, and nothing is sent', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url, { headers: { 'x-token': 'hidden-word\nx-injected: 1' } })
    const error = await failure(provider.sendMessage(question))
    expect(error).toMatchObject({ kind: 'invalid-request', provider: 'openai', model: 'm' })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain('hidden-word')
    expect(seen).toEqual([])
  })
})

describe('an abort', () => {
  it('closes the socket before the headers and in the body', async () => {
    for (const early of [true, false]) {
      const closed: Promise<number>[] = []
      const { url } = await serve((_, response, request) => {
        closed.push(new Promise(resolve => request.socket.once('close', () => resolve(performance.now()))))
        if (early) return
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(chunk({ content: 'Hel' }))
      })
      const controller = new AbortController()
      const call = provide(url).sendMessage(question, { signal: controller.signal })
      const pending = failure(call.then(stream => stream.response()))
      await delay(40)
      const start = performance.now()
      controller.abort()
      expect(await pending).toMatchObject({ kind: 'aborted', provider: 'openai', model: 'm' })
      expect(((await closed[0]) ?? 0) - start).toBeLessThan(1_000)
    }
  })

  it('leaves no listener, nor do calls that end well', async () => {
    const { url } = await serve((_, response) => streamed(response))
    const provider = provide(url)
    const { signal } = new AbortController()
    for (let i = 0; i < 20; i++) await (await provider.sendMessage(question, { signal })).response()
    expect(getEventListeners(signal, 'abort')).toEqual([])
    const aborted = AbortSignal.abort()
    expect(await failure(provider.sendMessage(question, { signal: aborted }))).toMatchObject({ kind: 'aborted' })
  })
})

describe('what is known of models', () => {
  it('is asked of the port at every call', () => {
    let window = 1
    const provider = provide('http://127.0.0.1:1', { facts: () => ({ capabilities: { contextWindow: window++ } }) })
    expect(provider.getCapabilities('m')).toMatchObject({ prefill: false, contextWindow: 1 })
    expect(provider.getCapabilities('m')).toMatchObject({ contextWindow: 2 })
  })
})
