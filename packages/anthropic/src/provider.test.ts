import { getEventListeners } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IAIProvider, MessageRequest, SwitchyardError } from '@switchyard/core/contract'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type AnthropicOptions, createAnthropic, createProvider } from './index.ts'

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

function provide(baseURL: string, options: Partial<AnthropicOptions> = {}): IAIProvider {
  const provider = createAnthropic({ apiKey: 'sk-own-0123456789', baseURL, ...options })
  providers.push(provider)
  return provider
}

function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'r1' })
  response.end(JSON.stringify(body))
}

const event = (data: { readonly type: string; readonly [field: string]: unknown }) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
const message = { id: 'm1', type: 'message', role: 'assistant', model: 'claude', content: [] }
const begun = (text: string) =>
  event({ type: 'message_start', message }) +
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
  event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })

function streamed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(begun('Hello'))
  response.write(event({ type: 'content_block_stop', index: 0 }))
  response.write(event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }))
  response.end(event({ type: 'message_stop' }))
}

const question: MessageRequest = {
  model: 'claude-haiku-5-5',
  messages: [{ role: 'user', content: 'hi' }],
  maxOutputTokens: 9,
}

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
    expect(answer).toMatchObject({
      model: 'anthropic/claude-haiku-5-5',
      content: [{ type: 'text', text: 'Hello' }],
      reason: 'stop',
    })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/messages',
      headers: {
        authorization: 'Bearer sk-own-0123456789',
        'anthropic-version': '2026-10-21',
        'content-type': 'application/json',
        'x-stainless-lang': 'js',
        traceparent: '00-1-2-01',
      },
      body: { model: 'claude-haiku-5-5', stream: true, max_tokens: 9 },
    })
    expect(seen[0]?.headers['user-agent']).toMatch(/^Anthropic\/JS /)
    expect(seen[0]?.headers).not.toHaveProperty('anthropic-beta')
  })

  it('each model is spoken to in the version of its generation', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url)
    const warm = { ...question, temperature: 0.5 }
    const current = await (await provider.sendMessage(warm)).response()
    const older = await (await provider.sendMessage({ ...warm, model: 'claude-sonnet-4-5' })).response()
    expect(current.warnings).toMatchObject([{ setting: 'temperature' }])
    expect(older.warnings).toBeUndefined()
    expect(seen.map(({ headers }) => headers['anthropic-version'])).toEqual(['2026-10-21', '2023-06-01'])
    expect(seen.map(({ body }) => body.temperature)).toEqual([undefined, 0.5])
  })

  it('whole answers, models page by page and counts are read too', async () => {
    const { url, seen } = await serve((one, response) => {
      if (one.url === '/v1/models?limit=1000') json(response, { data: [{ id: 'a' }], has_more: true, last_id: 'a' })
      else if (one.method === 'GET') json(response, { data: [{ id: 'b' }], has_more: false, last_id: 'b' })
      else if (one.url?.endsWith('/count_tokens')) json(response, { input_tokens: 14 })
      else json(response, { ...message, content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn' })
    })
    const provider = provide(url)
    const answer = await (await provider.sendMessage({ ...question, stream: false })).response()
    expect(answer.content).toEqual([{ type: 'text', text: 'Hello' }])
    expect(await provider.getModels()).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(await provider.countTokens?.(question)).toBe(14)
    expect(provider.embed).toBeUndefined()
    expect(seen.map(one => `${one.method} ${one.url}`)).toEqual([
      'POST /v1/messages',
      'GET /v1/models?limit=1000',
      'GET /v1/models?limit=1000&after_id=a',
      'POST /v1/messages/count_tokens',
    ])
    expect(seen[3]?.body).toEqual({ model: 'claude-haiku-5-5', messages: question.messages })
  })

  it('nothing of the environment reaches a server', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const directory = mkdtempSync(join(tmpdir(), 'anthropic-'))
    mkdirSync(join(directory, 'configs'))
    const profile = { base_url: 'http://127.0.0.1:1/leaked', api_key: 'leaked-profile' }
    for (const name of ['default', 'leaked'])
      writeFileSync(join(directory, 'configs', `${name}.json`), JSON.stringify(profile))
    vi.stubEnv('ANTHROPIC_CONFIG_DIR', directory)
    vi.stubEnv('ANTHROPIC_PROFILE', 'leaked')
    vi.stubEnv('ANTHROPIC_BASE_URL', 'http://127.0.0.1:1/leaked')
    vi.stubEnv('ANTHROPIC_API_KEY', 'leaked-key')
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', 'leaked-token')
    vi.stubEnv('ANTHROPIC_CUSTOM_HEADERS', 'x-leaked: leaked\nauthorization: leaked\nuser-agent: leaked')
    // the SDK warns of words that it does not know
    vi.stubEnv('ANTHROPIC_LOG', 'nonsense')
    const spoken = vi.spyOn(console, 'warn')
    await (await provide(url).sendMessage(question)).response()
    rmSync(directory, { recursive: true })
    expect(JSON.stringify(seen)).not.toContain('leaked')
    expect(seen[0]?.headers.authorization).toBe('Bearer sk-own-0123456789')
    expect(spoken).not.toHaveBeenCalled()
  })

  it('a base URL keeps its path and its query, and may end with the version', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    for (const path of ['', '/', '/v1', '/v1/', '/proxy/v1?team=7', '/proxy/?team=7']) {
      await (await provide(url + path).sendMessage(question)).response()
    }
    expect(seen.map(one => one.url)).toEqual([
      '/v1/messages',
      '/v1/messages',
      '/v1/messages',
      '/v1/messages',
      '/proxy/v1/messages?team=7',
      '/proxy/v1/messages?team=7',
    ])
  })

  it('what the options say does', async () => {
    const { url, seen } = await serve((one, response) => {
      if (one.method === 'GET') json(response, { data: [], has_more: false })
      else streamed(response)
    })
    const options = { version: '2023-06-01', betas: ['one', 'two'], headers: { 'x-own': 'mine' } }
    const provider = provide(url, options)
    await (await provider.sendMessage(question)).response()
    await provider.getModels()
    for (const { headers } of seen) {
      expect(headers).toMatchObject({
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'one,two',
        'x-own': 'mine',
      })
    }
  })
})

describe('what headers say of limits', () => {
  it('is told, of refusals too', async () => {
    const date = new Date('2026-11-20T12:00:00Z')
    const { url } = await serve(({ body }, response) => {
      response.setHeader('date', date.toUTCString())
      response.setHeader('anthropic-ratelimit-tokens-limit', '9000')
      response.setHeader('anthropic-ratelimit-tokens-remaining', '0')
      response.setHeader('anthropic-ratelimit-tokens-reset', new Date(date.getTime() + 30_000).toISOString())
      if (body.model === 'claude-busy') json(response, { type: 'error', error: { type: 'rate_limit_error' } }, 429)
      else json(response, { ...message, stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } })
    })
    const heard: unknown[] = []
    const context = { onRateLimits: (limits: unknown) => void heard.push(limits) }
    const provider = provide(url)
    const request = { messages: [{ role: 'user' as const, content: 'Hi' }], stream: false }
    await provider.sendMessage({ ...request, model: 'claude' }, context)
    await expect(provider.sendMessage({ ...request, model: 'claude-busy' }, context)).rejects.toMatchObject({
      kind: 'rate-limit',
    })
    const tokens = { limit: 9_000, remaining: 0, resetMs: 30_000, windowMs: 60_000 }
    expect(heard).toEqual([{ tokens }, { tokens }])
  })
})

describe('errors', () => {
  it('are not retried beneath the caller', async () => {
    const { url, seen } = await serve((_, response) => {
      response.setHeader('x-should-retry', 'true')
      json(response, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 529)
    })
    const error = await failure(provide(url).sendMessage(question))
    expect(error).toMatchObject({ kind: 'overloaded', provider: 'anthropic', status: 529, requestId: 'r1' })
    expect(await failure(provide(url).sendMessage(question))).toMatchObject({ kind: 'overloaded' })
    expect(seen).toHaveLength(2)
  })

  it('of a setting that was left out are told as ours', async () => {
    const { url } = await serve((_, response) => {
      json(response, { type: 'error', error: { type: 'invalid_request_error', message: 'odd' } }, 400)
    })
    const error = await failure(provide(url).sendMessage({ ...question, temperature: 0.5 }))
    expect(error).toMatchObject({ kind: 'invalid-request', altered: true })
  })

  it('of a key hold no secret', async () => {
    const { url } = await serve((one, response) => {
      const error = { type: 'authentication_error', message: `wrong: ${one.headers.authorization}` }
      json(response, { type: 'error', error }, 401)
    })
    const error = await failure(provide(url).initialize({ verify: true }))
    expect(error).toMatchObject({ kind: 'authentication', status: 401 })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain('0123456789')
  })

  it('of options come at creation, with the cure', () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'from-the-environment')
    for (const apiKey of ['', '  ', undefined as unknown as string]) {
      expect(() => createProvider({ apiKey })).toThrow(/ANTHROPIC_API_KEY/)
    }
    expect(() => createAnthropic({ apiKey: 'k', baseURL: 'nowhere' })).toThrow(/baseURL of provider "anthropic"/)
    expect(() => createAnthropic({ apiKey: 'k', id: 'a/b' })).toThrow(/`id`/)
  })

  it('of what the SDK refuses to make tell no secret, and nothing is sent', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(url, { headers: { 'x-token': 'hidden-word\nx-injected: 1' } })
    const error = await failure(provider.sendMessage(question))
    expect(error).toMatchObject({ kind: 'invalid-request', provider: 'anthropic' })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain('hidden-word')
    expect(seen).toEqual([])
  })
})

describe('an abort', () => {
  it('closes the socket before the headers and in the body', async () => {
    for (const early of [true, false]) {
      const closed: Promise<void>[] = []
      let arrive = () => {}
      const arrived = new Promise<void>(resolve => {
        arrive = resolve
      })
      const { url } = await serve((_, response, request) => {
        closed.push(new Promise(resolve => request.socket.once('close', () => resolve())))
        if (!early) {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write(begun('Hel'))
        }
        arrive()
      })
      const controller = new AbortController()
      const call = provide(url).sendMessage(question, { signal: controller.signal })
      const pending = failure(call.then(stream => stream.response()))
      await arrived
      controller.abort()
      expect(await pending).toMatchObject({ kind: 'aborted', provider: 'anthropic' })
      await closed[0]
    }
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
  it('is told by the port, over what the name tells', () => {
    const facts = () => ({ capabilities: { maxOutputTokens: 5 } })
    const provider = provide('http://127.0.0.1:1', { facts })
    expect(provider.getCapabilities('claude-opus-5-5')).toMatchObject({
      dialect: 'anthropic-messages',
      temperature: false,
      maxOutputTokens: 5,
    })
  })
})
