import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type IAIProvider,
  isSwitchyardError,
  type MessageRequest,
  type SwitchyardError,
} from '@switchyard/core/contract'
import { createTransport } from '@switchyard/transport'
import { afterEach, describe, expect, it } from 'vitest'
import { createOpenAICompatible, createProvider, type OpenAICompatibleOptions } from './index.ts'
import { chunk, json, serve } from './server.fixture.ts'

const providers: IAIProvider[] = []

afterEach(async () => {
  await Promise.all(providers.splice(0).map(provider => provider.dispose()))
})

function provide(baseURL: string, options: Partial<OpenAICompatibleOptions> = {}): IAIProvider {
  const provider = createOpenAICompatible({ id: 'lab', baseURL, apiKey: 'sk-lab-0123456789', ...options })
  providers.push(provider)
  return provider
}

function streamed(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(chunk({ role: 'assistant', content: 'Hel' }))
  response.write(chunk({ content: 'lo' }))
  response.write(chunk({}, 'stop'))
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
  response.write(`data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', choices: [], usage })}\n\n`)
  response.end('data: [DONE]\n\n')
}

function wholeAnswer(response: ServerResponse): void {
  const message = { role: 'assistant', content: 'Hello' }
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  json(response, { id: 'c1', object: 'chat.completion', created: 1, model: 'm-1', choices, usage })
}

const question: MessageRequest = { model: 'm', messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 9 }

async function failure(promise: Promise<unknown>): Promise<SwitchyardError> {
  return promise.then(
    () => expect.fail('it should have been refused'),
    error => error,
  )
}

describe('on the wire', () => {
  it('a streamed call is one POST with the key, the headers and the cap in the word that such servers know', async () => {
    const { url, seen } = await serve((_, response) => streamed(response))
    const provider = provide(`${url}/v1/?version=2`, {
      headers: { 'X-Own': 'mine' },
      organization: 'o1',
      project: 'p1',
    })
    const stream = await provider.sendMessage(question, { traceParent: '00-1-2-01' })
    const answer = await stream.response()
    expect(answer).toMatchObject({
      model: 'lab/m',
      content: [{ type: 'text', text: 'Hello' }],
      reason: 'stop',
      usage: { input: { uncached: 5 }, output: { text: 2 } },
    })
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/v1/chat/completions?version=2',
      headers: {
        authorization: 'Bearer sk-lab-0123456789',
        'content-type': 'application/json',
        'x-own': 'mine',
        'openai-organization': 'o1',
        'openai-project': 'p1',
        traceparent: '00-1-2-01',
      },
      body: { model: 'm', stream: true, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
    })
  })

  it('a whole call asks for no stream', async () => {
    const { url, seen } = await serve((_, response) => wholeAnswer(response))
    const provider = provide(url, { outputCapParameter: 'max_completion_tokens' })
    const answer = await (await provider.sendMessage({ ...question, stream: false })).response()
    expect(answer).toMatchObject({ model: 'lab/m', content: [{ type: 'text', text: 'Hello' }] })
    expect(seen[0]?.body).toMatchObject({ max_completion_tokens: 9 })
    expect(seen[0]?.body.stream).not.toBe(true)
    expect(seen[0]?.headers).not.toHaveProperty('openai-organization')
  })

  it('no key is no header', async () => {
    const { url, seen } = await serve((_, response) => wholeAnswer(response))
    for (const apiKey of ['none', '']) {
      const provider = createOpenAICompatible({ id: 'lab', baseURL: url, apiKey })
      providers.push(provider)
      await provider.sendMessage({ ...question, stream: false })
    }
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  })

  it('models and embeddings have their own paths', async () => {
    const { url, seen } = await serve((one, response) => {
      if (one.url?.endsWith('/models'))
        json(response, { object: 'list', data: [{ id: 'm', object: 'model', created: 7 }] })
      else
        json(response, {
          object: 'list',
          model: 'e',
          data: [{ object: 'embedding', index: 0, embedding: [0.5, 1] }],
          usage: { prompt_tokens: 1, total_tokens: 1 },
        })
    })
    const provider = provide(`${url}/v1`)
    expect(await provider.getModels()).toMatchObject([{ id: 'm', created: 7 }])
    expect(await provider.embed?.({ model: 'e', input: ['a'] })).toMatchObject({
      model: 'lab/e',
      embeddings: [[0.5, 1]],
    })
    expect(seen.map(one => `${one.method} ${one.url}`)).toEqual(['GET /v1/models', 'POST /v1/embeddings'])
  })
})

describe('what is known of models', () => {
  it('comes from the options, then the single model, then the catalogue, and shapes the request', async () => {
    const { url, seen } = await serve((_, response) => wholeAnswer(response))
    const provider = provide(url, {
      capabilities: { tools: true, images: false },
      models: {
        m: { capabilities: { images: true, temperature: false }, outputCapParameter: 'max_completion_tokens' },
      },
      facts: (_, model) => (model === 'm' ? { capabilities: { contextWindow: 100, images: false } } : undefined),
    })
    expect(provider.getCapabilities('m')).toMatchObject({
      dialect: 'openai-chat',
      streaming: true,
      tools: true,
      images: false,
      contextWindow: 100,
      audio: 'unknown',
    })
    expect(provider.getCapabilities('n')).toMatchObject({ images: false })
    const stream = await provider.sendMessage({ ...question, stream: false, temperature: 1 })
    expect((await stream.response()).warnings).toMatchObject([{ setting: 'temperature' }])
    expect(seen[0]?.body).not.toHaveProperty('temperature')
    expect(seen[0]?.body).toHaveProperty('max_completion_tokens', 9)
    const strict = failure(provider.sendMessage({ ...question, temperature: 1 }, { strict: true }))
    expect(await strict).toMatchObject({ kind: 'unsupported', provider: 'lab', model: 'm' })
    expect(seen).toHaveLength(1)
  })
})

describe('errors', () => {
  it('carry what the server said, and never a secret', async () => {
    const { url } = await serve((one, response) =>
      json(response, { error: { message: `Bad key ${one.headers.authorization} and ${one.headers['x-token']}` } }, 401),
    )
    const provider = provide(url, { headers: { 'x-token': 'tok-hidden-word' } })
    const error = await failure(provider.sendMessage(question))
    expect(error).toMatchObject({ kind: 'authentication', provider: 'lab', model: 'm', status: 401, requestId: 'r1' })
    expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toMatch(/0123456789|hidden-word/)
    const unverified = await failure(provider.initialize({ verify: true }))
    expect(unverified.message).toMatch(/^Provider "lab" cannot be used: lab: Bad key .* Check its API key\.$/)
    expect('model' in unverified).toBe(false)
  })

  it('of a rate limit say how long to wait', async () => {
    const { url } = await serve((_, response) => {
      response.setHeader('retry-after', '7')
      json(response, { error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 429)
    })
    expect(await failure(provide(url).sendMessage(question))).toMatchObject({ kind: 'rate-limit', retryAfterMs: 7000 })
  })

  it('inside a success count, and so does an answer that just ends', async () => {
    const inBand = await serve((_, response) => json(response, { error: { message: 'overloaded', code: 503 } }))
    expect(isSwitchyardError(await failure(provide(inBand.url).sendMessage(question)))).toBe(true)
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(chunk({ content: 'Hel' }))
    })
    const error = await failure((await provide(cut.url).sendMessage(question)).response())
    expect(error).toMatchObject({ kind: 'truncated', partial: { content: [{ text: 'Hel' }] } })
  })

  it('of options name the option and the cure', () => {
    const create = (options: Partial<OpenAICompatibleOptions>) => () =>
      createProvider({ id: 'lab', baseURL: 'http://127.0.0.1:1', ...options })
    expect(create({ baseURL: 'localhost' })).toThrow(/baseURL of provider "lab" should be an address like/)
    expect(create({ baseURL: 'http://u:hidden@127.0.0.1' })).toThrow(/^(?!.*hidden).*user name or password/)
    expect(create({ id: 'a/b' })).toThrow(/`id`/)
    expect(create({ id: '' })).toThrow(/`id`/)
  })
})

describe('a shared transport', () => {
  it('outlives the provider', async () => {
    const { url } = await serve((_, response) => wholeAnswer(response))
    const transport = createTransport()
    const provider = provide(url, { transport })
    await provider.sendMessage({ ...question, stream: false })
    await provider.dispose()
    expect((await transport.request({ url })).status).toBe(200)
    await transport.dispose()
  })

  it('reuses the socket of a stream that was read to its end', async () => {
    const ports = new Set<number | undefined>()
    const { url } = await serve((_, response) => {
      ports.add(response.socket?.remotePort)
      streamed(response)
    })
    const provider = provide(url)
    for (let i = 0; i < 5; i++) {
      await (await provider.sendMessage(question)).response()
      await delay(5)
    }
    expect(ports.size).toBe(1)
  })
})
