import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import type { IAIProvider, MessageRequest, SwitchyardError } from '@switchyard/core/contract'
import { createTransport } from '@switchyard/transport'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGemini, createProvider, type GeminiOptions } from './index.ts'

const servers: Server[] = []
const providers: IAIProvider[] = []

afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
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

function provide(baseURL: string, options: Partial<GeminiOptions> = {}): IAIProvider {
  const provider = createGemini({ apiKey: 'AIza-own-0123456789', baseURL, ...options })
  providers.push(provider)
  return provider
}

const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 }
const candidate = (text: string, more: object = {}) => ({
  content: { parts: [{ text }], role: 'model' },
  index: 0,
  ...more,
})
const answer = (text: string, finishReason = 'STOP') => ({
  candidates: [candidate(text, { finishReason })],
  usageMetadata,
  responseId: 'r1',
})

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' })
  response.end(JSON.stringify(body))
}

const event = (body: object) => `data: ${JSON.stringify(body)}\r\n\r\n`

function streamed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(event({ candidates: [candidate('Hel')], responseId: 'r1' }))
  response.end(event(answer('lo')))
}

const question: MessageRequest = { model: 'm', messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 9 }

async function failure(promise: Promise<unknown>): Promise<SwitchyardError> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    error => error,
  )
}

describe('on the wire', () => {
  it("a call is one request of the official SDK, its body the dialect's alone", async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const told = await (await provide(url).sendMessage(question, { traceParent: '00-1-2-01' })).response()
    expect(told).toMatchObject({ model: 'gemini/m', content: [{ type: 'text', text: 'Hello' }], reason: 'stop' })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/models/m:streamGenerateContent?alt=sse',
      headers: {
        'x-goog-api-key': 'AIza-own-0123456789',
        'x-goog-api-client': expect.stringMatching(/^google-genai-sdk\/3\./),
        'content-type': 'application/json',
        traceparent: '00-1-2-01',
      },
    })
    expect(seen[0]?.body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: { maxOutputTokens: 9 },
    })
  })

  it('a whole answer, models, embeddings and token counts are asked for where they are', async () => {
    const { url, seen } = await serve((one, response) => {
      if (one.url?.startsWith('/v1/models?'))
        return json(response, {
          models: [{ name: 'models/m' }],
          ...(!one.url.includes('Token') && { nextPageToken: 'a b' }),
        })
      if (one.url?.endsWith(':batchEmbedContents')) return json(response, { embeddings: [{ values: [0.5] }] })
      if (one.url?.endsWith(':countTokens')) return json(response, { totalTokens: 7 })
      json(response, answer('Hello'))
    })
    const provider = provide(url)
    const whole = await (await provider.sendMessage({ ...question, stream: false })).response()
    expect(whole.content).toEqual([{ type: 'text', text: 'Hello' }])
    expect(await provider.getModels()).toMatchObject([{ id: 'm' }, { id: 'm' }])
    expect(await provider.embed?.({ model: 'e', input: ['a'] })).toMatchObject({ embeddings: [[0.5]] })
    expect(await provider.countTokens?.({ ...question, tools: [{ name: 'f' }] })).toBe(7)
    expect(seen.map(one => `${one.method} ${one.url}`)).toEqual([
      'POST /v1/models/m:generateContent',
      'GET /v1/models?pageSize=1000',
      'GET /v1/models?pageSize=1000&pageToken=a+b',
      'POST /v1/models/e:batchEmbedContents',
      'POST /v1/models/m:countTokens',
    ])
    expect(seen[3]?.body).toEqual({ requests: [{ model: 'models/e', content: { parts: [{ text: 'a' }] } }] })
    expect(Object.keys(seen[4]?.body ?? {})).toEqual(['generateContentRequest'])
  })

  it('nothing of the environment reaches a server, and nothing is written to the console', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    for (const [name, value] of Object.entries({
      GOOGLE_API_KEY: 'leaked',
      GEMINI_API_KEY: 'leaked',
      GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1/leaked',
      GOOGLE_VERTEX_BASE_URL: 'http://127.0.0.1:1/leaked',
      GOOGLE_GENAI_API_VERSION: 'leaked',
      GOOGLE_GENAI_USE_VERTEXAI: 'true',
      GOOGLE_GENAI_USE_ENTERPRISE: 'true',
      GOOGLE_CLOUD_PROJECT: 'leaked',
      GOOGLE_CLOUD_LOCATION: 'leaked',
    }))
      vi.stubEnv(name, value)
    const said = (['log', 'warn', 'error', 'info', 'debug'] as const).map(name => vi.spyOn(console, name))
    await (await provide(url).sendMessage(question)).response()
    expect(JSON.stringify(seen)).not.toContain('leaked')
    expect(seen[0]?.url).toBe('/v1/models/m:streamGenerateContent?alt=sse')
    for (const spy of said) expect(spy).not.toHaveBeenCalled()
  })

  it('a base URL keeps its path, and may name the version of the API', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const ask = async (baseURL: string, options: Partial<GeminiOptions> = {}) => {
      await (await provide(baseURL, options).sendMessage(question)).response()
      return seen.at(-1)?.url?.replace('/models/m:streamGenerateContent?alt=sse', '')
    }
    expect(await ask(`${url}/`)).toBe('/v1')
    expect(await ask(`${url}/v1beta/`)).toBe('/v1beta')
    expect(await ask(`${url}/proxy`)).toBe('/proxy/v1')
    expect(await ask(`${url}/proxy`, { apiVersion: 'v1alpha' })).toBe('/proxy/v1alpha')
    expect(await ask(`${url}/v1`, { apiVersion: 'v1beta' })).toBe('/v1beta')
  })

  it('what the options say goes along', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    await (await provide(url, { headers: { 'x-own': 'mine' } }).sendMessage(question)).response()
    expect(seen[0]?.headers).toMatchObject({ 'x-own': 'mine' })
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

  it("a model's name cannot lead elsewhere", async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url)
    await (await provider.sendMessage({ ...question, model: 'a?b#c' })).response()
    expect(seen[0]?.url).toBe('/v1/models/a%3Fb%23c:streamGenerateContent?alt=sse')
    expect(await failure(provider.sendMessage({ ...question, model: '../../files' }))).toMatchObject({
      kind: 'invalid-request',
    })
    expect(seen).toHaveLength(1)
  })

  it('a model thinks by tokens where it counts them, and by level elsewhere', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url)
    for (const model of ['gemini-2.5-flash', 'models/gemini-2.5-pro', 'gemini-3.8-flash', 'gemini-flash-latest'])
      await (await provider.sendMessage({ ...question, model, reasoningEffort: 'low' })).response()
    const configs = seen.map(one => (one.body.generationConfig as { thinkingConfig: object }).thinkingConfig)
    expect(configs.map(config => Object.keys(config).at(-1))).toEqual([
      'thinkingBudget',
      'thinkingBudget',
      'thinkingLevel',
      'thinkingLevel',
    ])
  })
})

describe('no hidden request', () => {
  it('follows an answer that pauses, streamed or whole', async () => {
    const { url, seen } = await serve((one, response) => {
      const paused = { ...answer('So', 'CONTINUATION') }
      Object.assign(paused.candidates[0] as object, { continuationToken: 'more' })
      if (!one.url?.includes('stream')) return json(response, paused)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(event(paused))
    })
    const provider = provide(url)
    for (const stream of [true, false]) {
      const told = await (await provider.sendMessage({ ...question, stream })).response()
      expect(told).toMatchObject({ reason: 'pause', extra: { gemini: { candidate: { continuationToken: 'more' } } } })
    }
    await provider.dispose({ drain: true })
    expect(seen).toHaveLength(2)
  })

  it('follows a failure', async () => {
    const { url, seen } = await serve((_, response) =>
      json(response, { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }, 503),
    )
    const provider = provide(url)
    expect(await failure(provider.sendMessage(question))).toMatchObject({
      kind: 'overloaded',
      provider: 'gemini',
      model: 'm',
      status: 503,
    })
    await provider.dispose({ drain: true })
    expect(seen).toHaveLength(1)
  })
})

describe('errors', () => {
  it('of a bad key say so, and hold no secret', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }]
    const { url } = await serve((one, response) =>
      json(
        response,
        {
          error: {
            code: 400,
            message: `API key not valid: ${one.headers['x-goog-api-key']}, ${one.headers['x-proxy-token']}`,
            status: 'INVALID_ARGUMENT',
            details,
          },
        },
        400,
      ),
    )
    // words that nothing would know for a key by their looks
    const own = { apiKey: 'plain words', headers: { 'x-proxy-token': 'open sesame' } }
    const error = await failure(provide(url, own).initialize({ verify: true }))
    expect(error).toMatchObject({ kind: 'authentication', status: 400, code: 'API_KEY_INVALID' })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toMatch(/words|sesame/)
  })

  it('of the network and of time are ours, not wrapped by the SDK', async () => {
    const error = await failure(provide('http://127.0.0.1:1').sendMessage(question))
    expect(error).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', provider: 'gemini', model: 'm' })
    const { url } = await serve(() => {})
    const late = failure(provide(url).sendMessage(question, { timeouts: { headersMs: 30 } }))
    expect(await late).toMatchObject({ kind: 'timeout', phase: 'headers', provider: 'gemini', model: 'm' })
  })

  it('of options come at creation, with the cure', () => {
    vi.stubEnv('GEMINI_API_KEY', 'from-the-environment')
    for (const apiKey of ['', '  ', undefined as unknown as string]) {
      expect(() => createProvider({ apiKey })).toThrow(/GEMINI_API_KEY/)
    }
    expect(() => createGemini({ apiKey: 'k', baseURL: 'nowhere' })).toThrow(/baseURL of provider "gemini"/)
    expect(() => createGemini({ apiKey: 'k', id: 'a/b' })).toThrow(/`id`/)
  })

  it('of what the SDK refuses to make tell no secret, and nothing is sent', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url, { headers: { 'x-token': 'hidden-word\nx-injected: 1' } })
    const error = await failure(provider.sendMessage(question))
    expect(error).toMatchObject({ kind: 'invalid-request', provider: 'gemini', model: 'm' })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain('hidden-word')
    expect(seen).toEqual([])
  })
})

describe('an abort', () => {
  it('closes the socket before the headers and in the body', async () => {
    for (const early of [true, false]) {
      let arrived = () => {}
      const arrival = new Promise<void>(resolve => {
        arrived = resolve
      })
      const closed: Promise<void>[] = []
      const { url } = await serve((_, response, request) => {
        closed.push(new Promise(resolve => request.socket.once('close', () => resolve())))
        if (!early) {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write(event({ candidates: [candidate('Hel')], responseId: 'r1' }))
        }
        arrived()
      })
      const controller = new AbortController()
      const call = provide(url).sendMessage(question, { signal: controller.signal })
      const pending = failure(call.then(stream => stream.response()))
      await arrival
      controller.abort()
      expect(await pending).toMatchObject({ kind: 'aborted', provider: 'gemini', model: 'm' })
      await closed[0]
    }
  })

  it('while the SDK is still at work sends nothing', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const controller = new AbortController()
    const pending = failure(provide(url).sendMessage(question, { signal: controller.signal }))
    controller.abort()
    expect(await pending).toMatchObject({ kind: 'aborted' })
    await turn()
    expect(seen).toEqual([])
  })

  it('leaves no listener, nor do calls that end well', async () => {
    const { url } = await serve((_, response) => streamed(response))
    const provider = provide(url)
    const { signal } = new AbortController()
    for (let i = 0; i < 20; i++) await (await provider.sendMessage(question, { signal })).response()
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe('what is known of models', () => {
  it('is asked of the port at every call', () => {
    let window = 1
    const provider = provide('http://127.0.0.1:1', { facts: () => ({ capabilities: { contextWindow: window++ } }) })
    expect(provider.getCapabilities('m')).toMatchObject({ dialect: 'gemini', prefill: false, contextWindow: 1 })
    expect(provider.getCapabilities('m')).toMatchObject({ contextWindow: 2 })
  })
})
