import { getEventListeners } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { IAIProvider, MessageRequest, ModelFacts, SwitchyardError } from '@switchyard/core/contract'
import { decodeRequest } from '@switchyard/dialects/ollama-chat'
import { createTransport } from '@switchyard/transport'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createOllama, createProvider, type OllamaOptions } from './index.ts'

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
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

function provide(baseURL: string, options: Partial<OllamaOptions> = {}): IAIProvider {
  const provider = createOllama({ baseURL, ...options })
  providers.push(provider)
  return provider
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(body))
}

const line = (message: object, more: object = { done: false }) =>
  `${JSON.stringify({ model: 'qwen3', created_at: '2026-11-20T12:00:00Z', message, ...more })}\n`

function streamed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.write(line({ role: 'assistant', content: 'Hel' }))
  response.write(line({ role: 'assistant', content: 'lo' }))
  response.end(line({ role: 'assistant', content: '' }, { done: true, done_reason: 'stop', eval_count: 2 }))
}

const question: MessageRequest = { model: 'qwen3', messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 9 }

async function failure(promise: Promise<unknown>): Promise<SwitchyardError> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    error => error,
  )
}

describe('on the wire', () => {
  it('a call is one request of the official client', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const answer = await (await provide(url).sendMessage(question, { traceParent: '00-1-2-01' })).response()
    expect(answer).toMatchObject({
      model: 'ollama/qwen3',
      content: [{ type: 'text', text: 'Hello' }],
      reason: 'stop',
      usage: { output: { text: 2 } },
    })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/api/chat',
      headers: { 'content-type': 'application/json', traceparent: '00-1-2-01' },
      body: {
        model: 'qwen3',
        messages: [{ role: 'user', content: 'hi' }],
        stream: true,
        truncate: false,
        options: { num_ctx: 8192, num_predict: 9 },
      },
    })
    expect(seen[0]?.headers['user-agent']).toMatch(/^ollama-js\/0\.6\.4 /)
    expect(seen[0]?.headers).not.toHaveProperty('authorization')
  })

  it('a whole answer, models and embeddings are read too', async () => {
    const { url, seen } = await serve((one, response) => {
      if (one.url === '/api/tags') return json(response, { models: [{ name: 'qwen3:latest' }, { name: 'small' }] })
      if (one.url === '/api/show') {
        const info = { 'general.architecture': 'q', 'q.context_length': 40_960 }
        return json(response, { capabilities: ['completion', 'tools'], model_info: info })
      }
      if (one.url === '/api/embed') return json(response, { embeddings: [[0.5]] })
      json(response, { message: { role: 'assistant', content: 'Hello' }, done: true, done_reason: 'stop' })
    })
    const provider = provide(url)
    const answer = await (await provider.sendMessage({ ...question, stream: false })).response()
    expect(answer.content).toEqual([{ type: 'text', text: 'Hello' }])
    expect(await provider.getModels()).toMatchObject([
      { id: 'qwen3:latest', contextWindow: 40_960, capabilities: { tools: true, images: false } },
      { id: 'small', contextWindow: 40_960 },
    ])
    expect(await provider.embed?.({ model: 'e', input: ['a'] })).toMatchObject({ embeddings: [[0.5]] })
    expect(seen.map(one => `${one.method} ${one.url} ${one.body.model ?? ''}`)).toEqual([
      'POST /api/chat qwen3',
      'GET /api/tags ',
      'POST /api/show qwen3:latest',
      'POST /api/show small',
      'POST /api/embed e',
    ])
    expect(seen[0]?.body.stream).toBe(false)
  })

  it('nothing of the environment reaches a server', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    vi.stubEnv('OLLAMA_HOST', 'http://127.0.0.1:1/leaked')
    vi.stubEnv('OLLAMA_API_KEY', 'leaked-key')
    await (await provide(url).sendMessage(question)).response()
    expect(JSON.stringify(seen)).not.toContain('leaked')
  })

  it('not even a key for the server of the client’s maker', async () => {
    vi.stubEnv('OLLAMA_API_KEY', 'leaked-key')
    const sent: Record<string, unknown>[] = []
    const request = async (given: Record<string, unknown>) => {
      sent.push(given)
      throw new Error('not sent')
    }
    const transport = { scope: () => ({ request, dispose: async () => {} }) }
    for (const apiKey of [undefined, 'own-key']) {
      const options = { transport: transport as never, ...(apiKey !== undefined && { apiKey }) }
      await failure(provide('https://ollama.com', options).sendMessage(question))
    }
    expect(sent.map(({ url }) => url)).toEqual(['https://ollama.com:443/api/chat', 'https://ollama.com:443/api/chat'])
    expect(JSON.stringify(sent[0])).not.toMatch(/leaked-key|authorization/i)
    expect(JSON.stringify(sent[1])).not.toContain('leaked-key')
    expect(sent[1]).toMatchObject({ headers: { authorization: 'Bearer own-key' } })
  })

  it('what the options say does', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const options = { apiKey: 'own-key', headers: { 'X-Own': 'mine' }, keepAlive: '10m', numCtx: 4096 }
    await (await provide(`${url}/ollama/?tenant=7`, options).sendMessage(question)).response()
    expect(seen[0]).toMatchObject({
      url: '/ollama/api/chat?tenant=7',
      headers: { authorization: 'Bearer own-key', 'x-own': 'mine' },
      body: { keep_alive: '10m', options: { num_ctx: 4096 } },
    })
  })

  it('a transport of others is used, and left open', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const transport = createTransport()
    const shared = vi.spyOn(transport, 'scope')
    const provider = provide(url, { transport })
    expect(shared).toHaveBeenCalledOnce()
    await provider.dispose()
    await (await provide(url, { transport }).sendMessage(question)).response()
    expect(seen).toHaveLength(1)
    await transport.dispose()
  })

  it('a client’s own messages are sent on, and left as they were', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const message = Object.freeze({ role: 'user', content: 'See', images: Object.freeze(['iVBORw0KGgo=']) })
    const { stream: _, ...request } = decodeRequest({ model: 'qwen3', messages: [message] })
    await (await provide(url).sendMessage(request)).response()
    expect(seen[0]?.body.messages).toEqual([message])
  })

  it('an image is never read from disk, not even where its base64 is the path of a file', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const directory = mkdtempSync(join(tmpdir(), 'ollama'))
    // letters, digits and slashes, four by four: base64 as well as a path
    const path = join(directory, 'picture'.padEnd(7 + ((4 - (directory.length % 4)) % 4), 'x'))
    try {
      expect(path).toMatch(/^([A-Za-z0-9/]{4})+$/)
      writeFileSync(path, 'secret of the disk')
      const base64 = { type: 'base64', mediaType: 'image/png', data: path } as const
      const address = { type: 'url', url: path } as const
      const fileAddress = { type: 'url', url: `file://${path}` } as const
      for (const source of [base64, address, fileAddress]) {
        const messages = [{ role: 'user', content: [{ type: 'image', source }] }] as const
        await (await provide(url).sendMessage({ ...question, messages })).response()
      }
    } finally {
      rmSync(directory, { recursive: true })
    }
    expect(seen.map(({ body }) => (body.messages as { images?: string[] }[])[0]?.images)).toEqual([
      [path],
      undefined,
      undefined,
    ])
  })
})

describe('the context that a model is loaded with', () => {
  const windows = async (options: Partial<OllamaOptions>, request: Partial<MessageRequest> = {}) => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url, options)
    await (await provider.sendMessage({ ...question, ...request })).response()
    const { num_ctx: sent } = (seen[0] as Seen).body.options as Record<string, unknown>
    return [sent, provider.getCapabilities('qwen3').contextWindow]
  }
  const facts = (contextWindow: number) => () => ({ capabilities: { contextWindow } })

  it('is what is known of it, bounded, and what its capabilities say', async () => {
    expect(await windows({})).toEqual([8192, 8192])
    expect(await windows({ facts: facts(2048) })).toEqual([2048, 2048])
    expect(await windows({ facts: facts(131_072) })).toEqual([32_768, 32_768])
    expect(await windows({ facts: facts(131_072), numCtx: 65_536 })).toEqual([65_536, 65_536])
    expect(await windows({ facts: () => ({}), numCtx: 65_536 })).toEqual([65_536, 65_536])
  })

  it('is what the request says, where it does', async () => {
    const extra = { 'ollama-chat': { options: { num_ctx: 100_000 } } }
    expect((await windows({ facts: facts(2048) }, { extra }))[0]).toBe(100_000)
  })

  it('is worked out once for the same facts, and anew for others', () => {
    let known: ModelFacts = { capabilities: { contextWindow: 131_072 } }
    const provider = provide('http://127.0.0.1:1', { facts: () => known })
    const first = provider.getCapabilities('qwen3')
    expect(provider.getCapabilities('qwen3')).toBe(first)
    known = { capabilities: { contextWindow: 1024 } }
    expect(provider.getCapabilities('qwen3')).toMatchObject({ contextWindow: 1024, toolChoice: false, audio: false })
  })
})

describe('errors', () => {
  it('name the command that pulls a model that is missing', async () => {
    const { url } = await serve((_, response) => json(response, { error: "model 'qwen3' not found" }, 404))
    const error = await failure(provide(url).sendMessage(question))
    expect(error).toMatchObject({ kind: 'not-found', provider: 'ollama', model: 'qwen3', status: 404 })
    expect(error.message).toBe("ollama/qwen3: model 'qwen3' not found. Pull it with `ollama pull qwen3`.")
    expect((await failure(provide(url).embed?.({ model: 'e', input: ['a'] }) as Promise<unknown>)).message).toContain(
      '`ollama pull e`',
    )
  })

  it('name no model to pull where the address is wrong', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(404, { 'content-type': 'text/plain' })
      response.end('404 page not found')
    })
    const error = await failure(provide(url).sendMessage(question))
    expect(error).toMatchObject({ kind: 'not-found' })
    expect(error.message).toBe('ollama/qwen3: 404 page not found')
    const unverified = await failure(provide(url).initialize({ verify: true }))
    expect(unverified.message).toBe('Provider "ollama" cannot be used: ollama: 404 page not found. Check its base URL.')
  })

  it('say that no server is running, where, and how to start it', async () => {
    const provider = provide('http://127.0.0.1:1')
    const error = await failure(provider.sendMessage(question))
    expect(error).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', provider: 'ollama', model: 'qwen3' })
    expect(error.message).toContain('No Ollama answers at http://127.0.0.1:1: start one with `ollama serve`')
    const unverified = await failure(provider.initialize({ verify: true }))
    expect(unverified.message).toMatch(/^Provider "ollama" cannot be used: .*`ollama serve`/)
  })

  it('are not retried beneath the caller, and tell no secret', async () => {
    const { url, seen } = await serve((one, response) =>
      json(
        response,
        { error: `server busy for ${one.headers.authorization?.slice(7)}, ${one.headers['x-token']}` },
        503,
      ),
    )
    // words that nothing would know for a key by their looks
    const own = { apiKey: 'plain words', headers: { 'x-token': 'open sesame' } }
    const error = await failure(provide(url, own).sendMessage(question))
    expect(error).toMatchObject({ kind: 'overloaded', status: 503 })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toMatch(/words|sesame/)
    await delay(20)
    expect(seen).toHaveLength(1)
  })

  it('in a stream keep what came before, and so does a stream that just ends', async () => {
    for (const [rest, kind] of [
      ['{"error":"server busy"}\n', 'overloaded'],
      ['', 'truncated'],
    ]) {
      const { url } = await serve((_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' })
        response.end(line({ role: 'assistant', content: 'Hel' }) + rest)
      })
      const error = await failure((await provide(url).sendMessage(question)).response())
      expect(error).toMatchObject({ kind, partial: { content: [{ text: 'Hel' }] } })
    }
  })

  it('of options come at creation, with the cure', () => {
    expect(() => createProvider({ baseURL: 'localhost:11434' })).toThrow(/baseURL of provider "ollama"/)
    expect(() => createOllama({ id: 'a/b' })).toThrow(/`id`/)
  })

  it('of time are ours', async () => {
    const { url } = await serve(() => {})
    const late = failure(provide(url).sendMessage(question, { timeouts: { headersMs: 30 } }))
    expect(await late).toMatchObject({ kind: 'timeout', phase: 'headers', provider: 'ollama', model: 'qwen3' })
  })

  it('print nothing', async () => {
    const printed = (['log', 'warn', 'error'] as const).map(name => vi.spyOn(console, name))
    const { url } = await serve((_, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end('not JSON')
    })
    await failure(provide(url).sendMessage(question))
    for (const spy of printed) expect(spy).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})

describe('an abort', () => {
  const calls: Readonly<Record<string, (provider: IAIProvider, signal: AbortSignal) => Promise<unknown>>> = {
    'of a stream': (provider, signal) => provider.sendMessage(question, { signal }).then(stream => stream.response()),
    'of a whole answer': (provider, signal) =>
      provider.sendMessage({ ...question, stream: false }, { signal }).then(stream => stream.response()),
    'of the list of models': (provider, signal) => provider.getModels({ signal }),
    'of embeddings': (provider, signal) =>
      provider.embed?.({ model: 'e', input: ['a'] }, { signal }) as Promise<unknown>,
  }

  it.each(Object.entries(calls))('%s closes its socket, before the headers and in the body', async (_, call) => {
    for (const early of [true, false]) {
      let arrived = () => {}
      const waiting = new Promise<void>(resolve => {
        arrived = resolve
      })
      const closed: Promise<number>[] = []
      const { url } = await serve((one, response, request) => {
        closed.push(new Promise(resolve => request.socket.once('close', () => resolve(performance.now()))))
        if (!early) {
          const type = one.body.stream === true ? 'application/x-ndjson' : 'application/json'
          response.writeHead(200, { 'content-type': type })
          response.write(one.body.stream === true ? line({ role: 'assistant', content: 'Hel' }) : '{')
        }
        arrived()
      })
      const controller = new AbortController()
      const pending = failure(call(provide(url), controller.signal))
      await waiting
      await delay(20)
      const start = performance.now()
      controller.abort()
      expect(await pending).toMatchObject({ kind: 'aborted', provider: 'ollama' })
      expect(((await closed[0]) ?? 0) - start).toBeLessThan(1_000)
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    }
  })
})
